"""Histories of each further channel, and of all channels; `make simulate CHANNELS=…` has thousands."""

import argparse
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from shutterpost.flows.refusals import TooEarlyToResolve
from shutterpost.flows.syncing.actions import ASK
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.coverage import aim_at
from tests.simulation.faults import OPERATIONS, Fault, operations_of
from tests.simulation.history import Deploy, live
from tests.simulation.kinds import DECLARED
from tests.simulation.run import kinds_of
from tests.simulation.setting import KINDS, add_photo
from tests.simulation.shown import every_schedule, live_url
from tests.simulation.stories import START, a_story, guards


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
    channel = DECLARED[kind].channel
    aim = replace(aim_at((f"{channel} {DECLARED[kind].publishes}", Fault.LOST_ANSWER)), kinds=(kind,))
    histories = (live(deploy, seed, aim=aim).figures.counts for seed in range(20))
    counts = next(counts for counts in histories if counts[channel, "unclear"])
    assert {name for name, _ in counts} == {channel}
    assert counts[channel, "histories"] == 1
    assert counts[channel, "calls"] > counts[channel, "posts"] > 0
    assert counts[channel, "faults"] >= counts[channel, "unclear"]


@pytest.mark.parametrize("kind", DECLARED)
def test_what_a_channel_shows_names_its_photos_and_its_schedule(deploy: Deploy, kind: str) -> None:
    story = a_story(deploy, kind)
    schedule = story.post(None)
    story.until(START + timedelta(hours=1))
    [shown] = story.shown
    assert (shown.schedule_id, shown.photo_ids, shown.state) == (schedule.schedule_id, (f"{1:064x}",), "live")
    assert shown.ident == story.now(schedule).external_id
    assert [item.channel for item in every_schedule(story.world)] == [DECLARED[kind].channel]


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


def test_a_text_that_linkedin_had_before_is_a_question_at_a_member(deploy: Deploy) -> None:
    story = a_story(deploy, "linkedin_member")
    for number in (11, 12):
        add_photo(story.world, story.setting, story.persona, number, caption="The same words.")
    first, second = (story.post(START + timedelta(hours=hours), 10 + hours) for hours in (1, 2))
    story.until(START + timedelta(hours=3))
    assert story.now(first).status is ScheduleStatus.SUCCESS
    assert (story.now(second).status, story.now(second).error_code) == (ScheduleStatus.UNKNOWN, ASK)


@guards("E-not-live-waits")
def test_not_live_is_no_answer_while_linkedin_may_still_take_a_members_post(deploy: Deploy) -> None:
    story = a_story(deploy, "linkedin_member")
    story.fails("linkedin POST posts", Fault.LATER)
    story.world.calls.delay = timedelta(minutes=3)
    schedule = story.post(START + timedelta(minutes=30))
    story.until(START + timedelta(minutes=32))
    assert story.now(schedule).status is ScheduleStatus.UNKNOWN
    assert story.shown == []
    with pytest.raises(TooEarlyToResolve, match="look at the account again after 2026-11-21T05:35"):
        story.world.resolver.resolve(schedule.schedule_id, not_live=True)
    story.until(START + timedelta(minutes=45))
    assert (story.now(schedule).error_code, len(story.shown)) == (ASK, 1)
    story.world.resolver.resolve(schedule.schedule_id, live_url=live_url(story.world, story.now(schedule)))
    story.until(START + timedelta(hours=1))
    assert story.now(schedule).status is ScheduleStatus.SUCCESS


def test_a_person_is_asked_about_a_members_post_once_its_call_has_settled(deploy: Deploy) -> None:
    story = a_story(deploy, "linkedin_member")
    story.fails("linkedin POST posts", Fault.LOST_ANSWER)
    schedule = story.post(START + timedelta(minutes=30))
    story.until(START + timedelta(minutes=34))
    assert (story.now(schedule).status, story.now(schedule).error_code != ASK) == (ScheduleStatus.UNKNOWN, True)
    story.until(START + timedelta(minutes=45))
    assert story.now(schedule).error_code == ASK
    assert len(story.shown) == 1


@guards("A-the-key-is-the-posts")
def test_a_repeat_at_bluesky_makes_no_second_post(deploy: Deploy) -> None:
    _published_once(deploy, "bluesky", "bluesky putRecord")


@guards("C-pictures-tell-the-post")
def test_a_post_at_pixelfed_is_known_by_its_pictures(deploy: Deploy) -> None:
    _published_once(deploy, "pixelfed", "pixelfed POST statuses")


def _published_once(deploy: Deploy, kind: str, operation: str) -> None:
    story = a_story(deploy, kind)
    story.fails(operation, Fault.LOST_ANSWER)
    schedule = story.post(START + timedelta(minutes=30))
    story.until(START + timedelta(hours=2))
    assert story.now(schedule).status is ScheduleStatus.SUCCESS
    assert [shown.ident for shown in story.shown] == [story.now(schedule).external_id]
    assert DECLARED[kind].violations(story.world.platforms.world) == []


def test_a_wait_for_a_circuit_breaker_ends_after_it(deploy: Deploy) -> None:
    # Its end has microseconds, and executions wait for milliseconds: begun too early, they waited without end.
    assert live(deploy, 583, kinds=["x"]).findings == []
