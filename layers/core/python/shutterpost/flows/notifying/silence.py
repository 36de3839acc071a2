"""Counts the personas of which nothing went out although something should have; CloudWatch alarms on the count."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.flow import flow
from shutterpost.personas import Persona, Personas, announced_slots
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Pauses, Schedules, ScheduleStatus, Weeks

DAY = timedelta(days=1)


@flow
class SilenceCheck:
    """Compares the slots of the last day with what went out; one query for each persona with slots."""

    clock: Clock
    personas: Personas
    schedules: Schedules
    weeks: Weeks
    pauses: Pauses

    def run(self) -> int:
        """The number of active personas that had slots and published nothing, and that nobody paused."""
        now = self.clock.now()
        silent = [persona.persona_id for persona in self.personas.active() if self._is_silent(persona, now)]
        if silent:
            logger.warning("nothing went out", personas=silent)
        return len(silent)

    def _is_silent(self, persona: Persona, now: datetime) -> bool:
        until = now - persona.late_grace
        since = until - DAY
        if not announced_slots(persona, since, until) or self._is_held(persona, until):
            return False
        # The persona's least gap between posts is not silence.
        since -= timedelta(minutes=persona.min_gap_minutes)
        window = self.schedules.between(persona.persona_id, since, now)
        return not any(schedule.status is ScheduleStatus.SUCCESS for schedule in window)

    def _is_held(self, persona: Persona, until: datetime) -> bool:
        if self.pauses.of(persona.owner) is not None:
            return True
        if persona.max_per_week is None:
            return False
        today = until.astimezone(ZoneInfo(persona.zone)).date()
        week = self.weeks.get(persona.persona_id, today - timedelta(days=today.weekday()))
        return len(week.planned) >= persona.max_per_week
