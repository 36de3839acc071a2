"""Starting publish workflows: at once, or by a one-off timer."""

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.channels import Catalogue
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.circuits import Circuits
from shutterpost.flows.planning.deadlines import queue_after_veto, start_instant
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import MIN_AHEAD, Review, Schedule, Schedules, ScheduleStatus, Starter, Timers


@flow
class StartTimers:
    """Starts the workflow of a schedule at its `start_at`."""

    clock: Clock
    catalogue: Catalogue
    schedules: Schedules
    circuits: Circuits
    timers: Timers
    starter: Starter

    def arm(self, schedule: Schedule, *, requested: bool = False) -> None:
        """Start the workflow now if `start_at` is past or near, else create a timer; not while an approval is pending.

        A post that an operator `requested` for now passes open circuit breakers.
        Errors are logged and not raised, because sync starts every schedule that is still queued at `due_at`.
        """
        if schedule.review is Review.APPROVAL:
            return
        now = self.clock.now()
        try:
            if schedule.start_at > now + MIN_AHEAD:
                self.timers.arm_start(schedule)
                return
            if requested and schedule.run_at <= now + MIN_AHEAD:
                self.circuits.admit(schedule)
            queued = schedule if schedule.review is None else queue_after_veto(self.schedules, schedule, now)
            if queued is not None:
                self.starter.start(queued)
        except (BotoCoreError, ClientError):
            logger.exception("timer not created", schedule_id=schedule.schedule_id)

    def disarm(self, schedule: Schedule) -> None:
        self.timers.disarm_start(schedule)

    def start(self, schedule: Schedule) -> None:
        """Start the workflow of this revision now; a repeat has no effect."""
        self.starter.start(schedule)

    def start_at(self, channel: str, run_at: datetime, now: datetime, review: Review | None = None) -> datetime:
        """When the workflow of a schedule on `channel` starts; see `start_instant`."""
        return start_instant(self.catalogue.row(channel), run_at, now, review)


def start_revision(schedules: Schedules, starter: Starter, schedule_id: str, revision: int, *, now: datetime) -> bool:
    """Start a timer's revision; `False` if the schedule has changed since. Raises `ScheduleNotFound`."""
    schedule: Schedule | None = schedules.get(schedule_id)
    if schedule is not None and schedule.status is ScheduleStatus.PENDING and schedule.review is Review.VETO:
        schedule = queue_after_veto(schedules, schedule, now) if schedule.revision == revision else None
    if schedule is None or schedule.status is not ScheduleStatus.QUEUED or schedule.revision != revision:
        return False
    starter.start(schedule)
    return True
