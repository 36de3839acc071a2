"""Worlds for the tests of the simulation and for the stories of defects."""

from collections.abc import Iterator

import pytest

from tests.simulation.history import Deploy
from tests.simulation.world import deployment


@pytest.fixture(scope="module")
def deploy() -> Iterator[Deploy]:
    """Gives worlds one after the other, each as new."""
    with deployment() as begin:
        yield begin
