"""A backlog never bursts: spacing, quota, circuit breaker and the pause switch, on the whole chain."""

from datetime import timedelta
from itertools import pairwise

import pytest

from shutterpost.channels import Healthy, QuotaUse, catalogue
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.publish_times import LATE, QUOTA_RETRY, PublishTimes
from shutterpost.flows.wiring.planning import build_budgets, build_circuits
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from shutterpost.scheduling.store.items import ScheduleItem
from tests.support.channel_kinds import TOKENS
from tests.support.simulated_channels import IG_USER
from tests.support.system import System, soon


def open_many(system: System, persona: Persona, number: int, *, first: int = 1, minutes: float = 0) -> list[Schedule]:
    """As many posts by hand, all meant for the same instant."""
    at = soon(system, minutes) if minutes else None
    opened = []
    for index in range(first, first + number):
        photo = system.add_photo(persona, index, score=7.0)
        request = PhotoRequest(photo=photo.photo_id, at=at, caption=f"By hand {index}.")
        opened.append(system.poster.post(persona, request, request_key=str(index)).schedules[0])
    return opened


def now_of(system: System, schedules: list[Schedule]) -> list[Schedule]:
    return [system.stores.schedules.get(schedule.schedule_id) for schedule in schedules]


def keep_their_distance(schedules: list[Schedule]) -> bool:
    """Whether the instants given are a minute apart, and every post is out within seconds of its own."""
    instants = sorted(schedule.expected_at for schedule in schedules)
    in_time = all(
        schedule.posted_at and timedelta(0) <= schedule.posted_at - schedule.expected_at <= LATE
        for schedule in schedules
    )
    return in_time and all(later - earlier >= timedelta(seconds=60) for earlier, later in pairwise(instants))


