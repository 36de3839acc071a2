"""What needs a person, by the overview's rules, and the operations that repair it."""

from datetime import timedelta
from typing import Any

import pytest

from shutterpost.channels import Cause, Connection, ConnectionStatus, catalogue
from shutterpost.flows.overview.needs import Need
from shutterpost.flows.overview.posts import may_need, post_need
from shutterpost.flows.planning.holds import Hold, HoldCause
from shutterpost.flows.posting.successors import Successor
from shutterpost.flows.records.actions import actions_of
from shutterpost.flows.records.calendar import CalendarEntry
from shutterpost.scheduling import PostDetails, PostStatus, Review, ScheduleStatus, Step
from tests.support.builders import NOW, OWNER, a_persona
from tests.support.builders_of_posts import a_post, a_schedule

PERSONA = a_persona(late_grace_minutes=60)
HOUR = timedelta(hours=1)


def needs_at(at: Any, status: str, connection: Connection | None = None, **facts: Any) -> Need | None:
    """What a post that is due at `NOW` needs at `at`."""
    given = {
        "schedule_id": "p1-c1",
        "post_id": "p1",
        "persona_id": PERSONA.persona_id,
        "connection_id": "c1",
        "channel": "instagram",
        "status": status,
        "post_status": PostStatus.SCHEDULED,
        "step": None,
        "run_at": NOW,
        "local_time": NOW,
        "wall_time": "2026-03-01T13:00:00",
        "zone": "Europe/Paris",
        "title": None,
        "caption": "",
        "text": "",
        "hashtags": (),
        "tags": (),
        "photo_ids": ("0" * 64,),
        "photo_names": ("fog.jpg",),
        "external_url": None,
        "error_code": None,
        "error_cause": None,
        "error_message": None,
        "review": None,
        "start_at": NOW - timedelta(minutes=15),
        **facts,
    }
    post = a_post(post_id="p1")
    shared = {name: given[name] for name in ("schedule_id", "connection_id", "step", "review", "error_code")}
    schedule = a_schedule(post, status=ScheduleStatus(status), **shared)
    details = PostDetails(post=post, variants=(), schedules=(schedule,))
    given["actions"] = actions_of(details, [schedule], catalogue(), [])
    return post_need(CalendarEntry.model_validate(given), PERSONA, connection, at)


def repairs(need: Need | None) -> list[str]:
    """The operations of a need's repairs."""
    assert need is not None
    return [repair.operation for repair in need.repairs]


def test_review_is_asked_for_until_its_deadline_and_not_after() -> None:
    veto, approval = Review.VETO, Review.APPROVAL
    early, late = needs_at(NOW - HOUR, "pending", review=veto), needs_at(NOW, "pending", review=approval)

    assert early is not None
    assert late is not None
    assert (early.why, early.until) == ("is published unless it is rejected", NOW - timedelta(minutes=15))
    assert (late.why, late.until) == ("is published only if it is approved", NOW + HOUR)
    assert (repairs(early), repairs(late)) == (["rejectPost"], ["approvePost", "rejectPost"])
    assert needs_at(NOW - timedelta(minutes=15), "pending", review=veto) is None
    assert needs_at(NOW + HOUR, "pending", review=approval) is None


def test_verdict_is_asked_for_only_after_the_last_look() -> None:
    assert needs_at(NOW + HOUR, "unknown") is None
    for code in ("needs-a-person", "word-contradicted"):
        need = needs_at(NOW + HOUR, "unknown", error_code=code)
        assert need is not None
        live, not_live = need.repairs
        assert (live.operation, live.parameters, live.asks) == (
            "resolveSchedule",
            {"schedule_id": "p1-c1"},
            ("live_url",),
        )
        assert (not_live.operation, not_live.body, not_live.asks) == ("resolveSchedule", {"not_live": True}, ())


def test_late_post_is_overdue_unless_it_is_held() -> None:
    held = Hold(cause=HoldCause.PAUSE, because="posting is paused: Holiday.")
    late = needs_at(NOW + HOUR, "queued")

    assert late is not None
    assert (late.why, repairs(late)) == ("overdue", ["syncPersona"])
    waiting = needs_at(NOW + HOUR, "processing", step=Step.HANDED_OVER)
    assert waiting is not None
    assert waiting.why == "overdue: instagram has it and has not sent it; approve or resume it there"
    assert repairs(waiting) == ["getPost", "cancelPost"]
    assert needs_at(NOW + HOUR, "queued", held=held) is None
    assert needs_at(NOW, "queued") is None


@pytest.mark.parametrize("status", ["success", "cancelled", "skipped"])
def test_ended_post_needs_nobody(status: str) -> None:
    assert needs_at(NOW + HOUR, status, error_code="skipped-by-person") is None


@pytest.mark.parametrize("cause", [*Cause, None])
def test_failed_post_is_retried_or_seen_by_its_cause(cause: Cause | None) -> None:
    need = needs_at(NOW, "failed", error_cause=cause, error_code="9", error_message="No.")

    seen = cause in {Cause.PHOTO, Cause.TEXT, Cause.UNKNOWN}
    assert repairs(need) == ["getPost" if seen else "retrySchedule"]
    assert need is not None
    assert need.why == ("failed (9: No.)" if cause is None else f"failed ({cause}, 9: No.)")


def test_failure_of_a_token_that_does_not_work_is_repaired_by_a_new_token() -> None:
    account = Connection(
        connection_id="c1",
        persona_id=PERSONA.persona_id,
        owner=OWNER,
        channel="instagram",
        display_name="Nature",
        account_id="ig-1",
        login="instagram",
        sensitive=True,
        status=ConnectionStatus.ERROR,
        created_at=NOW,
        updated_at=NOW,
    )
    [repair] = needs_at(NOW, "failed", account, error_cause="token").repairs  # type: ignore[union-attr]  # it needs one

    assert (repair.operation, repair.parameters) == ("connectAccount", {"persona_id": account.persona_id})
    assert repair.asks == ("token",)
    assert repair.body == {
        "channel": "instagram",
        "account_id": "ig-1",
        "display_name": "Nature",
        "login": "instagram",
        "sensitive": True,
    }


def test_failed_post_whose_photo_another_post_has_needs_nobody() -> None:
    assert needs_at(NOW, "failed", superseded_by=Successor(post_id="p2", posted=False)) is None


@pytest.mark.parametrize("status", list(ScheduleStatus))
@pytest.mark.parametrize("at", [NOW, NOW + HOUR])
def test_every_post_that_needs_a_person_is_read(status: ScheduleStatus, at: Any) -> None:
    facts: dict[str, Any] = {"error_code": "needs-a-person", "review": Review.APPROVAL}
    schedule = a_schedule(a_post(1), status=status, run_at=NOW)

    assert may_need(schedule, at) or needs_at(at, status, **facts) is None
