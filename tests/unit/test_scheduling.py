"""States, derived states and lateness of posts."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shutterpost.scheduling import (
    ALLOWED,
    IllegalMove,
    LateAction,
    PostStatus,
    Schedule,
    ScheduleStatus,
    Step,
    Variant,
    VariantStatus,
    check_move,
    late_action,
    post_status,
    variant_status,
)
from shutterpost.scheduling.ids import (
    anywhere_claim_key,
    key_claim_key,
    photo_claim_key,
    post_id_in,
    post_id_of,
    remote_claim_key,
    schedule_id_of,
    slot_claim_key,
    variant_id_of,
)
from tests.support.builders_of_posts import a_post, a_schedule

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TRANSITIONS = {
    "pending": "queued cancelled skipped",
    "queued": "processing pending cancelled skipped",
    "processing": "success failed unknown cancelled queued",
    "unknown": "success failed queued processing",
    "failed": "queued",
    "skipped": "queued",
    "success": "",
    "cancelled": "",
}


@pytest.mark.parametrize("current", list(ScheduleStatus))
@pytest.mark.parametrize("to", list(ScheduleStatus))
def test_check_move_allows_the_transitions_of_the_table(current: ScheduleStatus, to: ScheduleStatus) -> None:
    if to == current or to in TRANSITIONS[current].split():
        check_move(current, to)
    else:
        with pytest.raises(IllegalMove, match=f"from {current} to {to}"):
            check_move(current, to)


@pytest.mark.parametrize(
    ("current", "to", "allowed"),
    [
        (ScheduleStatus.PENDING, ScheduleStatus.SUCCESS, "cancelled, queued, skipped"),
        (ScheduleStatus.SUCCESS, ScheduleStatus.QUEUED, "none, because the schedule has ended"),
    ],
)
def test_a_refused_transition_lists_those_that_are_allowed(
    current: ScheduleStatus, to: ScheduleStatus, allowed: str
) -> None:
    with pytest.raises(IllegalMove, match=rf"from {current} to {to}\. Allowed states: {allowed}\."):
        check_move(current, to)


def test_every_status_is_reachable_from_queued() -> None:
    reached, waiting = set(), [ScheduleStatus.QUEUED]
    while waiting:
        status = waiting.pop()
        if status not in reached:
            reached.add(status)
            waiting += ALLOWED[status]
    assert reached == set(ScheduleStatus)


def schedules(*stands: str) -> list[Schedule]:
    post = a_post()
    steps = {"handed_over": Step.HANDED_OVER, "processing": Step.SUBMITTING}
    return [
        a_schedule(post, status="processing" if stand == "handed_over" else stand, step=steps.get(stand))
        for stand in stands
    ]


@pytest.mark.parametrize(
    ("stands", "status"),
    [
        ((), PostStatus.DRAFT),
        (("queued", "queued"), PostStatus.SCHEDULED),
        (("success", "handed_over"), PostStatus.SCHEDULED),
        (("queued", "processing"), PostStatus.PUBLISHING),
        (("success", "success"), PostStatus.POSTED),
        (("success", "cancelled"), PostStatus.POSTED),
        (("success", "failed"), PostStatus.PARTIALLY_POSTED),
        (("success", "skipped"), PostStatus.PARTIALLY_POSTED),
        (("failed", "cancelled"), PostStatus.FAILED),
        (("cancelled", "cancelled"), PostStatus.CANCELLED),
        (("success", "unknown"), PostStatus.UNKNOWN),
    ],
)
def test_post_status_follows_from_its_schedules(stands: tuple[str, ...], status: PostStatus) -> None:
    assert post_status(a_post(), schedules(*stands)) is status


def test_archived_is_the_one_status_a_person_sets() -> None:
    assert post_status(a_post(archived=True), schedules("success")) is PostStatus.ARCHIVED


@pytest.mark.parametrize(
    ("stands", "facts", "status"),
    [
        ((), {}, VariantStatus.READY),
        ((), {"connection_id": None, "variant_id": "p-v"}, VariantStatus.DRAFT),
        ((), {"photo_ids": ()}, VariantStatus.DRAFT),
        (("cancelled",), {}, VariantStatus.READY),
        (("queued",), {}, VariantStatus.READY),
        (("failed",), {}, VariantStatus.FAILED),
        (("failed", "queued"), {}, VariantStatus.READY),
        (("success", "failed"), {}, VariantStatus.PUBLISHED),
    ],
)
def test_variant_status_follows_from_its_schedules(
    stands: tuple[str, ...], facts: dict[str, Any], status: VariantStatus
) -> None:
    post = a_post()
    given = {"connection_id": "cig", "channel": "instagram", "text": "Calm.", "source": "manual"}
    variant = Variant(post_id=post.post_id, owner=post.owner, **({"photo_ids": post.photo_ids} | given | facts))
    assert variant_status(variant, schedules(*stands), min_pictures=1) is status


@pytest.mark.parametrize(
    ("minutes", "then", "action"),
    [
        (0, "next_slot", LateAction.START),
        (60, "skip", LateAction.START),
        (61, "skip", LateAction.SKIP),
        (61, "next_slot", LateAction.NEXT_SLOT),
    ],
)
def test_late_post_goes_out_within_grace_and_then_follows_the_policy(
    minutes: int, then: str, action: LateAction
) -> None:
    now = NOON + timedelta(minutes=minutes)
    assert late_action(run_at=NOON, now=now, grace=timedelta(hours=1), then=then) is action


def test_keys_of_claims_are_those_of_stored_claims() -> None:
    assert photo_claim_key("photo", "connection", 2) == "CLAIM#PHOTO#photo#connection#2"
    assert anywhere_claim_key("photo", "owner", 1) == "CLAIM#ANYWHERE#photo#owner#1"
    assert slot_claim_key("nature", NOON) == "CLAIM#SLOT#nature#2026-11-21T12:00:00.000Z"
    assert slot_claim_key("nature", NOON, "c1") == "CLAIM#SLOT#nature#2026-11-21T12:00:00.000Z#c1"
    assert remote_claim_key("buffer", "42") == "CLAIM#REMOTE#buffer#42"
    assert key_claim_key("owner", "key") == "CLAIM#KEY#owner#key"


def test_ids_of_posts_and_schedules_are_those_of_stored_ones() -> None:
    assert post_id_of("nature", "slot 1") == "p" + hashlib.sha256(b"nature\nslot 1").hexdigest()[:16]
    assert schedule_id_of("p1", "c1") == "p1-c1"
    assert variant_id_of("p1", "key") == "p1-v" + hashlib.sha256(b"key").hexdigest()[:12]
    assert post_id_in("p1-c1-2") == "p1"
