"""Starting posts whose time has come, as soon as what held them has ended."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import HAND_OVER_AHEAD, TIMER_SLACK
from shutterpost.flows.planning.holds import Holds, waiting_retry
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import LateAction, Schedule, Schedules, ScheduleStatus, StaleWrite, late_action

# A post that has waited longer is past every grace and left to sync.
BACK = timedelta(days=30)


class StartReport(Value):
    """Schedules whose time has come: `started`, past their grace (`late`; sync applies the late policy), or `held`."""

    started: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    held: tuple[str, ...] = ()


@flow
class DueStarter:
    """Starts due posts without waiting for sync."""

    clock: Clock
    schedules: Schedules
    holds: Holds
    start_timers: StartTimers

    def start(self, personas: Iterable[Persona], connection_id: str | None = None) -> StartReport:
        """Start what is due of the personas, or of one connection with the posts that wait for their next attempt."""
        now = self.clock.now()
        result: dict[str, list[str]] = {"started": [], "late": [], "held": []}
        for persona in personas:
            due = list(self._due(persona, connection_id, now))
            holds = self.holds.of(schedule for schedule in due if schedule.status is ScheduleStatus.QUEUED)
            for schedule in due:
                outcome = "held" if schedule.schedule_id in holds else self._start(schedule, persona, now)
                result[outcome].append(schedule.schedule_id)
        report = StartReport.model_validate(result)
        logger.info("due posts started", **report.model_dump())
        return report

    def _due(self, persona: Persona, connection_id: str | None, now: datetime) -> Iterator[Schedule]:
        for schedule in self.schedules.between(persona.persona_id, now - BACK, now + HAND_OVER_AHEAD):
            if connection_id not in {None, schedule.connection_id}:
                continue
            queued = schedule.status is ScheduleStatus.QUEUED and schedule.start_at <= now
            retries = schedule.status is ScheduleStatus.PROCESSING and waiting_retry(schedule, now) is not None
            if queued or (connection_id is not None and retries):
                yield schedule

    def _start(self, schedule: Schedule, persona: Persona, now: datetime) -> str:
        """Start a new revision, because the old one's execution may still wait; what is late is left to sync."""
        late = late_action(run_at=schedule.run_at, now=now, grace=persona.late_grace, then=persona.late_then)
        in_time = late is LateAction.START
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            revision=schedule.revision + 1,
            start_at=now,
            lease_until=None,
            due_at=now + TIMER_SLACK if in_time else now,
        )
        if in_time and not isinstance(moved, StaleWrite):
            self.start_timers.arm(moved)
        return "started" if in_time else "late"
