"""A backlog never bursts: spacing, quota, circuit breaker and the pause switch, on the whole chain."""

from datetime import timedelta
from itertools import pairwise

from shutterpost.channels import catalogue
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.publish_times import LATE
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from shutterpost.scheduling.store.items import ScheduleItem
from tests.support.simulated_channels import IG_USER, TOKENS
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
    instants = sorted(schedule.goes_at for schedule in schedules)
    in_time = all(
        schedule.posted_at and timedelta(0) <= schedule.posted_at - schedule.goes_at <= LATE for schedule in schedules
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
    assert {one.schedule_id for one in bookings} == {schedule.schedule_id for schedule in schedules}
    assert all(one.counted for one in bookings)
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
    assert held.goes_at > soon(system, 60)
    lane = system.stores.lanes.get(schedules[0].lane_key)
    assert lane.full_until is not None
    assert lane.full_until > soon(system, 60)


def test_failures_in_a_row_hold_the_connection_back_until_one_goes_through(system: System) -> None:
    persona = system.add_persona(late_grace_minutes=600)
    system.connect(persona, "instagram")
    system.bench.sim.add_fault("instagram", "create_container", "throttle", count=5)
    failing = open_many(system, persona, 1)
    system.run_executions()
    waiting = open_many(system, persona, 1, first=2)
    started = system.clock.now()

    system.run_executions()

    assert now_of(system, failing)[0].status is ScheduleStatus.FAILED
    (after,) = now_of(system, waiting)
    assert after.status is ScheduleStatus.SUCCESS
    assert after.posted_at is not None
    assert after.posted_at >= started + timedelta(minutes=50)
    assert system.stores.lanes.get(after.lane_key).circuit.opened_at is None


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
