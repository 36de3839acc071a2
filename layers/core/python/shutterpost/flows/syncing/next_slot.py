"""Moving late schedules to their persona's next free slot."""

from datetime import datetime, timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.deadlines import TIMER_SLACK
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.slots import free_slots
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.refusals import TooNear, WeekFull
from shutterpost.personas import Persona, Personas, SlotInstant
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Refused
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Claims, Schedule, Schedules, ScheduleStatus, Weeks

# The next slot is looked for within this time.
SLOTS_AHEAD = timedelta(days=14)


@flow
class NextSlot:
    personas: Personas
    schedules: Schedules
    claims: Claims
    weeks: Weeks
    slot_claims: SlotClaims
    start_timers: StartTimers

    def move(self, schedule: Schedule, now: datetime) -> Schedule | None:
        """Restart the schedule at the first slot that is free for its connection; `None` without one."""
        persona = self.personas.get(schedule.persona_id)
        targets, window = (schedule.connection_id,), (now + TIMER_SLACK, now + SLOTS_AHEAD)
        for slot in free_slots(self.claims, self.schedules, persona, targets, window, post_id=schedule.post_id):
            moved = self._move_to(persona, schedule, slot, now)
            if moved is not None:
                logger.warning("moved to next slot", schedule_id=moved.schedule_id, run_at=iso(moved.run_at))
                return moved
        return None

    def _move_to(self, persona: Persona, schedule: Schedule, slot: SlotInstant, now: datetime) -> Schedule | None:
        start_at = self.start_timers.start_at(schedule.channel, slot.run_at, now)
        writes = self.schedules.moving(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            revision=schedule.revision + 1,
            run_at=slot.run_at,
            wall_time=slot.wall_time.isoformat(),
            zone=slot.zone,
            step=None,
            ref=None,
            publish_at=None,
            start_at=start_at,
            due_at=start_at + TIMER_SLACK,
        )
        writes += self.slot_claims.parts(persona, [schedule], slot.run_at)
        planned = schedule.model_copy(update={"run_at": slot.run_at})
        try:
            answer = commit_planned(self.weeks, self.schedules, persona, [planned], writes)
        except (TooNear, WeekFull):
            return None
        if isinstance(answer, Refused):
            return None
        moved = self.schedules.get(schedule.schedule_id)
        self.start_timers.arm(moved)
        return moved
