"""The operator's actions on a schedule: retry, skip and resolve."""

from datetime import timedelta

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.decision import SETTLED_AFTER
from shutterpost.flows.refusals import (
    AddressInvalid,
    ConnectionInUse,
    ConnectionNotConnected,
    NothingToResolve,
    NothingToRetry,
    NothingToSkip,
    PhotoAlreadyPosted,
    TimeInPast,
)
from shutterpost.scheduling import (
    ClaimState,
    ScheduleStatus,
)
from tests.support.schedules import claim_of, failed, now_of, opened, unknown
from tests.support.system import System, soon

LIVE_URL = "https://www.instagram.com/p/ABC/"


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


def test_a_schedule_that_was_cancelled_meanwhile_does_not_change_to_its_own_connection(system: System) -> None:
    persona = system.add_persona(slots=())
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=5.0)
    request = PhotoRequest(photo="photo-1.jpg", at=soon(system, 600))
    [read] = system.poster.post(persona, request, request_key="one").schedules
    system.canceller.cancel(read.schedule_id)

    with pytest.raises(ConnectionInUse):
        system.assigner.change_connection(persona, read, read.connection_id)
