"""Removing a live post from its platform on a person's request."""

from shutterpost.channels import Failure
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.refusals import NothingToRemove
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import EventOutcome, Schedule, Schedules, ScheduleStatus, StaleWrite


class Removal(Value):
    """Whether it is `removed`, else in `detail` why not, and where a person can remove it (`external_url`)."""

    schedule_id: str
    removed: bool
    detail: str
    external_url: str | None = None


@flow
class Remover:
    clock: Clock
    schedules: Schedules
    access: ChannelAccess

    def remove(self, schedule_id: str) -> Removal:
        """Delete the schedule's live post at the platform and keep the answer as an event; repeating it is harmless.

        The schedule stays `success` with its claims held, because it was published. Raises `ScheduleNotFound`, and
        `NothingToRemove` if no live post is known.
        """
        schedule = self.schedules.get(schedule_id)
        check_removable(schedule)
        if schedule.removed_at is not None:
            return _removal(schedule, removed=True, detail="It was removed before.")
        now = self.clock.now()
        requested = self.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, removal_requested_at=now)
        schedule = requested.current if isinstance(requested, StaleWrite) else requested
        account = self.access.account(schedule)
        if isinstance(account, Failure):
            return self._failed(schedule, account)
        answer = self.access.adapter(schedule).remove(account, schedule.external_id or "")
        if isinstance(answer, Failure):
            return self._failed(schedule, answer)
        now = self.clock.now()
        event = event_of(schedule, EventOutcome.REMOVED, at=now)
        self.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, event=event, removed_at=now)
        logger.info("live post removed", schedule_id=schedule.schedule_id)
        return _removal(schedule, removed=True, detail="It was removed.")

    def _failed(self, schedule: Schedule, failure: Failure) -> Removal:
        now = self.clock.now()
        event = event_of(schedule, EventOutcome.NOT_REMOVED, at=now, failure=failure)
        self.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, event=event)
        # With the address, so that a reader of the log can remove the post.
        logger.warning(
            "live post not removed", schedule_id=schedule.schedule_id, code=failure.code, url=schedule.external_url
        )
        return _removal(schedule, removed=False, detail=failure.message)


def check_removable(schedule: Schedule) -> None:
    """Raise `NothingToRemove` if no live post of the schedule is known."""
    if schedule.status is not ScheduleStatus.SUCCESS or schedule.external_id is None:
        reason = "the id of its post is not known" if schedule.status is ScheduleStatus.SUCCESS else "it is not live"
        detail = f"Schedule {schedule.schedule_id} is {schedule.status}: {reason}."
        raise NothingToRemove(detail, external_url=schedule.external_url)


def _removal(schedule: Schedule, *, removed: bool, detail: str) -> Removal:
    return Removal(schedule_id=schedule.schedule_id, removed=removed, detail=detail, external_url=schedule.external_url)
