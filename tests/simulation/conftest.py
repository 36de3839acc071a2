"""Worlds for the tests of the simulation and for the stories of defects."""

from collections.abc import Iterator

import pytest

from tests.simulation.deployment import deployment
from tests.simulation.history import Deploy


@pytest.fixture(scope="module")
def deploy() -> Iterator[Deploy]:
    """Gives worlds one after the other, each as new."""
    with deployment() as begin:
        yield begin
