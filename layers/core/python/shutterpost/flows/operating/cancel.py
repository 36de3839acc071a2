"""Cancelling and skipping schedules: at once before anything began, else through the schedule's workflow."""

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.stale_writes import change_schedule
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import Releaser
from shutterpost.flows.refusals import NothingToCancel, NothingToSkip
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Intent, PostDetails, Schedule, Schedules, ScheduleStatus, StaleWrite, Step


class CancelResult(Value):
    """The schedule after the request; `done` is false while its workflow still has to stop or withdraw it."""

    schedule: Schedule
    done: bool


@flow
class Canceller:
    """Cancels and skips schedules; never calls a platform itself."""

    clock: Clock
    schedules: Schedules
    releaser: Releaser
    start_timers: StartTimers

    def cancel(self, schedule_id: str, *, details: PostDetails | None = None) -> CancelResult:
        """Cancel the schedule, or request its cancellation; repeating it is harmless.

        The post's `details`, if they were read just before, save the first reads. Raises `ScheduleNotFound`, and
        `NothingToCancel` if it has ended or its outcome is unknown.
        """
        if details is not None:
            result = self._cancel(details.schedule(schedule_id), details)
            if result is not None:
                return result
        return change_schedule(self.schedules, schedule_id, NothingToCancel, self._cancel)

    def skip(self, schedule_id: str, reason: str | None = None) -> Schedule:
        """End a waiting schedule as skipped with `reason`, and release its claims.

        Raises `ScheduleNotFound`, and `NothingToSkip` if it has begun or ended.
        """
        return change_schedule(
            self.schedules, schedule_id, NothingToSkip, lambda schedule: self._skip(schedule, reason)
        )

    def _cancel(self, schedule: Schedule, details: PostDetails | None = None) -> CancelResult | None:
        if schedule.status is ScheduleStatus.CANCELLED:
            return CancelResult(schedule=schedule, done=True)
        if not schedule.is_open:
            raise NothingToCancel(f"Schedule {schedule.schedule_id} has ended: it is {schedule.status}.")
        if schedule.status is ScheduleStatus.UNKNOWN:
            detail = f"The outcome of schedule {schedule.schedule_id} is unknown; cancel it once sync has resolved it."
            raise NothingToCancel(detail)
        if schedule.cancel_requested:
            return CancelResult(schedule=schedule, done=False)
        if schedule.step is None:
            ended = self._end(schedule, ScheduleStatus.CANCELLED, details=details)
            return CancelResult(schedule=ended, done=True) if ended else None
        if schedule.status is ScheduleStatus.PROCESSING and schedule.step is not Step.HANDED_OVER:
            return _requested(self.schedules.request_cancel(schedule, now=self.clock.now()))
        return self._withdraw(schedule)

    def _skip(self, schedule: Schedule, reason: str | None) -> Schedule | None:
        if not schedule.has_not_begun:
            raise NothingToSkip(
                f"Schedule {schedule.schedule_id} is {schedule.status}; only a waiting schedule can be skipped. "
                "Cancel it instead."
            )
        return self._end(schedule, ScheduleStatus.SKIPPED, _skipped(reason))

    def _end(
        self,
        schedule: Schedule,
        to: ScheduleStatus,
        failure: Failure | None = None,
        *,
        details: PostDetails | None = None,
    ) -> Schedule | None:
        ended = self.releaser.end(schedule, to, failure, details=details)
        if ended is not None:
            self.start_timers.disarm(schedule)
        return ended

    def _withdraw(self, schedule: Schedule) -> CancelResult | None:
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
            self.start_timers.start(moved)
        return _requested(moved)


def _requested(moved: Schedule | StaleWrite) -> CancelResult | None:
    return None if isinstance(moved, StaleWrite) else CancelResult(schedule=moved, done=False)


def _skipped(reason: str | None) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code="skipped-by-person",
        message=reason or "A person skipped it; retry to post it after all.",
    )
