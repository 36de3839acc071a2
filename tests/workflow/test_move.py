"""The operator's actions on a schedule: move, cancel and remove."""

from collections.abc import Callable
from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from botocore.exceptions import EndpointConnectionError

from shutterpost.flows.refusals import (
    MoveInFlight,
    NothingToMove,
    NothingToRemove,
)
from shutterpost.flows.wiring import build_remover
from shutterpost.personas import coming_slots
from shutterpost.scheduling import (
    ClaimState,
    EventOutcome,
    Posts,
    Schedules,
    ScheduleStatus,
    Step,
    slot_claim_key,
)
from tests.support.schedules import claim_of, handed_over, now_of, opened, unknown
from tests.support.system import System, soon


def test_move_of_a_waiting_schedule_replaces_its_timer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona, at=soon(system, 60))
    local = (soon(system, 180)).replace(tzinfo=None)

    moved = system.mover.move(schedule.schedule_id, local, "UTC")
    system.advance_to(soon(system, 90))
    early = system.bench.posts("By hand 1.")
    system.advance_to(soon(system, 100))

    assert moved.done
    assert (moved.schedule.revision, moved.schedule.wall_time) == (2, local.isoformat())
    assert early == 0
    assert now_of(system, schedule).posted_at == moved.schedule.run_at
    assert system.bench.posts("By hand 1.") == 1


def test_move_while_the_chain_waits_for_its_second_leaves_the_old_run_without_effect(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona)
    for step in ("begin", "prepare", "submit"):
        system.invoke({"step": step, "schedule_id": schedule.schedule_id, "revision": 1})
    system.clock.sleep(timedelta(seconds=10))
    system.invoke({"step": "poll", "schedule_id": schedule.schedule_id, "revision": 1})
    assert now_of(system, schedule).step is Step.READY

    moved = system.mover.move(schedule.schedule_id, soon(system, 60))
    late = system.invoke({"step": "publish", "schedule_id": schedule.schedule_id, "revision": 1})
    system.executions.waiting.clear()
    system.advance_to(soon(system, 62))

    assert moved.done
    assert late["outcome"] == "superseded"
    assert now_of(system, schedule).posted_at == moved.schedule.run_at
    assert system.bench.posts("By hand 1.") == 1


