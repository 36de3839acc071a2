"""The reconciler: leaves `unknown` by looking first (platform-apis.md §5). It adopts the one match, goes on where
provably nothing was published, and otherwise asks the owner. It never takes "the newest post"."""

from datetime import timedelta
from typing import Any

from shutterpost.channels import Account, Attempt, Failure, Matches, NoMatch, RemoteState, Status, Unreadable
from shutterpost.flows.operating.operator_verdict import apply_verdict
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.publishing.publish import succeed
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Schedule, ScheduleStatus, StaleWrite, Starter, Step

# A second look comes this much later, for what was still on its way at the first (platform-apis.md §5, rules 1 and 3).
SECOND_LOOK = timedelta(seconds=60)
# After this many looks without an answer the owner is asked; looking goes on once a day.
LOOKS_BEFORE_ASKING = 5
ASKED = timedelta(days=1)
ASK = "needs-a-person"


def reconcile(chain: PublishContext, starter: Starter, schedule: Schedule) -> Schedule | None:
    """Look for what an unclear write left; the schedule after it, or `None` where it had moved meanwhile."""
    if schedule.told is not None:
        return apply_verdict(chain, schedule, _attempt(chain, schedule))
    account = chain.account(schedule)
    if isinstance(account, Failure):
        return _look_later(chain, schedule, f"The account cannot be asked: {account.message}")
    if schedule.ref is not None:
        return _by_ref(chain, starter, schedule, account, schedule.ref)
    return _by_trace(chain, starter, schedule, account)


def _by_ref(chain: PublishContext, starter: Starter, schedule: Schedule, account: Account, ref: str) -> Schedule | None:
    status = chain.adapter(schedule).status(account, ref)
    if isinstance(status, Failure):
        return _look_later(chain, schedule, f"The platform did not say what became of {ref}: {status.message}")
    if status.state is RemoteState.PUBLISHED:
        if status.external_id is not None:
            return _adopt(chain, schedule, status)
        return _adopt_only_match(chain, schedule, account)
    if schedule.step is Step.HANDED_OVER:
        return _resume(chain, starter, schedule, step=Step.HANDED_OVER)
    if status.state in {RemoteState.READY, RemoteState.WORKING}:
        if schedule.look_count == 0:
            return _look_later(chain, schedule, "Not published at the first look; a second look follows.")
        return _resume(chain, starter, schedule, step=Step.READY)
    return _resume(chain, starter, schedule, step=None, ref=None)


def _by_trace(chain: PublishContext, starter: Starter, schedule: Schedule, account: Account) -> Schedule | None:
    result = chain.adapter(schedule).find(account, _attempt(chain, schedule))
    if isinstance(result, Unreadable):
        return _look_later(chain, schedule, f"The platform could not be searched: {result.failure.message}")
    if isinstance(result, NoMatch):
        if schedule.look_count == 0:
            return _look_later(chain, schedule, "Nothing found at the first look; a second look follows.")
        return _resume(chain, starter, schedule, step=None)
    if len(result.statuses) > 1:
        return _several(chain, schedule, result)
    match = result.statuses[0]
    if match.state is RemoteState.PUBLISHED:
        return _adopt(chain, schedule, match)
    return _resume(chain, starter, schedule, step=Step.HANDED_OVER, ref=match.ref)


def _adopt_only_match(chain: PublishContext, schedule: Schedule, account: Account) -> Schedule | None:
    """The container is published but never names the media: find it by text and time, only if there is just one."""
    result = chain.adapter(schedule).find(account, _attempt(chain, schedule))
    if isinstance(result, Unreadable):
        message = f"It is live, but the listing could not be read: {result.failure.message}"
        return _look_later(chain, schedule, message)
    if isinstance(result, NoMatch):
        return _look_later(chain, schedule, "It is live, but the listing does not show it yet.")
    if len(result.statuses) > 1:
        return _several(chain, schedule, result)
    return _adopt(chain, schedule, result.statuses[0])


def _adopt(chain: PublishContext, schedule: Schedule, live: Status) -> Schedule | None:
    known: dict[str, Any] = {
        "external_id": live.external_id,
        "external_url": live.external_url,
        "posted_at": live.posted_at,
    }
    logger.info("lost answer found: the post is live", schedule_id=schedule.schedule_id, external_id=live.external_id)
    return succeed(chain, schedule, **known)


def _resume(chain: PublishContext, starter: Starter, schedule: Schedule, **changes: Any) -> Schedule | None:
    """Back to the queue at a new revision whose chain goes on from the given step; lateness is judged as ever."""
    now = chain.clock.now()
    moved = chain.schedules.move(
        schedule, ScheduleStatus.QUEUED, now=now, revision=schedule.revision + 1, look_count=0, due_at=now, **changes
    )
    if isinstance(moved, StaleWrite):
        return None
    starter.start(moved)
    return moved


def _several(chain: PublishContext, schedule: Schedule, matches: Matches) -> Schedule | None:
    where = ", ".join(match.external_url or match.external_id or match.ref for match in matches.statuses)
    return _ask(chain, schedule, f"{len(matches.statuses)} posts match ({where}); tell which one is this post's.")


def _look_later(chain: PublishContext, schedule: Schedule, message: str) -> Schedule | None:
    if schedule.look_count + 1 >= LOOKS_BEFORE_ASKING:
        return _ask(chain, schedule, message)
    pause = SECOND_LOOK * 2**schedule.look_count
    return _stay(chain, schedule, pause=pause, look_count=schedule.look_count + 1, error_message=message)


def _ask(chain: PublishContext, schedule: Schedule, message: str) -> Schedule | None:
    sentence = f"{message} Look at the account, then resolve this schedule as live or not live."
    logger.warning("a person must look", schedule_id=schedule.schedule_id, reason=message)
    return _stay(
        chain, schedule, pause=ASKED, look_count=schedule.look_count + 1, error_code=ASK, error_message=sentence
    )


def _stay(chain: PublishContext, schedule: Schedule, *, pause: timedelta, **changes: Any) -> Schedule | None:
    now = chain.clock.now()
    moved = chain.schedules.move(schedule, ScheduleStatus.UNKNOWN, now=now, due_at=now + pause, **changes)
    return None if isinstance(moved, StaleWrite) else moved


def _attempt(chain: PublishContext, schedule: Schedule) -> Attempt:
    details = chain.posts.details(schedule.post_id)
    text = next(variant.text for variant in details.variants if variant.connection_id == schedule.connection_id)
    return Attempt(
        text=text,
        run_at=schedule.goes_at,
        attempted_at=schedule.last_attempt_at or schedule.run_at,
        ref=schedule.ref,
    )
