"""Taking a live post down on a person's demand: best effort, and the outcome is told as it is (DESIGN §2, Withdraw)."""

from shutterpost.channels import Failure, Removed
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.refusals import NothingToRemove
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import EventOutcome, Schedule, ScheduleStatus, StaleWrite


class Removal(Value):
    """What became of the demand: `removed`, or a sentence why the post is still there as far as is known.

    `external_url` is where to take it down by hand.
    """

    schedule_id: str
    removed: bool
    detail: str
    external_url: str | None = None


def remove_live(chain: PublishContext, schedule_id: str) -> Removal:
    """Ask the platform to delete the schedule's live post, and keep the answer as an event.

    The schedule stays `success`, its claims stay held: it was published. Asking again is harmless. Raises
    `ScheduleNotFound`, and `NothingToRemove` where no live post is known.
    """
    schedule = chain.schedules.get(schedule_id)
    check_removable(schedule)
    if schedule.removed_at is not None:
        return _removal(schedule, removed=True, detail="It was taken down before.")
    asked = chain.schedules.move(
        schedule, ScheduleStatus.SUCCESS, now=chain.clock.now(), removal_requested_at=chain.clock.now()
    )
    schedule = asked.current if isinstance(asked, StaleWrite) else asked
    account = chain.account(schedule)
    answer = (
        account if isinstance(account, Failure) else chain.adapter(schedule).remove(account, schedule.external_id or "")
    )
    return _noted(chain, schedule, answer)


def check_removable(schedule: Schedule) -> None:
    """Raise `NothingToRemove` where no live post of the schedule is known."""
    if schedule.status is not ScheduleStatus.SUCCESS or schedule.external_id is None:
        known = "its post is not known by an id" if schedule.status is ScheduleStatus.SUCCESS else "it is not live"
        detail = f"Schedule {schedule.schedule_id} is {schedule.status}: {known}."
        raise NothingToRemove(detail, external_url=schedule.external_url)


def _noted(chain: PublishContext, schedule: Schedule, answer: Removed | Failure) -> Removal:
    now = chain.clock.now()
    if isinstance(answer, Failure):
        told = event_of(schedule, EventOutcome.NOT_REMOVED, at=now, failure=answer)
        chain.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, event=told)
        # With the address, so that whoever reads the log can take it down by hand.
        logger.warning(
            "live post not removed", schedule_id=schedule.schedule_id, code=answer.code, url=schedule.external_url
        )
        return _removal(schedule, removed=False, detail=answer.message)
    told = event_of(schedule, EventOutcome.REMOVED, at=now)
    chain.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, event=told, removed_at=now)
    logger.info("live post removed", schedule_id=schedule.schedule_id)
    return _removal(schedule, removed=True, detail="It was taken down.")


def _removal(schedule: Schedule, *, removed: bool, detail: str) -> Removal:
    return Removal(schedule_id=schedule.schedule_id, removed=removed, detail=detail, external_url=schedule.external_url)
