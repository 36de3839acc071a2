"""Cancelling a schedule at any moment: at once while nothing has begun, else by its chain (DESIGN §2)."""

from dataclasses import dataclass

from shutterpost.flows.posting.release import Releaser
from shutterpost.flows.refusals import NothingToCancel
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    Schedule,
    Schedules,
    ScheduleStatus,
    StaleWrite,
    Starter,
    Step,
    Timers,
)

# Each round means that a chain moved the schedule between our read and our write; a chain makes few moves a second.
ROUNDS = 10


class CancelResult(Value):
    """The schedule after the request: `done`, or its chain has been told to stop and withdraw."""

    schedule: Schedule
    done: bool


@dataclass(frozen=True, kw_only=True)
class Canceller:
    """Cancels schedules; never calls a platform itself."""

    clock: Clock
    schedules: Schedules
    releaser: Releaser
    timers: Timers
    starter: Starter

    def cancel(self, schedule_id: str) -> CancelResult:
        """Cancel, or have it cancelled. Asking twice is fine.

        Raises `ScheduleNotFound`, and `NothingToCancel` for what has ended or whose outcome is unknown.
        """
        for _ in range(ROUNDS):
            schedule = self.schedules.get(schedule_id)
            answer = self._try(schedule)
            if answer is not None:
                return answer
        raise NothingToCancel(f"Schedule {schedule_id} is moving right now; ask again in a moment.")

    def _try(self, schedule: Schedule) -> CancelResult | None:
        if schedule.status is ScheduleStatus.CANCELLED:
            return CancelResult(schedule=schedule, done=True)
        if not schedule.is_open:
            raise NothingToCancel(f"Schedule {schedule.schedule_id} has ended: it is {schedule.status}.")
        if schedule.status is ScheduleStatus.UNKNOWN:
            detail = f"Whether schedule {schedule.schedule_id} is live is being found out; cancel once that is known."
            raise NothingToCancel(detail)
        if schedule.cancel_requested:
            return CancelResult(schedule=schedule, done=False)
        if schedule.step is None:
            return self._end(schedule)
        if schedule.status is ScheduleStatus.PROCESSING and schedule.step is not Step.HANDED_OVER:
            return _accepted(self.schedules.request_cancel(schedule, now=self.clock.now()))
        return self._withdraw(schedule)

    def _end(self, schedule: Schedule) -> CancelResult | None:
        ended = self.releaser.end(schedule, ScheduleStatus.CANCELLED)
        if ended is None:
            return None
        self.timers.disarm_start(schedule)
        return CancelResult(schedule=ended, done=True)

    def _withdraw(self, schedule: Schedule) -> CancelResult | None:
        """A new revision with the intent to withdraw; its chain takes back what was handed over."""
        now = self.clock.now()
        moved = self.schedules.move(
            schedule,
            schedule.status,
            now=now,
            revision=schedule.revision + 1,
            intent=Intent.WITHDRAW,
            cancel_requested=True,
            retry_count=0,
            due_at=now,
        )
        if not isinstance(moved, StaleWrite):
            self.starter.start(moved)
        return _accepted(moved)


def _accepted(moved: Schedule | StaleWrite) -> CancelResult | None:
    return None if isinstance(moved, StaleWrite) else CancelResult(schedule=moved, done=False)
