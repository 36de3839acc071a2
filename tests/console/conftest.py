"""One deployment for each test."""

import pytest

from tests.support.folders import deployed


@pytest.fixture
def world():
    with deployed() as standing:
        yield standing
