"""The operator's actions on schedules, and the pause switch, through the API."""

from typing import Any

import pytest

from shutterpost.scheduling import Schedule, ScheduleStatus, StaleWrite, Step
from tests.api.calling import Caller
from tests.api.world import SYNC_ARN, World

LIVE_URL = "https://www.instagram.com/p/ABC/"


def planned(world: World, me: Caller, at: str | None = "2026-12-01T09:00:00") -> tuple[str, str]:
    """A persona and its one schedule."""
    persona_id, _, _ = world.ready(me)
    body = {"photo": "fog.jpg", **({"at": at} if at else {})}
    post = me.post(f"/personas/{persona_id}/posts", body).body
    return persona_id, post["schedules"][0]["schedule_id"]


def moved(world: World, schedule_id: str, *path: ScheduleStatus, **changes: Any) -> Schedule:
    """The schedule after a chain has moved it along `path`."""
    schedules = world.services.schedules
    schedule = schedules.get(schedule_id)
    for to in path:
        after = schedules.move(schedule, to, now=world.clock.now(), **(changes if to is path[-1] else {}))
        assert not isinstance(after, StaleWrite)
        schedule = after
    return schedule


def test_a_failed_schedule_is_retried_and_a_waiting_one_is_not(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me, at=None)
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED, error_code="x", error_class="permanent")
    answer = me.post(f"/schedules/{schedule_id}/retry", {})
    assert (answer.status, answer.body["status"], answer.body["revision"]) == (202, "queued", 2)
    assert world.executions.started[-1] == f"{schedule_id}-2"
    assert me.post(f"/schedules/{schedule_id}/retry", {}).problem() == (409, "nothing-to-retry")


def test_a_retry_may_name_a_time_ahead(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me, at=None)
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED)
    past = me.post(f"/schedules/{schedule_id}/retry", {"at": "2020-01-01T09:00:00"})
    later = me.post(f"/schedules/{schedule_id}/retry", {"at": "2026-12-05T09:00:00", "zone": "UTC"})
    assert past.problem() == (422, "time-in-past")
    assert later.body["run_at"] == "2026-12-05T09:00:00Z"
    assert world.timers() == [f"{schedule_id}-2"]


def test_a_persona_is_retried_by_class_of_error(world: World, me: Caller) -> None:
    persona_id, schedule_id = planned(world, me)
    failed = (ScheduleStatus.PROCESSING, ScheduleStatus.FAILED)
    moved(world, schedule_id, *failed, error_code="25/2207050", error_class="permanent")
    other = me.post(f"/personas/{persona_id}/retry", {"error_class": "retryable"})
    mine = me.post(f"/personas/{persona_id}/retry", {"error_class": "permanent", "error_code": "25/2207050"})
    assert other.body == {"retried": [], "refused": [], "cursor": None}
    assert mine.body["retried"] == [schedule_id]
    wrong = me.post(f"/personas/{persona_id}/retry", {"error_class": "bad", "limit": 1000})
    assert set(wrong.broken()) == {"error_class", "limit"}


def test_a_bulk_retry_lists_what_it_refused_and_continues_by_page(world: World, me: Caller) -> None:
    persona_id, schedule_id = planned(world, me)
    connection_id = schedule_id.partition("-")[2]
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.FAILED)
    world.photo(persona_id, "rain.jpg")
    me.post(f"/personas/{persona_id}/posts", {"photo": "rain.jpg", "at": "2026-12-02T09:00:00"})
    me.delete(f"/personas/{persona_id}/connections/{connection_id}")
    first = me.post(f"/personas/{persona_id}/retry", {"limit": 1})
    second = me.post(f"/personas/{persona_id}/retry", {"limit": 1, "cursor": first.body["cursor"]})
    assert first.body["refused"] == []
    assert [item["kind"] for item in second.body["refused"]] == ["connection-not-connected"]
    lost = me.post(f"/personas/{persona_id}/retry", {"cursor": "nowhere"})
    assert lost.problem() == (422, "cursor-invalid")


def test_a_waiting_schedule_is_skipped_with_a_reason(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me)
    answer = me.post(f"/schedules/{schedule_id}/skip", {"reason": "Not this week."})
    assert (answer.status, answer.body["status"]) == (200, "skipped")
    assert answer.body["error_message"] == "Not this week."
    assert me.post(f"/schedules/{schedule_id}/skip", {}).problem() == (409, "nothing-to-skip")


@pytest.mark.parametrize(
    ("verdict", "stored"), [({"live_url": LIVE_URL}, ("live", LIVE_URL)), ({"not_live": True}, ("not_live", None))]
)
def test_a_verdict_on_an_unknown_outcome_is_stored_and_applied_by_sync(
    world: World, me: Caller, verdict: dict[str, Any], stored: tuple[str, str | None]
) -> None:
    persona_id, schedule_id = planned(world, me, at=None)
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN)
    answer = me.post(f"/schedules/{schedule_id}/resolve", verdict)
    assert (answer.status, answer.body["status"]) == (202, "unknown")
    assert (answer.body["told"], answer.body["told_url"]) == stored
    assert world.functions.started[-1] == (SYNC_ARN, {"job": "sync", "persona_id": persona_id})