def test_posts_meant_for_one_instant_go_out_at_their_distance(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    schedules = open_many(system, persona, 4)

    system.run_executions()

    after = now_of(system, schedules)
    assert {schedule.status for schedule in after} == {ScheduleStatus.SUCCESS}
    assert keep_their_distance(after)


def test_posts_of_two_personas_on_one_account_share_its_lane(system: System) -> None:
    schedules = []
    for number, name in enumerate(("Nature Explorer", "City Explorer")):
        persona = system.add_persona(name)
        system.connect(persona, "instagram")
        schedules += open_many(system, persona, 2, first=1 + 2 * number)

    system.run_executions()

    after = now_of(system, schedules)
    assert len({schedule.connection_id for schedule in after}) == 2
    assert {schedule.status for schedule in after} == {ScheduleStatus.SUCCESS}
    assert keep_their_distance(after)


def test_schedule_without_an_account_keeps_the_lane_of_its_connection(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    [schedule] = open_many(system, persona, 1)
    item = ScheduleItem.get(f"POST#{schedule.post_id}", f"SCHEDULE#{schedule.connection_id}")
    item.update([ScheduleItem.account.remove()])

    system.run_executions()

    [after] = now_of(system, [schedule])
    assert (after.status, after.lane_key) == (ScheduleStatus.SUCCESS, schedule.connection_id)
    [booking] = system.stores.lanes.get(schedule.connection_id).bookings
    assert booking.counted


def test_posts_handed_over_are_booked_and_counted_in_their_lane(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "buffer")
    schedules = open_many(system, persona, 3, minutes=120)

    system.run_executions()

    bookings = system.stores.lanes.get(connection.account_key).bookings
    spacing = timedelta(seconds=catalogue().row("buffer").spacing)
    assert {booking.schedule_id for booking in bookings} == {schedule.schedule_id for schedule in schedules}
    assert all(booking.counted for booking in bookings)
    assert all(later.at - earlier.at >= spacing for earlier, later in pairwise(bookings))
    assert len(system.bench.sim.buffer_posts("scheduled")) == 3


def test_backlog_that_sync_starts_goes_out_at_its_distance(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    schedules = open_many(system, persona, 3, minutes=30)
    for name in system.timers():
        system.forget_timer(name)
    system.clock.sleep(timedelta(minutes=45))

    system.syncer.run()
    system.run_executions()

    after = now_of(system, schedules)
    assert {schedule.status for schedule in after} == {ScheduleStatus.SUCCESS}
    assert keep_their_distance(after)


def test_posts_over_what_the_platform_has_left_never_go_out(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.bench.sim.add_instagram_account(TOKENS["instagram"], kind="instagram", ig_user_id=IG_USER, quota_total=2)
    schedules = open_many(system, persona, 4)

    system.run_executions()

    after = now_of(system, schedules)
    live = [schedule for schedule in after if schedule.status is ScheduleStatus.SUCCESS]
    assert len(live) == len(system.bench.sim.live_media()) == 2
    refused, held = (schedule for schedule in after if schedule not in live)
    assert (refused.status, refused.error_cause) == (ScheduleStatus.FAILED, "quota")
    assert held.status is ScheduleStatus.QUEUED
    assert held.expected_at > soon(system, 60)
    lane = system.stores.lanes.get(schedules[0].lane_key)
    assert lane.full_until is not None
    assert lane.full_until > soon(system, 60)


def test_a_post_that_waits_longer_than_its_booking_lasts_gets_a_turn_behind_the_others(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    waiting, other = open_many(system, persona, 2, minutes=120)
    stores, remaining = system.stores, Healthy(quota=QuotaUse(used=0, total=1))
    times = PublishTimes(
        clock=system.clock,
        lanes=stores.lanes,
        catalogue=stores.catalogue,
        circuits=build_circuits(stores),
        budgets=build_budgets(stores),
    )
    times.reserve_publish_time(waiting, waiting.run_at)
    system.clock.sleep(timedelta(hours=27))
    times.reserve_publish_time(other, soon(system, 60))
    assert system.stores.lanes.get(waiting.lane_key).booked(waiting.schedule_id) is None

    assert times.must_let_pass(times.ahead_of(waiting), remaining) == system.clock.now() + QUOTA_RETRY
    assert times.must_let_pass(times.ahead_of(other), remaining) is None


def open_circuit(system: System, persona: Persona) -> list[Schedule]:
    """Three posts that Instagram refuses as often as they are tried, which opens the connection's circuit breaker."""
    system.bench.sim.add_fault("instagram", "create_container", "throttle", count=15)
    failing = open_many(system, persona, 3)
    system.run_executions()
    return failing


def test_failures_of_several_posts_hold_the_connection_for_minutes_and_say_so(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    connection = system.connect(persona, "instagram")
    failing = open_circuit(system, persona)
    circuit = system.circuits.of_connection(connection)
    [waiting] = open_many(system, persona, 1, first=9, minutes=2)
    started = system.clock.now()

    holds = system.holds.of([waiting])
    system.run_executions()

    assert {schedule.status for schedule in now_of(system, failing)} == {ScheduleStatus.FAILED}
    assert circuit is not None
    assert timedelta(0) < circuit.until - started <= timedelta(hours=1)
    assert holds[waiting.schedule_id].cause == "circuit"
    assert holds[waiting.schedule_id].until == circuit.until
    (after,) = now_of(system, [waiting])
    assert after.status is ScheduleStatus.SUCCESS
    assert after.posted_at is not None
    assert after.posted_at >= circuit.until
    assert system.circuits.of_connection(connection) is None


def test_tries_of_one_post_leave_the_circuit_closed(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "create_container", "throttle", count=5)
    [failing] = open_many(system, persona, 1)

    system.run_executions()
    retried = system.retrier.retry(failing.schedule_id)
    system.run_executions()

    assert system.circuits.of_connection(connection) is None
    assert now_of(system, [retried])[0].status is ScheduleStatus.SUCCESS


@pytest.mark.parametrize("request_now", ["retry", "now", "move"])
def test_operators_request_passes_an_open_circuit_at_once(system: System, request_now: str) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    system.connect(persona, "instagram")
    failing = open_circuit(system, persona)
    requested_at = system.clock.now()

    if request_now == "retry":
        requested = system.retrier.retry(failing[0].schedule_id)
    elif request_now == "now":
        [requested] = open_many(system, persona, 1, first=9)
    else:
        [waiting] = open_many(system, persona, 1, first=9, minutes=2)
        requested = system.mover.move(waiting.schedule_id, requested_at, waiting.zone).schedule
    held = system.holds.of([requested])
    system.run_executions()

    assert held == {}
    (after,) = now_of(system, [requested])
    assert after.status is ScheduleStatus.SUCCESS
    assert after.posted_at is not None
    assert after.posted_at < requested_at + timedelta(minutes=3)


def test_bulk_retry_asks_the_platform_with_one_post_and_holds_the_others(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    system.connect(persona, "instagram")
    failing = open_circuit(system, persona)

    retried = system.retrier.retry_all(persona.persona_id).retried

    held = system.holds.of(now_of(system, failing))
    assert len(retried) == 3
    assert set(retried) - set(held) == {retried[0]}


def test_reset_circuit_lets_the_due_posts_start_at_once(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    connection = system.connect(persona, "instagram")
    open_circuit(system, persona)
    [waiting] = open_many(system, persona, 1, first=9, minutes=2)
    system.executions.waiting.clear()
    requested_at = system.clock.now()

    was_open = system.circuits.reset(connection)
    report = system.due_starter.start([persona], connection.connection_id)
    system.run_executions()

    assert was_open is not None
    assert was_open.until > requested_at + timedelta(minutes=3)
    assert waiting.schedule_id in report.started
    (after,) = now_of(system, [waiting])
    assert after.status is ScheduleStatus.SUCCESS
    assert after.posted_at is not None
    assert after.posted_at < requested_at + timedelta(minutes=5)


def test_publication_that_waits_for_its_next_attempt_says_so_and_starts_at_a_reset(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    connection = system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "create_container", "throttle", count=1)
    [schedule] = open_many(system, persona, 1)
    for step in ("begin", "prepare", "submit"):
        outcome = system.steps[step](schedule.schedule_id, schedule.revision)
    [waiting] = now_of(system, [schedule])

    hold = system.holds.of([waiting])[schedule.schedule_id]
    report = system.due_starter.start([persona], connection.connection_id)
    superseded = system.steps["prepare"](schedule.schedule_id, schedule.revision)
    system.run_executions()

    assert (outcome.outcome, hold.cause, hold.until) == ("retry_at", "retry", outcome.until)
    assert report.started == (schedule.schedule_id,)
    assert superseded.outcome == "superseded"
    assert now_of(system, [schedule])[0].status is ScheduleStatus.SUCCESS


def test_resume_starts_what_came_due_in_the_pause_and_names_what_is_late(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=60)
    system.connect(persona, "instagram")
    [late] = open_many(system, persona, 1, minutes=10)
    system.stores.pauses.pause(persona.owner, "Holiday.", system.clock.now())
    system.advance_to(soon(system, 90))
    [due] = open_many(system, persona, 1, first=2)
    [ahead] = open_many(system, persona, 1, first=3, minutes=600)
    held = system.holds.of(now_of(system, [due, ahead]))
    system.run_executions()

    before = system.due_starter.start([persona])
    system.stores.pauses.resume(persona.owner)
    report = system.due_starter.start([persona])
    system.run_executions()

    assert {hold.because for hold in held.values()} == {"posting is paused: Holiday."}
    assert held.keys() == {due.schedule_id, ahead.schedule_id}
    assert (before.started, set(before.held)) == ((), {late.schedule_id, due.schedule_id})
    assert (report.started, report.late, report.held) == ((due.schedule_id,), (late.schedule_id,), ())
    assert now_of(system, [due])[0].status is ScheduleStatus.SUCCESS


def test_pause_lets_nothing_begin_and_resume_lets_it_go_on(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    schedules = open_many(system, persona, 2, minutes=10)
    system.stores.pauses.pause(persona.owner, "Holiday.", system.clock.now())

    system.advance_to(soon(system, 12))
    system.syncer.run()
    system.run_executions()
    held = now_of(system, schedules)
    system.stores.pauses.resume(persona.owner)
    system.advance_to(soon(system, 20))
    system.syncer.run()
    system.run_executions()

    assert {schedule.status for schedule in held} == {ScheduleStatus.QUEUED}
    assert {schedule.status for schedule in now_of(system, schedules)} == {ScheduleStatus.SUCCESS}


def test_pick_during_a_pause_takes_no_photo_and_says_so(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=7.0)
    system.stores.pauses.pause(persona.owner, "Holiday.", system.clock.now())
    system.armer.arm(persona.persona_id)

    system.advance_to(soon(system, 24 * 60))

    (decision,) = system.stores.posts.decisions(persona.persona_id, limit=5).decisions
    assert decision.post_id is None
    assert "Holiday." in decision.body["reason"]
    assert system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted
