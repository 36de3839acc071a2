"""`shutterpost watch`: facts, end, and resume."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from shutterpost.console.checks.watch_facts import GRACE, Observation, facts_at, is_over
from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.exit_codes import ApiUnreachable
from shutterpost.scheduling import ScheduleStatus
from tests.console.test_posts import settle
from tests.support.builders import NOW
from tests.support.consoles import Console
from tests.support.folders import Deployed

AT = NOW + timedelta(hours=1)
NAMES = {"p": "Nature"}


def entry(status: str, at: datetime = AT, **more: Any) -> dict[str, Any]:
    report = {"schedule_id": "s1", "post_id": "p1", "persona_id": "p", "channel": "buffer", "run_at": at.isoformat()}
    return {**report, "status": status, "external_url": None, "error_message": None, **more}


def fact_of(now: datetime, *entries: Any, slots: Any = (), decisions: Any = ()) -> tuple[str, str, bool]:
    """State, level and `settled` of the only fact."""
    [fact] = facts_at(Observation(entries=entries, slots={"p": slots}, decisions=decisions, names=NAMES), now)
    return fact.state, fact.level.value, fact.settled


@pytest.mark.parametrize(
    ("status", "later", "expected"),
    [
        ("queued", -1, ("due", "green", False)),
        ("processing", 1, ("under way", "green", False)),
        ("queued", 16, ("overdue", "red", False)),
        ("processing", 16, ("overdue", "red", False)),
        ("pending", -1, ("pending", "yellow", False)),
        ("pending", 16, ("overdue", "red", False)),
        ("unknown", 1, ("unknown", "yellow", False)),
        ("unknown", 16, ("unknown, late", "red", False)),
        ("success", 16, ("success", "green", True)),
        ("cancelled", 16, ("cancelled", "green", True)),
        ("skipped", 1, ("skipped", "yellow", True)),
        ("failed", 1, ("failed", "red", True)),
    ],
)
def test_a_post_s_fact_depends_on_status_and_time(status: str, later: int, expected: tuple[str, str, bool]) -> None:
    assert fact_of(AT + timedelta(minutes=later), entry(status)) == expected


@pytest.mark.parametrize(
    ("later", "decision", "expected"),
    [
        (-1, None, ("due", "green", False)),
        (5, None, ("under way", "green", False)),
        (16, None, ("missed", "red", True)),
        (16, "No photo is left.", ("empty", "yellow", True)),
    ],
)
def test_a_slot_without_a_post_is_due_missed_or_empty(
    later: int, decision: str | None, expected: tuple[str, str, bool]
) -> None:
    made = {"persona_id": "p", "slot_at": AT.isoformat(), "post_id": None, "reason": decision}
    assert fact_of(AT + timedelta(minutes=later), slots=[AT], decisions=[made] if decision else []) == expected


def test_a_slot_with_a_post_has_no_fact_of_its_own() -> None:
    decided = {"persona_id": "p", "slot_at": AT.isoformat(), "post_id": "p1", "reason": "Best."}
    assert fact_of(AT, entry("success"), slots=[AT])[0] == "success"
    moved = entry("queued", AT + timedelta(hours=2))
    assert fact_of(AT, moved, slots=[AT], decisions=[decided])[0] == "due"


def test_a_removed_slot_is_reported_by_its_decision() -> None:
    decided = {"persona_id": "p", "slot_at": AT.isoformat(), "post_id": None, "reason": "Paused."}
    assert fact_of(AT, decisions=[decided])[:2] == ("empty", "yellow")


def test_slots_before_the_persona_s_change_are_not_missed(shutterpost: Console, ready: Deployed, clock) -> None:
    ready.caller.patch(f"/personas/{ready.persona_id}", {"slots": [{"at": "09:00"}]})
    output = shutterpost("watch", "--since", "2d", "--hours", "48")
    assert (output.code, watch_lines(output)[0]) == (6, [])


def test_a_slot_without_a_pick_is_missed(shutterpost: Console, ready: Deployed, clock) -> None:
    ready.caller.patch(f"/personas/{ready.persona_id}", {"slots": [{"at": "18:00"}]})
    clock.shift(24 * 3600)
    output = shutterpost("watch", "--since", "24h")
    assert (output.code, watch_lines(output)[0]) == (1, [("missed", "red")])


def test_a_watch_is_over_after_the_grace_period() -> None:
    open_, done = (
        facts_at(Observation(entries=[entry(status)], slots={}, decisions=[], names=NAMES), AT)
        for status in ("processing", "success")
    )
    assert is_over(done, AT, AT) is True
    assert is_over(done, AT, AT - timedelta(seconds=1)) is False
    assert is_over(open_, AT, AT + timedelta(minutes=1)) is False
    assert is_over(open_, AT, AT + GRACE) is True


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as travelling:
        yield travelling


@pytest.fixture
def ready(world: Deployed) -> Deployed:
    world.world.connection(world.caller, world.persona_id)
    for name in ("fog.jpg", "rain.jpg"):
        world.world.photo(world.persona_id, name)
    return world


def scheduled(world: Deployed, photo: str, at: str) -> str:
    """Schedule a photo at a local time of Paris, which is an hour ahead of `NOW`."""
    post = world.caller.post(f"/personas/{world.persona_id}/posts", {"photo": photo, "at": f"2026-03-01T{at}:00"})
    return str(post.body["post_id"])


def watch_lines(output: Any) -> tuple[list[tuple[str, str]], dict[str, Any]]:
    """Facts as (state, level), and the last line."""
    *lines, last = map(json.loads, output.out.splitlines())
    assert {line["event"] for line in lines} <= {"fact"}
    return [(line["state"], line["level"]) for line in lines], last


def advance_on_sleep(monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller, *events: Any) -> None:
    """Let each pause of the watch advance the clock and call the next of `events`."""
    waiting = iter(events)

    def sleep(seconds: float) -> None:
        clock.shift(seconds)
        next(waiting, lambda: None)()

    monkeypatch.setattr(time, "sleep", sleep)


def test_watch_ends_green_when_everything_is_published(
    shutterpost: Console, ready: Deployed, clock, monkeypatch
) -> None:
    post_id = scheduled(ready, "fog.jpg", "13:30")
    out = {"external_url": "https://example.test/p/1", "posted_at": NOW}
    advance_on_sleep(monkeypatch, clock, lambda: settle(ready, post_id, ScheduleStatus.SUCCESS, **out))
    output = shutterpost("watch", "--hours", "1", "--every", "1800")
    lines, last = watch_lines(output)
    assert (output.code, last["worst"], last["green"]) == (0, "green", 1)
    assert lines == [("due", "green"), ("success", "green")]


def test_watch_looks_a_last_time_at_its_end(shutterpost: Console, ready: Deployed, clock, monkeypatch) -> None:
    post_id = scheduled(ready, "fog.jpg", "13:30")
    settle(ready, post_id, ScheduleStatus.SUCCESS, posted_at=NOW)
    advance_on_sleep(monkeypatch, clock)

    assert shutterpost("watch", "--hours", "1", "--every", "2400").code == 0

    assert datetime.now(UTC) == NOW + timedelta(hours=1)


def test_watch_prints_failures_with_the_command(shutterpost: Console, ready: Deployed, clock) -> None:
    post_id = scheduled(ready, "fog.jpg", "13:30")
    settle(ready, post_id, ScheduleStatus.FAILED, error_message="The token has ended.")
    clock.shift(2 * 3600)
    output = shutterpost("watch", "--since", "2h", "--hours", "2", "--no-json")
    assert output.code == 1
    assert f"failed: The token has ended.\n    → shutterpost post retry {post_id}" in output.out
    assert output.out.endswith("Red: 1 of 1 failed or are overdue.\n")


def test_watch_is_yellow_when_nothing_was_due(shutterpost: Console, ready: Deployed, clock) -> None:
    output = shutterpost("watch", "--since", "2026-02-27T09:00", "--hours", "24")
    assert output.code == 6
    assert watch_lines(output)[1]["yellow"] == 1


def test_watch_resumes_after_an_interrupt(
    shutterpost: Console, ready: Deployed, clock, monkeypatch, tmp_path: Path
) -> None:
    scheduled(ready, "fog.jpg", "13:30")

    def interrupted() -> None:
        raise KeyboardInterrupt

    advance_on_sleep(monkeypatch, clock, interrupted)
    assert shutterpost("watch", "--hours", "1").code == 130
    clock.shift(1800)
    advance_on_sleep(monkeypatch, clock)
    output = shutterpost("watch", "--hours", "1", "--every", "1800")
    assert "The period is over; waiting up to 15 minutes" in output.err
    lines, last = watch_lines(output)
    assert [state for state, _ in lines] == ["under way", "overdue"]
    assert (last["since"], last["until"]) == (NOW.isoformat(), (NOW + timedelta(hours=1)).isoformat())
    assert list((tmp_path / "state" / "shutterpost").iterdir()) == []


def test_a_watch_of_another_length_is_not_resumed(shutterpost: Console, ready: Deployed, clock, monkeypatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    advance_on_sleep(monkeypatch, clock, interrupted)
    assert shutterpost("watch", "--hours", "9").code == 130
    advance_on_sleep(monkeypatch, clock)
    last = watch_lines(shutterpost("watch", "--hours", "1", "--every", "3600"))[1]
    assert datetime.fromisoformat(last["until"]) - datetime.fromisoformat(last["since"]) == timedelta(hours=1)


def test_watch_anew_ignores_the_saved_state(shutterpost: Console, ready: Deployed, clock, monkeypatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    advance_on_sleep(monkeypatch, clock, interrupted)
    shutterpost("watch", "--hours", "9")
    advance_on_sleep(monkeypatch, clock)
    last = watch_lines(shutterpost("watch", "--anew", "--hours", "1", "--every", "3600"))[1]
    assert last["until"] == (NOW + timedelta(seconds=60, hours=1)).isoformat()


def test_watch_continues_after_a_transient_error(shutterpost: Console, ready: Deployed, clock, monkeypatch) -> None:
    pages, pagess = ApiClient.pages, list[str]()

    def hesitant(self: ApiClient, path: str, items: str, **query: str) -> Any:
        if path == "/calendar" and not pagess:
            pagess.append(path)
            raise ApiUnreachable("Nothing answers.")
        return pages(self, path, items, **query)

    monkeypatch.setattr(ApiClient, "pages", hesitant)
    advance_on_sleep(monkeypatch, clock)
    output = shutterpost("watch", "--hours", "1", "--every", "3600")
    assert output.code == 6
    assert "Retrying" in output.err


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("24h", NOW - timedelta(days=1)),
        ("2 d", NOW - timedelta(days=2)),
        ("09:00", NOW.replace(hour=8)),
        ("23:00", NOW.replace(hour=22) - timedelta(days=1)),
        ("2026-02-01T00:00:00+00:00", NOW.replace(month=2, hour=0)),
    ],
)
def test_watch_starts_at_the_given_past_time(
    shutterpost: Console, ready: Deployed, clock, text: str, since: datetime
) -> None:
    assert watch_lines(shutterpost("watch", "--since", text, "--hours", "0.01"))[1]["since"] == since.isoformat()
    late = shutterpost("watch", "--since", "2026-04-01T09:00")
    assert (late.code, late.err.rstrip()[-14:]) == (2, "[time-unclear]")