def test_a_verdict_is_live_with_an_address_or_not_live(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me)
    path = f"/schedules/{schedule_id}/resolve"
    assert me.post(path, {}).problem() == (422, "address-invalid")
    assert me.post(path, {"live_url": LIVE_URL, "not_live": True}).problem() == (422, "address-invalid")
    assert me.post(path, {"live_url": "javascript:alert(1)"}).problem() == (422, "address-invalid")
    assert me.post(path, {"not_live": True}).problem() == (409, "nothing-to-resolve")


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("https://www.instagram.com/reel/C0d-e_1/?igsh=abc", 409),
        ("https://instagram.com/nature.explorer/p/ABC", 409),
        ("https://www.instagram.com/nature.explorer/", 422),
        ("https://example.org/p/ABC/", 422),
        ("https://www.instagram.com.example.org/p/ABC/", 422),
    ],
)
def test_address_of_a_live_post_has_the_form_of_its_channel(
    world: World, me: Caller, address: str, status: int
) -> None:
    _, schedule_id = planned(world, me)
    answer = me.post(f"/schedules/{schedule_id}/resolve", {"live_url": address})
    assert answer.problem()[0] == status


@pytest.mark.parametrize(("is_ours", "status"), [(True, 202), (None, 202), (False, 422)])
def test_address_is_looked_for_on_the_account(world: World, me: Caller, is_ours: bool | None, status: int) -> None:
    persona_id, schedule_id = planned(world, me, at=None)
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.UNKNOWN)
    report = {"schedule_id": schedule_id, "is_ours": is_ours, "detail": "What Instagram says."}
    world.functions.reports["check_address"] = report
    answer = me.post(f"/schedules/{schedule_id}/resolve", {"live_url": LIVE_URL})
    event = {"job": "check_address", "schedule_id": schedule_id, "url": LIVE_URL}
    assert world.functions.invoked[-1] == (SYNC_ARN, event)
    assert answer.status == status
    stored = me.get(f"/personas/{persona_id}/posts").body["posts"][0]["schedules"][0]["told"]
    if is_ours is False:
        assert (answer.problem(), stored) == ((422, "address-invalid"), None)
        assert answer.body["detail"].startswith("What Instagram says.")
    else:
        assert (answer.body["address_check"], stored) == (report, "live")


def test_a_waiting_schedule_is_moved_at_once(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me)
    answer = me.post(f"/schedules/{schedule_id}/move", {"at": "2026-12-03T10:30:00", "zone": "Europe/Berlin"})
    assert (answer.status, answer.body["run_at"]) == (200, "2026-12-03T09:30:00Z")
    assert answer.body["wall_time"] == "2026-12-03T10:30:00"
    assert world.timers() == [f"{schedule_id}-2"]
    assert me.post(f"/schedules/{schedule_id}/move", {}).broken() == {"at": "missing"}


def test_what_was_handed_over_is_withdrawn_before_it_moves(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me)
    moved(world, schedule_id, ScheduleStatus.PROCESSING, step=Step.HANDED_OVER, ref="b1", run_id=f"{schedule_id}-1")
    answer = me.post(f"/schedules/{schedule_id}/move", {"at": "2026-12-03T09:00:00", "zone": "UTC"})
    assert (answer.status, answer.body["next_run_at"]) == (202, "2026-12-03T09:00:00Z")
    assert answer.body["run_at"] == "2026-12-01T08:00:00Z"
    assert world.executions.started == [f"{schedule_id}-2"]


def test_a_live_post_is_taken_down_by_the_function_that_may(world: World, me: Caller) -> None:
    _, schedule_id = planned(world, me, at=None)
    path = f"/schedules/{schedule_id}/remove"
    assert me.post(path).problem() == (409, "nothing-to-remove")
    live = {"external_id": "178", "external_url": LIVE_URL}
    moved(world, schedule_id, ScheduleStatus.PROCESSING, ScheduleStatus.SUCCESS, **live)
    report = {"schedule_id": schedule_id, "removed": True, "detail": "It was taken down.", "external_url": LIVE_URL}
    world.functions.reports = {"remove": report}
    done = me.post(path)
    world.functions.reports = {"remove": None}
    late = me.post(path)
    assert (done.status, done.body) == (200, report)
    assert (late.status, late.body["removed"]) == (202, False)
    assert world.functions.invoked[0] == (SYNC_ARN, {"job": "remove", "schedule_id": schedule_id})


def test_a_pause_is_its_owners_alone(world: World, me: Caller, rival: Caller) -> None:
    before = me.get("/pause")
    paused = me.put("/pause", {"reason": "The account is restricted."})
    assert before.body == {"paused": False, "reason": None, "since": None}
    assert (paused.status, paused.body["paused"]) == (200, True)
    assert me.get("/pause").body == paused.body
    assert rival.get("/pause").body["paused"] is False
    assert me.put("/pause", {}).broken() == {"reason": "missing"}
    nothing: dict[str, list[str]] = {"started": [], "late": [], "held": []}
    assert me.delete("/pause").body == {**before.body, "posts": nothing}
    assert me.get("/pause").body == before.body


def test_a_connection_counts_its_tokens_days(world: World, me: Caller) -> None:
    persona_id = world.persona(me)
    account = {"channel": "instagram", "account_id": "1", "login": "facebook", "token": "t"}
    instagram = me.post(f"/personas/{persona_id}/connections", account).body
    buffer = me.get(f"/personas/{persona_id}/connections/{world.connection(me, persona_id, 'buffer')}").body
    assert (instagram["token_days_left"], buffer["token_days_left"]) == (60, None)
    revoked = me.delete(f"/personas/{persona_id}/connections/{instagram['connection_id']}").body
    assert revoked["token_days_left"] is None
