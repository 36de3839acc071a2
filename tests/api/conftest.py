"""Fixtures of the API tests."""

from collections.abc import Iterator

import pytest

from tests.api.calling import OTHER_ARN, Caller
from tests.api.world import World, standing_world


@pytest.fixture
def world() -> Iterator[World]:
    """A fresh deployment."""
    with standing_world() as standing:
        yield standing


@pytest.fixture
def me() -> Caller:
    """The owner most tests are about."""
    return Caller()


@pytest.fixture
def rival() -> Caller:
    """Another owner of the same account."""
    return Caller(OTHER_ARN)
