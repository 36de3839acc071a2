"""What a post and its schedules allow, in each status and step."""

from typing import Any

import pytest

from shutterpost.channels import catalogue
from shutterpost.flows.records.actions import actions_of
from shutterpost.scheduling import PostDetails, Review, Schedule, ScheduleStatus, Step
from tests.support.builders_of_posts import a_post, a_schedule

WAITS = {"movePost", "swapPosts", "cancelPost", "publishNow", "skipSchedule"}
BEGUN, HANDED_OVER = {"movePost", "cancelPost", "publishNow"}, {"movePost", "cancelPost", "publishNow"}
UNDECIDED = {"error_code": "needs-a-person"}


def operations(*schedules: Schedule, archived: bool = False, superseded: bool = False) -> list[str]:
    """What a post of these schedules allows; the post's calls name the post, the others a schedule."""
    details = PostDetails(post=a_post(archived=archived), variants=(), schedules=schedules)
    taken = [schedule.schedule_id for schedule in schedules] if superseded else []
    calls = actions_of(details, schedules, catalogue(), taken)
    for call in calls:
        [(name, value)] = call.parameters.items()
        known = {"post_id": {details.post.post_id}, "schedule_id": {item.schedule_id for item in schedules}}
        assert value in known[name]
    return [call.operation for call in calls]


def only(status: str, **facts: Any) -> Schedule:
    return a_schedule(a_post(), status=ScheduleStatus(status), **facts)


@pytest.mark.parametrize(
    ("schedule", "allowed"),
    [
        (only("queued"), WAITS),
        (only("pending"), WAITS),
        (only("pending", review=Review.APPROVAL), WAITS | {"approvePost", "rejectPost"}),
        (only("pending", review=Review.VETO), WAITS | {"approvePost", "rejectPost"}),
        (only("queued", step=Step.BEGUN), BEGUN),
        (only("processing", step=Step.BEGUN), BEGUN),
        (only("processing", step=Step.PREPARED), BEGUN),
        (only("processing", step=Step.SUBMITTING), BEGUN),
        (only("processing", step=Step.SUBMITTING, channel="bluesky"), BEGUN),
        (only("processing", step=Step.SUBMITTING, channel="buffer"), {"cancelPost"}),
        (only("processing", step=Step.READY), BEGUN),
        (only("processing", step=Step.PUBLISHING), {"cancelPost"}),
        (only("processing", step=Step.PUBLISHED), {"cancelPost"}),
        (only("processing", step=Step.HANDED_OVER), HANDED_OVER),
        (only("processing", step=Step.HANDED_OVER, cancel_requested=True), set()),
        (only("unknown"), set()),
        (only("unknown", **UNDECIDED), {"resolveSchedule"}),
        (only("success"), set()),
        (only("success", external_id="9"), {"removeLivePost"}),
        (only("success", external_id="9", removed_at=a_schedule(a_post()).run_at), set()),
        (only("failed"), {"retrySchedule"}),
        (only("skipped"), {"retrySchedule"}),
        (only("cancelled"), set()),
    ],
    ids=lambda value: f"{value.status}-{value.step}-{value.channel}" if isinstance(value, Schedule) else "",
)
def test_a_schedule_allows_what_its_status_and_step_do(schedule: Schedule, allowed: set[str]) -> None:
    assert set(operations(schedule)) == allowed


@pytest.mark.parametrize("status", list(ScheduleStatus))
@pytest.mark.parametrize("step", [None, *Step])
def test_every_status_has_its_actions_and_an_ended_one_is_only_retried_or_removed(
    status: ScheduleStatus, step: Step | None
) -> None:
    schedule = only(status, step=step)
    ended = {"retrySchedule", "removeLivePost"}
    assert schedule.is_open or set(operations(schedule)) <= ended


def test_both_verdicts_are_offered_and_only_once_sync_has_looked() -> None:
    schedule = only("unknown", **UNDECIDED)
    calls = actions_of(PostDetails(post=a_post(), variants=(), schedules=(schedule,)), [schedule], catalogue(), [])
    assert [(call.body, call.asks) for call in calls] == [({}, ("live_url",)), ({"not_live": True}, ())]
    assert operations(only("unknown", error_code="sent-unclear")) == []


def test_a_post_moves_with_all_of_its_schedules_or_not_at_all() -> None:
    waits = only("queued")
    later = waits.model_copy(update={"schedule_id": "p-c2", "run_at": waits.run_at.replace(hour=20)})
    unclear = waits.model_copy(update={"schedule_id": "p-c2", "status": ScheduleStatus.UNKNOWN})
    live = waits.model_copy(update={"schedule_id": "p-c2", "status": ScheduleStatus.SUCCESS})
    approved = only("pending", review=Review.APPROVAL)

    assert "movePost" in operations(waits, live)
    assert "swapPosts" in operations(waits, live)
    assert operations(waits, unclear) == ["cancelPost", "publishNow", "skipSchedule"]
    assert "swapPosts" not in operations(waits, later)
    assert "rejectPost" not in operations(approved, later)


def test_a_failure_is_not_retried_if_its_photo_is_gone_or_its_post_archived() -> None:
    assert operations(only("failed"), superseded=True) == []
    assert operations(only("skipped"), archived=True) == []
