"""A few seeded histories with every test run; `make simulate` lives through thousands."""

import pytest

from tests.simulation.history import Deploy, live
from tests.simulation.shrink import shrunk, story_of

SEEDS = range(0, 36, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds(deploy: Deploy, seed: int) -> None:
    assert live(deploy, seed).findings == []


def test_a_seed_is_one_history(deploy: Deploy) -> None:
    first, second = live(deploy, 7), live(deploy, 7)
    assert first.calls > 0
    assert (first.story, first.fired, first.hits) == (second.story, second.fired, second.hits)


def test_a_finding_is_shrunk_to_a_story(deploy: Deploy) -> None:
    from tests.simulation.breaks import broken

    with broken("claims-are-released"):
        seed = next(seed for seed in range(200) if live(deploy, seed).findings)
        whole, short = live(deploy, seed), shrunk(deploy, seed)
    assert short.findings[0].rule == whole.findings[0].rule
    assert len(short.fired) < len(whole.fired)
    assert short.findings[0].words in story_of(short)
