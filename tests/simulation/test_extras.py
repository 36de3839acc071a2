"""Histories with first comments, stories, and photos that lack a rendition; `make simulate ALSO=…` has more."""

from datetime import timedelta

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import CommentState, PostDetails, Schedule, ScheduleStatus
from tests.simulation.faults import Aim, Fault
from tests.simulation.history import Deploy, live
from tests.simulation.oracle import Oracle
from tests.simulation.persons import People
from tests.simulation.setting import add_photo
from tests.simulation.stories import START, Story, a_story, guards

EXTRAS = {"instagram": ("comment", "story"), "bluesky": ("import before", "schedule")}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", EXTRAS)
def test_every_promise_holds_with_extras(deploy: Deploy, kind: str, seed: int) -> None:
    assert live(deploy, seed, kinds=[kind], also=EXTRAS[kind]).findings == []


@pytest.mark.parametrize(
    ("broken", "action", "operation"),
    [
        ("instagram POST comments", "comment", "instagram GET comments"),
        ("instagram POST media_publish", "story", "instagram GET stories"),
    ],
)
def test_an_answer_that_is_lost_is_looked_for(deploy: Deploy, broken: str, action: str, operation: str) -> None:
    aim = Aim((broken, Fault.LOST_ANSWER), (action,), {"acts": 0.99, "kinds *": 0.5}, focused=0.9)
    histories = [live(deploy, seed, aim=aim, also=[action]) for seed in range(4)]
    assert [finding for history in histories for finding in history.findings] == []
    assert any(called == operation for history in histories for called, _, _ in history.hits)


def commented(deploy: Deploy, operation: str, fault: Fault) -> tuple[Story, Schedule, list[str]]:
    """A post whose comment's call meets the fault: the comments that it has, and its schedule."""
    story = a_story(deploy, "facebook")
    story.fails(operation, fault)
    request = PhotoRequest(photo=f"{1:064x}", at=START + timedelta(minutes=30), extras=Extras(first_comment="More."))
    opened: PostDetails = story.world.poster.post(story.persona, request, request_key="one")
    story.until(START + timedelta(hours=2))
    return story, story.now(opened.schedules[0]), [item.text for item in story.world.platforms.world.instagram.comments]


@guards("a-comment-is-made-once")
def test_a_comment_without_an_answer_is_not_made_again(deploy: Deploy) -> None:
    story, schedule, comments = commented(deploy, "instagram POST comments", Fault.LATER)
    calls = story.world.calls.hits
    assert sum(number for (name, _, _), number in calls.items() if name == "instagram POST comments") == 1
    assert (schedule.status, schedule.first_comment) == (ScheduleStatus.SUCCESS, CommentState.MADE)
    assert comments == ["More."]


@pytest.mark.parametrize(
    ("state", "made", "rule"),
    [
        (CommentState.MADE, 0, "comment"),
        (CommentState.NOT_MADE, 1, "comment"),
        (None, 0, "comment"),
        (CommentState.MADE, 2, "one comment"),
        (CommentState.SENDING, 1, "a comment ends"),
    ],
)
def test_what_is_said_of_a_comment_is_checked(deploy: Deploy, state: CommentState | None, made: int, rule: str) -> None:
    story, schedule, _ = commented(deploy, "instagram POST comments", Fault.SLOW)
    assert rules_broken(story) == []
    comments = story.world.platforms.world.instagram.comments
    comments[:] = comments * made
    changed = story.world.stores.schedules.move(schedule, schedule.status, now=START, first_comment=state)
    assert isinstance(changed, Schedule)
    assert rules_broken(story) == [rule]


def rules_broken(story: Story) -> list[str]:
    oracle = Oracle(story.world, story.setting, People(story.world, story.setting))
    oracle.watch()
    return sorted({finding.rule for finding in oracle.findings()})


def test_a_late_import_leaves_the_post_waiting_until_it_has_its_rendition(deploy: Deploy) -> None:
    story = a_story(deploy, "bluesky")
    story.setting.renditions = ("feed",)
    story.world.renditions = ("feed", "compact")
    add_photo(story.world, story.setting, story.persona, 2)
    schedule = story.post(START + timedelta(minutes=30), 2)
    story.until(START + timedelta(hours=2))
    assert story.now(schedule).status is ScheduleStatus.SUCCESS
    assert [shown.photo_ids for shown in story.shown] == [(f"{2:064x}",)]
