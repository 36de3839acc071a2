"""One pair of simulators for the module's tests, and a fresh system for each."""

from collections.abc import Iterator

import pytest

from tests.support.simulated_channels import Bench, fresh, running_bench
from tests.support.system import System, running_system


@pytest.fixture(scope="session")
def bench() -> Iterator[Bench]:
    """The platforms' simulators."""
    with running_bench() as running:
        yield running


@pytest.fixture
def system(bench: Bench) -> Iterator[System]:
    """A fresh deployment at noon, with nothing posted anywhere."""
    with running_system(fresh(bench)) as running:
        yield running
