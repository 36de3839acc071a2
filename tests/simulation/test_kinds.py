"""Histories of each further channel, and of all channels; `make simulate CHANNELS=…` has thousands."""

import argparse
from collections import Counter

import pytest

from tests.simulation.coverage import aim_at
from tests.simulation.faults import OPERATIONS, Fault, operations_of
from tests.simulation.history import Deploy, live
from tests.simulation.kinds import DECLARED
from tests.simulation.run import kinds_of
from tests.simulation.setting import KINDS
from tests.simulation.shown import every_schedule
from tests.simulation.stories import START, a_story


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", DECLARED)
def test_every_promise_holds_on_each_channel(deploy: Deploy, kind: str, seed: int) -> None:
    assert live(deploy, seed, kinds=[kind]).findings == []


@pytest.mark.parametrize("seed", range(0, 12, 3))
def test_every_promise_holds_with_all_channels(deploy: Deploy, seed: int) -> None:
    assert live(deploy, seed, kinds=KINDS).findings == []


def test_a_seed_with_channels_is_one_history(deploy: Deploy) -> None:
    first, second = (live(deploy, 4, kinds=KINDS) for _ in range(2))
    assert first.calls > 0
    assert (first.story, first.fired, first.hits) == (second.story, second.fired, second.hits)


@pytest.mark.parametrize("kind", DECLARED)
def test_a_post_is_counted_with_its_calls_for_its_channel(deploy: Deploy, kind: str) -> None:
    aim = aim_at((f"{kind} {DECLARED[kind].publishes}", Fault.LOST_ANSWER))
    histories = (live(deploy, seed, aim=aim).figures.counts for seed in range(20))
    counts = next(counts for counts in histories if counts[kind, "unclear"])
    assert {channel for channel, _ in counts} == {kind}
    assert counts[kind, "histories"] == 1
    assert counts[kind, "calls"] > counts[kind, "posts"] > 0
    assert counts[kind, "faults"] >= counts[kind, "unclear"]


@pytest.mark.parametrize("kind", DECLARED)
def test_what_a_channel_shows_names_its_photos_and_its_schedule(deploy: Deploy, kind: str) -> None:
    story = a_story(deploy, kind)
    schedule = story.post(None)
    story.until(START.replace(hour=START.hour + 1))
    [shown] = story.shown
    assert (shown.schedule_id, shown.photo_ids, shown.state) == (schedule.schedule_id, (f"{1:064x}",), "live")
    assert shown.ident == story.now(schedule).external_id
    assert [item.channel for item in every_schedule(story.world)] == [kind]


def test_the_operations_are_those_of_the_channels() -> None:
    assert operations_of(()) == OPERATIONS
    assert set(operations_of(["bluesky"])) >= {"GetObject", *DECLARED["bluesky"].operations}
    assert not [name for name in operations_of(["bluesky"]) if name.startswith(("instagram", "buffer", "cdn"))]
    assert Counter(operations_of(KINDS)) == Counter({*operations_of(KINDS)})


def test_channels_are_named_by_commas() -> None:
    assert kinds_of("threads,instagram") == ("facebook", "instagram", "threads")
    assert kinds_of("all") == KINDS
    with pytest.raises(argparse.ArgumentTypeError, match="no channel myspace"):
        kinds_of("buffer,myspace")
