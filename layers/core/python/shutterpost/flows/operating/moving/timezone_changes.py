"""Keeping schedules at their wall time after the zone database changed, and picks in their persona's slots."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.flow import flow
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.planning.deadlines import TIMER_SLACK
from shutterpost.flows.planning.scheduled_time import MAX_FUTURE
from shutterpost.flows.planning.slots import free_slots
from shutterpost.personas import Persona, coming_slots, instant_of
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Claims, ClaimState, Posts, Schedule, Schedules, slot_claim_key

# A pick is made at most this long before its lead begins.
PICKED_AHEAD = timedelta(hours=12)
SLOTS_AHEAD = timedelta(days=14)
_INSTANT = timedelta(microseconds=1)


@flow
class TimezoneChanges:
    clock: Clock
    posts: Posts
    schedules: Schedules
    claims: Claims
    mover: Mover

    def follow(self, persona: Persona) -> tuple[str, ...]:
        """Move the persona's schedules whose wall time is another instant now, and its picks whose slot is gone.

        Such a pick moves to the next free slot. Returns the ids of the moved schedules; repeating it moves nothing. A
        schedule that cannot be moved stays, and is logged.
        """
        now = self.clock.now()
        ahead = list(self.schedules.between(persona.persona_id, now + TIMER_SLACK, now + MAX_FUTURE))
        return tuple(item.schedule_id for item in ahead if item.is_open and self._follow(persona, item, now))

    def _follow(self, persona: Persona, schedule: Schedule, now: datetime) -> bool:
        wall_time = datetime.fromisoformat(schedule.wall_time)
        if _has_drifted(schedule, wall_time):
            return self._move(schedule, wall_time, schedule.zone, to_slot=False)
        if not self._has_lost_slot(persona, schedule, now):
            return False
        window, targets = (now + TIMER_SLACK, now + SLOTS_AHEAD), (schedule.connection_id,)
        slots = free_slots(self.claims, self.schedules, persona, targets, window, post_id=schedule.post_id)
        return any(self._move(schedule, slot.wall_time, slot.zone, to_slot=True) for slot in slots)

    def _has_lost_slot(self, persona: Persona, schedule: Schedule, now: datetime) -> bool:
        if schedule.run_at > now + max(persona.pick_ahead, timedelta(hours=24)) + PICKED_AHEAD:
            return False
        if coming_slots(persona, schedule.run_at - _INSTANT, schedule.run_at):
            return False
        post = self.posts.many([schedule.post_id]).get(schedule.post_id)
        if post is None or post.slot_at is None:
            return False
        return post.slot_at == schedule.run_at or self._holds_slot(schedule)

    def _holds_slot(self, schedule: Schedule) -> bool:
        claim = self.claims.get(slot_claim_key(schedule.persona_id, schedule.run_at, schedule.connection_id))
        return claim is not None and claim.state is ClaimState.HELD and claim.holder == schedule.post_id

    def _move(self, schedule: Schedule, wall_time: datetime, zone: str, *, to_slot: bool) -> bool:
        try:
            self.mover.follow(schedule.schedule_id, wall_time, zone, to_slot=to_slot)
        except Refusal as refusal:
            logger.warning("schedule not moved", schedule_id=schedule.schedule_id, reason=refusal.detail)
            return False
        logger.info("schedule moved", schedule_id=schedule.schedule_id, wall_time=wall_time.isoformat(), zone=zone)
        return True


def _has_drifted(schedule: Schedule, wall_time: datetime) -> bool:
    """Whether `run_at` no longer shows the wall time in its zone; both instants of a repeated hour show it."""
    zone = ZoneInfo(schedule.zone)
    shown = schedule.run_at.astimezone(zone).replace(tzinfo=None)
    return wall_time not in {shown, shown.replace(microsecond=0)} and instant_of(wall_time, zone) != schedule.run_at
