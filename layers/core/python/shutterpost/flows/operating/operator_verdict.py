"""A person's word on an unknown outcome, applied by the reconciler; even then it looks before it acts."""

from typing import Any

from shutterpost.channels import Account, Attempt, Cause, Failure, FailureClass, Matches, RemoteState, Status, TooLate
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.publishing.publish import succeed
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import OperatorVerdict, Schedule, ScheduleStatus, StaleWrite

NOT_LIVE = Failure(
    failure_class=FailureClass.PERMANENT,
    cause=Cause.ACCOUNT,
    code="not-live",
    message="A person looked and found no post; retry this schedule to post it.",
)
CONTRADICTED = "word-contradicted"


def apply_verdict(chain: PublishContext, schedule: Schedule, attempt: Attempt) -> Schedule | None:
    """End `schedule` as the person said; the schedule after it, or `None` where it had moved meanwhile.

    What the platform shows to be live, or on its way, is not ended as not live: the word is dropped, and the owner is
    told. Where the platform cannot be asked, the word stands.
    """
    account = chain.account(schedule)
    found = [] if isinstance(account, Failure) else _found(chain, schedule, account, attempt)
    if schedule.told is OperatorVerdict.LIVE:
        return _live(chain, schedule, found)
    for match in found:
        if match.state is RemoteState.PUBLISHED or not _withdrawn(chain, schedule, account, match):
            where = match.external_url or match.external_id or match.ref
            return _contradicted(chain, schedule, f"The platform has this post ({where}).")
    ended = chain.releaser.end(schedule, ScheduleStatus.FAILED, NOT_LIVE)
    chain.copies.remove(schedule.public_keys)
    if ended is not None:
        chain.releaser.free_photo(ended)
    return ended


def _found(chain: PublishContext, schedule: Schedule, account: Account, attempt: Attempt) -> list[Status]:
    """What the platform has of the attempt: by its `ref`, else by text and time. Nothing where it does not say."""
    adapter = chain.adapter(schedule)
    if schedule.ref is not None and schedule.told is OperatorVerdict.NOT_LIVE:
        status = adapter.status(account, schedule.ref)
        visible = chain.submits_visibly(schedule)
        states = {RemoteState.PUBLISHED, *((RemoteState.SCHEDULED, RemoteState.WORKING) if visible else ())}
        return [status] if isinstance(status, Status) and status.state in states else []
    result = adapter.find(account, attempt)
    return list(result.statuses) if isinstance(result, Matches) else []


def _live(chain: PublishContext, schedule: Schedule, found: list[Status]) -> Schedule | None:
    named = next((match for match in found if match.external_url == schedule.told_url), None)
    known: dict[str, Any] = {"external_url": schedule.told_url, "posted_at": schedule.last_attempt_at}
    if named is not None:
        known |= {"external_id": named.external_id, "posted_at": named.posted_at or schedule.last_attempt_at}
    logger.info("a person found the post live", schedule_id=schedule.schedule_id, identified=named is not None)
    return succeed(chain, schedule, **known)


def _withdrawn(chain: PublishContext, schedule: Schedule, account: Account | Failure, match: Status) -> bool:
    """Whether what waits there was taken back, so that it cannot appear later."""
    if isinstance(account, Failure):
        return True
    answer = chain.adapter(schedule).withdraw(account, match.ref)
    return not isinstance(answer, TooLate | Failure)


def _contradicted(chain: PublishContext, schedule: Schedule, message: str) -> Schedule | None:
    now = chain.clock.now()
    sentence = f"{message} It was said not to be live; look again, then resolve this schedule."
    logger.warning("a person's word is contradicted", schedule_id=schedule.schedule_id, reason=message)
    moved = chain.schedules.move(
        schedule,
        ScheduleStatus.UNKNOWN,
        now=now,
        told=None,
        told_url=None,
        due_at=now,
        error_code=CONTRADICTED,
        error_message=sentence,
    )
    return None if isinstance(moved, StaleWrite) else moved
