"""Tests that share an expensive fixture run on one worker."""

import pytest


@pytest.mark.xdist_group("distribution")
def test_groups_reach_the_scheduler(request: pytest.FixtureRequest) -> None:
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("this run does not distribute by group")
    assert request.node.nodeid.endswith("@distribution")