def test_move_of_a_handed_over_post_withdraws_it_and_hands_it_over_anew(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    schedule = handed_over(system, persona)
    later = soon(system, 600)

    moved = system.mover.move(schedule.schedule_id, later)
    system.run_executions()

    assert not moved.done
    assert now_of(system, schedule).run_at == later
    (there,) = system.bench.sim.buffer_posts("scheduled")
    assert datetime.fromisoformat(there["due_at"]) == later
    assert claim_of(system, schedule).state is ClaimState.HELD


def test_moved_post_that_cannot_be_started_is_started_by_sync(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    schedule = handed_over(system, persona)
    system.mover.move(schedule.schedule_id, soon(system, 600))
    refused = EndpointConnectionError(endpoint_url="https://states.example")
    with monkeypatch.context() as patched:
        patched.setattr(system.executions, "start", Mock(side_effect=refused))
        [states] = system.run_executions()
    assert states[-1] == "Done"
    waiting = now_of(system, schedule)
    assert (waiting.status, waiting.ref) == (ScheduleStatus.QUEUED, None)

    system.advance_to(soon(system, 2))
    system.syncer.run()
    system.run_executions()

    assert now_of(system, schedule).step is Step.HANDED_OVER


def test_move_that_comes_too_late_leaves_the_post_at_its_old_time(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    schedule = handed_over(system, persona, minutes=5)
    system.advance_to(schedule.run_at + timedelta(minutes=1))

    system.mover.move(schedule.schedule_id, soon(system, 600))
    system.run_executions()
    system.syncer.run()

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert now_of(system, schedule).next_run_at is None
    assert system.bench.posts("By hand 1.") == 1


def held(system: System, *keys: str) -> list[str]:
    claims = {key: system.stores.claims.get(key) for key in keys}
    return [key for key, claim in claims.items() if claim is not None and claim.state is ClaimState.HELD]


def test_a_post_that_goes_out_before_its_withdrawal_gives_back_the_slot_it_was_to_move_to(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "buffer")
    schedule = handed_over(system, persona, minutes=5)
    slot_at = coming_slots(persona, system.clock.now(), soon(system, 3 * 24 * 60))[0].run_at
    keys = [
        slot_claim_key(persona.persona_id, slot_at),
        slot_claim_key(persona.persona_id, slot_at, connection.connection_id),
    ]
    system.mover.move(schedule.schedule_id, slot_at)
    before = held(system, *keys)
    system.bench.sim.add_fault("buffer", "deletePost", "refuse", code="UNAUTHORIZED")
    system.run_executions()
    states = [now_of(system, schedule).status]
    system.advance_to(schedule.run_at + timedelta(minutes=20))
    system.connect(persona, "buffer")
    system.syncer.run()

    assert states == [ScheduleStatus.UNKNOWN]
    success = now_of(system, schedule)
    assert (success.status, success.next_run_at) == (ScheduleStatus.SUCCESS, None)
    after = held(system, *keys)
    assert (before, after) == (keys, [])


def reads_of(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reads of posts and schedules from now on, in their order."""
    reads: list[str] = []
    for store, name in ((Posts, "details"), (Schedules, "get")):
        read = getattr(store, name)

        def counted(*given: object, read: Callable[..., object] = read, name: str = name, **options: object) -> object:
            reads.append(name)
            return read(*given, **options)

        monkeypatch.setattr(store, name, counted)
    return reads


def test_cancel_reads_the_post_no_second_time(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona, at=soon(system, 60))
    details = system.stores.posts.details(schedule.post_id)
    reads = reads_of(monkeypatch)
    assert system.canceller.cancel(schedule.schedule_id, details=details).done
    assert reads == ["get"]


def test_cancel_by_id_reads_the_schedule_and_its_post_once_before_the_end(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona, at=soon(system, 60))
    reads = reads_of(monkeypatch)
    assert system.canceller.cancel(schedule.schedule_id).done
    assert reads == ["get", "details", "get"]


def test_cancel_wins_over_a_move_that_is_being_withdrawn(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    schedule = handed_over(system, persona)

    system.mover.move(schedule.schedule_id, soon(system, 600))
    system.canceller.cancel(schedule.schedule_id)
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.CANCELLED
    assert system.bench.sim.buffer_posts("scheduled") == []
    with pytest.raises(NothingToMove):
        system.mover.move(schedule.schedule_id, soon(system, 60))


def test_move_is_refused_while_the_outcome_is_unknown(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = unknown(system, persona)

    with pytest.raises(MoveInFlight):
        system.mover.move(schedule.schedule_id, soon(system, 60))


def test_live_post_is_taken_down_where_the_connection_can(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona)
    system.run_executions()

    first = build_remover(system.stores, system.platforms).remove(schedule.schedule_id)
    again = build_remover(system.stores, system.platforms).remove(schedule.schedule_id)

    assert first.removed
    assert again.removed
    assert system.bench.sim.live_media() == []
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert now_of(system, schedule).removed_at == system.clock.now()
    outcomes = [event.outcome for event in system.stores.posts.details(schedule.post_id).events]
    assert outcomes == [EventOutcome.SUCCESS, EventOutcome.REMOVED]


def test_a_removal_that_the_connection_cannot_do_is_refused_by_name(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    schedule = opened(system, persona)
    with pytest.raises(NothingToRemove):
        build_remover(system.stores, system.platforms).remove(schedule.schedule_id)
    system.run_executions()

    removal = build_remover(system.stores, system.platforms).remove(schedule.schedule_id)

    assert not removal.removed
    assert removal.external_url
    assert len(system.bench.sim.live_media()) == 1
    assert now_of(system, schedule).removed_at is None
    last = system.stores.posts.details(schedule.post_id).events[-1]
    assert (last.outcome, last.error_code) == (EventOutcome.NOT_REMOVED, "cannot-remove")
