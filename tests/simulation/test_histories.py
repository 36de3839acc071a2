"""A few seeded histories with every test run; `make simulate` lives through thousands."""

from collections import Counter

import pytest

from tests.simulation.aims import AIMS, CHANNEL_AIMS
from tests.simulation.breaks import RULES, broken
from tests.simulation.coverage import never_hit, table
from tests.simulation.faults import EVERY_FAULT
from tests.simulation.history import Deploy, live
from tests.simulation.mutants import MOST, SEEN_BY_STORIES, search
from tests.simulation.shrink import shrunk, story_of

SEEDS = range(0, 36, 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_promise_holds(deploy: Deploy, seed: int) -> None:
    assert live(deploy, seed).findings == []


def test_a_seed_is_one_history(deploy: Deploy) -> None:
    first, second = live(deploy, 7), live(deploy, 7)
    assert first.calls > 0
    assert (first.story, first.fired, first.hits) == (second.story, second.fired, second.hits)


@pytest.mark.parametrize(
    "rule",
    [
        "look-twice",
        "cancel-is-honoured",
        "claims-are-released",
        "photo-stays-out-for-its-fault",
        "late-goes-to-next-slot",
    ],
)
def test_a_search_that_aims_at_a_broken_rule_notices_it(rule: str) -> None:
    number, findings = search(rule, 0, MOST)
    assert findings, f"nothing in {number} histories"


def test_every_rule_has_an_aim_or_only_stories() -> None:
    assert set(RULES) == set(AIMS) | set(CHANNEL_AIMS) | SEEN_BY_STORIES
    assert not set(AIMS) & SEEN_BY_STORIES


def test_nothing_that_can_happen_is_left_out_of_the_table() -> None:
    met = {(operation, fault, "effect"): 1 for operation, fault in EVERY_FAULT[1:]}
    assert never_hit(Counter(met)) == [EVERY_FAULT[0]]
    row = next(line for line in table(Counter(met)).splitlines() if line.startswith("buffer createPost"))
    assert row.split()[2:] == ["0", "1", "1", "1", "1", "1", "1", "·", "1/0", "·", "1", "1", "1"]


def test_a_finding_is_shrunk_to_a_story(deploy: Deploy) -> None:
    with broken("claims-are-released"):
        seed = next(seed for seed in range(200) if live(deploy, seed).findings)
        whole, short = live(deploy, seed), shrunk(deploy, seed)
    assert short.findings[0].rule == whole.findings[0].rule
    assert len(short.fired) < len(whole.fired)
    assert short.findings[0].words in story_of(short)
