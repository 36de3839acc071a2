"""The operator's actions on a schedule: retry, skip, resolve, move, and remove."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from infra.local.simulators.faults import FaultKind
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.decision import SETTLED_AFTER
from shutterpost.flows.refusals import (
    AddressInvalid,
    ConnectionNotConnected,
    MoveInFlight,
    NothingToMove,
    NothingToRemove,
    NothingToResolve,
    NothingToRetry,
    NothingToSkip,
    PhotoAlreadyPosted,
    TimeInPast,
)
from shutterpost.flows.wiring import build_remover
from shutterpost.personas import Persona
from shutterpost.scheduling import (
    ClaimState,
    EventOutcome,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    Step,
    photo_claim_key,
)
from tests.support.system import System, soon

LIVE_URL = "https://www.instagram.com/p/ABC/"


def opened(system: System, persona: Persona, *, at: datetime | None = None, number: int = 1, key: str = "one"):
    """The only schedule of a post by hand."""
    photo = system.add_photo(persona, number, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=at, caption=f"By hand {number}.")
    details = system.poster.post(persona, request, request_key=key)
    return details.schedules[0]


def now_of(system: System, schedule: Schedule) -> Schedule:
    return system.stores.schedules.get(schedule.schedule_id)


def failed(system: System, persona: Persona) -> Schedule:
    """A schedule that failed for good before anything was submitted."""
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=25, subcode=2207050)
    schedule = opened(system, persona)
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.status is ScheduleStatus.FAILED
    return schedule


def unknown(system: System, persona: Persona, *, kind: FaultKind = "drop_before") -> Schedule:
    """A schedule whose publish call got no answer."""
    system.bench.sim.add_fault("instagram", "media_publish", kind)
    schedule = opened(system, persona)
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.status is ScheduleStatus.UNKNOWN
    return schedule


def handed_over(system: System, persona: Persona, minutes: float = 120) -> Schedule:
    schedule = opened(system, persona, at=soon(system, minutes))
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.step is Step.HANDED_OVER
    return schedule


def claim_of(system: System, schedule: Schedule):
    photo_id = system.stores.posts.details(schedule.post_id).post.photo_ids[0]
    return system.stores.claims.get(photo_claim_key(photo_id, schedule.connection_id, 1))


def test_retry_takes_the_claims_again_and_publishes_once(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = failed(system, persona)
    assert claim_of(system, schedule).state is ClaimState.RELEASED

    queued = system.retrier.retry(schedule.schedule_id)
    taken = claim_of(system, schedule)
    photo = system.stores.photos.get(persona.persona_id, f"{1:064x}")
    system.run_executions()

    assert (queued.status, queued.revision) == (ScheduleStatus.QUEUED, schedule.revision + 1)
    assert taken.state is ClaimState.HELD
    assert not photo.in_unposted
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert now_of(system, schedule).error_code is None
    assert system.bench.posts("By hand 1.") == 1


def test_retry_at_a_later_time_arms_a_timer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = failed(system, persona)
    later = soon(system, 30)

    system.retrier.retry(schedule.schedule_id, at=later)
    system.run_executions()
    waiting = now_of(system, schedule)
    system.advance_to(later + timedelta(minutes=2))

    assert waiting.status is ScheduleStatus.QUEUED
    assert now_of(system, schedule).posted_at == later


def test_retry_is_refused_by_name_while_another_post_has_the_photo(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = failed(system, persona)
    other = system.poster.post(persona, PhotoRequest(photo=f"{1:064x}"), request_key="two")

    with pytest.raises(PhotoAlreadyPosted) as refusal:
        system.retrier.retry(schedule.schedule_id)

    assert refusal.value.members["post_id"] == other.post.post_id
    assert now_of(system, schedule).status is ScheduleStatus.FAILED


def test_retry_needs_a_failure_a_connection_and_a_time_ahead(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "facebook")
    schedule = failed(system, persona)
    waiting = opened(system, persona, at=soon(system, 60), number=2, key="two")

    with pytest.raises(NothingToRetry):
        system.retrier.retry(waiting.schedule_id)
    with pytest.raises(TimeInPast):
        system.retrier.retry(schedule.schedule_id, at=soon(system, -60))
    system.stores.connections.mark_error(connection, "Checkpoint.", system.clock.now())
    with pytest.raises(ConnectionNotConnected):
        system.retrier.retry(schedule.schedule_id)


def test_retry_all_takes_one_class_page_by_page(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.bench.sim.add_fault("instagram", "create_container", "refuse", count=3, code=25, subcode=2207050)
    schedules = [opened(system, persona, number=number, key=str(number)) for number in range(1, 4)]
    system.run_executions()
    skipped = opened(system, persona, at=soon(system, 600), number=4, key="4")
    system.canceller.skip(skipped.schedule_id)

    pages = [system.retrier.retry_all(persona.persona_id, error_code="25/2207050", limit=2)]
    while pages[-1].cursor is not None:
        pages.append(
            system.retrier.retry_all(persona.persona_id, error_code="25/2207050", limit=2, cursor=pages[-1].cursor)
        )

    retried = {schedule_id for page in pages for schedule_id in page.retried}
    assert retried == {schedule.schedule_id for schedule in schedules}
    assert now_of(system, skipped).status is ScheduleStatus.SKIPPED
    assert all(not page.refused for page in pages)


def test_skip_ends_what_waits_and_frees_its_photo(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona, at=soon(system, 60))

    skipped = system.canceller.skip(schedule.schedule_id, "Not this week.")

    assert (skipped.status, skipped.error_message) == (ScheduleStatus.SKIPPED, "Not this week.")
    assert claim_of(system, schedule).state is ClaimState.RELEASED
    assert system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted
    assert not system.timers()
    with pytest.raises(NothingToSkip):
        system.canceller.skip(schedule.schedule_id)


def test_the_verdict_live_ends_in_success_with_its_address(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = unknown(system, persona)

    system.resolver.resolve(schedule.schedule_id, live_url=LIVE_URL)
    waiting = now_of(system, schedule)
    system.syncer.run()

    assert waiting.status is ScheduleStatus.UNKNOWN
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert now_of(system, schedule).external_url == LIVE_URL


def test_the_verdict_not_live_fails_the_post_and_a_retry_publishes_it_once(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = unknown(system, persona)

    system.resolver.resolve(schedule.schedule_id, not_live=True)
    for _ in range(2):
        system.syncer.run()
        system.clock.sleep(SETTLED_AFTER)
    ended = now_of(system, schedule)
    system.retrier.retry(schedule.schedule_id)
    system.run_executions()

    assert (ended.status, ended.error_code) == (ScheduleStatus.FAILED, "not-live")
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert now_of(system, schedule).verdict is None
    assert system.bench.posts("By hand 1.") == 1


def test_a_verdict_that_the_platform_contradicts_is_dropped(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = unknown(system, persona, kind="effect_then_drop")

    system.resolver.resolve(schedule.schedule_id, not_live=True)
    system.syncer.run()
    dropped = now_of(system, schedule)
    system.syncer.run()

    assert (dropped.status, dropped.verdict) == (ScheduleStatus.UNKNOWN, None)
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.posts("By hand 1.") == 1


def test_the_verdict_not_live_withdraws_the_post_that_waits_at_buffer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    system.bench.sim.add_fault("buffer", "createPost", "effect_then_drop")
    schedule = opened(system, persona, at=soon(system, 120))
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN

    system.resolver.resolve(schedule.schedule_id, not_live=True)
    system.syncer.run()

    assert now_of(system, schedule).status is ScheduleStatus.FAILED
    assert system.bench.sim.buffer_posts("scheduled") == []


def test_a_verdict_is_accepted_for_unknown_outcomes_only(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = opened(system, persona, at=soon(system, 60))

    with pytest.raises(NothingToResolve):
        system.resolver.resolve(schedule.schedule_id, not_live=True)
    for wrong in ("ftp://host/p", "https://", "not an address"):
        with pytest.raises(AddressInvalid):
            system.resolver.resolve(schedule.schedule_id, live_url=wrong)
    with pytest.raises(AddressInvalid):
        system.resolver.resolve(schedule.schedule_id)


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
    waiting = now_of(system, schedule)
    at_buffer = system.bench.sim.buffer_posts("scheduled")
    system.syncer.run()
    system.run_executions()

    assert not moved.done
    assert (waiting.status, waiting.run_at, waiting.ref) == (ScheduleStatus.QUEUED, later, None)
    assert at_buffer == []
    (there,) = system.bench.sim.buffer_posts("scheduled")
    assert datetime.fromisoformat(there["due_at"]) == later
    assert claim_of(system, schedule).state is ClaimState.HELD


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
