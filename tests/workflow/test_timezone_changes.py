"""Schedules keep their wall time, or their slot, when a zone changes."""

from datetime import datetime, time, timedelta

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.scheduling import ClaimState, Schedule, ScheduleStatus, StaleWrite, slot_claim_key
from tests.support.system import System, soon


def _with_slot_at(persona: Persona, hour: int) -> Persona:
    return persona.model_copy(update={"slots": (persona.slots[0].model_copy(update={"at": time(hour)}),)})


def planned(system: System, persona: Persona, at: datetime, zone: str = "Europe/Berlin") -> Schedule:
    system.add_photo(persona, 1, score=5.0)
    request = PhotoRequest(photo="photo-1.jpg", at=at, zone=zone)
    return system.poster.post(persona, request, request_key="one").schedules[0]


def resolved_otherwise(system: System, schedule: Schedule, by: timedelta) -> None:
    """Leave the schedule as another edition of the zone database would have resolved it."""
    moved = system.stores.schedules.move(
        schedule, schedule.status, now=system.clock.now(), run_at=schedule.run_at + by, start_at=schedule.start_at + by
    )
    assert not isinstance(moved, StaleWrite)


def test_a_plan_keeps_its_wall_time_when_its_zone_changes(system):
    persona = system.add_persona(slots=())
    system.connect(persona, "facebook")
    schedule = planned(system, persona, soon(system, 40_000).replace(tzinfo=None, second=0, microsecond=0))
    resolved_otherwise(system, schedule, timedelta(hours=1))
    assert system.timezone_changes.follow(persona) == (schedule.schedule_id,)
    again = system.stores.schedules.get(schedule.schedule_id)
    assert (again.run_at, again.wall_time, again.zone) == (schedule.run_at, schedule.wall_time, schedule.zone)
    assert list(system.timers()) == [again.execution_name]
    assert system.timezone_changes.follow(persona) == ()


def test_a_schedule_with_the_right_instant_stays(system):
    persona = system.add_persona(slots=())
    system.connect(persona, "facebook")
    year = system.clock.now().year
    fold = datetime.fromisoformat(f"{year}-10-25T02:30:00+01:00")
    planned(system, persona, fold if fold > system.clock.now() else soon(system, 500))
    assert system.timezone_changes.follow(persona) == ()


def test_a_slots_post_follows_its_slot(system):
    persona = system.add_persona(pick_lead_seconds=6 * 3600)
    system.connect(persona, "facebook")
    system.connect(persona, "buffer")
    system.add_photo(persona, 1, score=9.0)
    system.armer.arm(persona.persona_id)
    at, _, payload = system.next_timer(soon(system, 2 * 24 * 60))
    system.advance_to(at + timedelta(minutes=1))
    slot_at = datetime.fromisoformat(payload["slot_at"])
    [post] = system.stores.posts.of_persona(persona.persona_id, limit=5).posts
    assert post.slot_at == slot_at
    persona = system.stores.personas.update(_with_slot_at(persona, 10), system.clock.now())
    assert len(system.timezone_changes.follow(persona)) == 2
    system.run_executions()
    system.syncer.run()
    system.run_executions()
    later = slot_at + timedelta(hours=1)
    schedules = system.schedules_of(post.post_id)
    assert {schedule.run_at for schedule in schedules.values()} == {later}
    old, new = (system.stores.claims.get(slot_claim_key(persona.persona_id, at)) for at in (slot_at, later))
    assert (old.state, new.holder) == (ClaimState.RELEASED, post.post_id)
    assert system.picker.pick(persona.persona_id, later).post_id == post.post_id
    assert system.timezone_changes.follow(persona) == ()
    system.advance_to(later + timedelta(minutes=2))
    assert schedules["instagram"].status is ScheduleStatus.QUEUED
    assert system.schedules_of(post.post_id)["instagram"].status is ScheduleStatus.SUCCESS


def test_a_slots_post_follows_each_change_of_its_slot(system):
    persona = system.add_persona(pick_lead_seconds=6 * 3600)
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=9.0)
    system.armer.arm(persona.persona_id)
    at, _, payload = system.next_timer(soon(system, 2 * 24 * 60))
    system.advance_to(at + timedelta(minutes=1))
    slot_at = datetime.fromisoformat(payload["slot_at"])
    [post] = system.stores.posts.of_persona(persona.persona_id, limit=5).posts
    for hour, later in ((10, 1), (12, 3)):
        persona = system.stores.personas.update(_with_slot_at(persona, hour), system.clock.now())
        assert len(system.timezone_changes.follow(persona)) == 1
        [schedule] = system.schedules_of(post.post_id).values()
        assert schedule.run_at == slot_at + timedelta(hours=later)


def test_a_pick_stays_at_the_time_a_person_chose(system):
    persona = system.add_persona(pick_lead_seconds=6 * 3600)
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=9.0)
    system.armer.arm(persona.persona_id)
    at, _, payload = system.next_timer(soon(system, 2 * 24 * 60))
    system.advance_to(at + timedelta(minutes=1))
    [post] = system.stores.posts.of_persona(persona.persona_id, limit=5).posts
    [schedule] = system.schedules_of(post.post_id).values()
    chosen = datetime.fromisoformat(payload["slot_at"]) + timedelta(minutes=30)
    system.mover.move(schedule.schedule_id, chosen)
    persona = system.stores.personas.update(_with_slot_at(persona, 10), system.clock.now())
    assert system.timezone_changes.follow(persona) == ()
    [schedule] = system.schedules_of(post.post_id).values()
    assert schedule.run_at == chosen


def test_a_run_that_knows_older_slots_moves_nothing_there(system):
    older = system.add_persona(pick_lead_seconds=6 * 3600)
    system.connect(older, "facebook")
    system.add_photo(older, 1, score=9.0)
    system.armer.arm(older.persona_id)
    at, _, payload = system.next_timer(soon(system, 2 * 24 * 60))
    system.advance_to(at + timedelta(minutes=1))
    [post] = system.stores.posts.of_persona(older.persona_id, limit=5).posts
    stale = system.stores.personas.update(_with_slot_at(older, 12), system.clock.now())
    newest = system.stores.personas.update(_with_slot_at(stale, 10), system.clock.now())
    assert system.timezone_changes.follow(stale) == ()
    assert len(system.timezone_changes.follow(newest)) == 1
    [schedule] = system.schedules_of(post.post_id).values()
    assert schedule.run_at == datetime.fromisoformat(payload["slot_at"]) + timedelta(hours=1)
