"""Plans follow what was meant: after a change of the zone database or of a persona's slots they are resolved anew."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.operating.operator import Operator
from shutterpost.flows.posting.deadlines import TIMER_SLACK
from shutterpost.flows.posting.scheduled_time import MAX_FUTURE
from shutterpost.flows.posting.slots import free_slots
from shutterpost.personas import Persona, coming_slots, instant_of
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Schedule

# Beyond its own lead, a slot's post is planned no further ahead than this.
PICKED_AHEAD = timedelta(hours=12)
SLOTS_AHEAD = timedelta(days=14)


def follow_zone_changes(operator: Operator, persona: Persona) -> tuple[str, ...]:
    """Move the schedules of `persona` whose wall time has become another instant, and those of slots' posts whose slot
    is gone, to the next free slot. Returns the ids of those moved; repeating it moves nothing.

    What cannot be moved (going out, ended, no slot free) stays, and is logged.
    """
    scheduler = operator.scheduler
    now = scheduler.clock.now()
    ahead = scheduler.schedules.between(persona.persona_id, now + TIMER_SLACK, now + MAX_FUTURE)
    return tuple(one.schedule_id for one in list(ahead) if one.is_open and _moved(operator, persona, one, now))


def _moved(operator: Operator, persona: Persona, schedule: Schedule, now: datetime) -> bool:
    wall = datetime.fromisoformat(schedule.wall_time)
    if _has_drifted(schedule, wall):
        return _move(operator, schedule, wall, schedule.zone)
    if not _has_lost_its_slot(operator, persona, schedule, now):
        return False
    ahead = now + TIMER_SLACK, now + SLOTS_AHEAD
    slots = free_slots(operator.scheduler, persona, (schedule.connection_id,), *ahead, post_id=schedule.post_id)
    return any(_move(operator, schedule, slot.wall_time, slot.zone) for slot in slots)


def _has_drifted(schedule: Schedule, wall: datetime) -> bool:
    """Whether the zone's clocks now show something else than was meant; the second of a fold's two shows it too."""
    zone = ZoneInfo(schedule.zone)
    shown = schedule.run_at.astimezone(zone).replace(tzinfo=None)
    return wall not in {shown, shown.replace(microsecond=0)} and instant_of(wall, zone) != schedule.run_at


def _has_lost_its_slot(operator: Operator, persona: Persona, schedule: Schedule, now: datetime) -> bool:
    if schedule.run_at > now + max(persona.pick_ahead, timedelta(hours=24)) + PICKED_AHEAD:
        return False
    post = operator.scheduler.posts.many([schedule.post_id]).get(schedule.post_id)
    if post is None or post.slot_at != schedule.run_at:
        return False
    return not coming_slots(persona, post.slot_at - timedelta(microseconds=1), post.slot_at)


def _move(operator: Operator, schedule: Schedule, wall: datetime, zone: str) -> bool:
    try:
        operator.move(schedule.schedule_id, wall, zone, by_person=False)
    except Refusal as refusal:
        logger.warning("not resolved anew", schedule_id=schedule.schedule_id, reason=refusal.detail)
        return False
    logger.info("resolved anew", schedule_id=schedule.schedule_id, wall_time=wall.isoformat(), zone=zone)
    return True
