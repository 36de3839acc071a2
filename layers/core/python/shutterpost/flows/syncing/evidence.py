"""What a platform shows of a schedule, read by its reference, else by its text and time; nothing is written."""

from dataclasses import dataclass

from shutterpost.channels import Account, Attempt, Failure, NoMatch, RemoteState, Status, Unreadable
from shutterpost.flows.publishing.context import PublishContext
from shutterpost.flows.publishing.decision import Evidence
from shutterpost.scheduling import Schedule

_STATES = {
    RemoteState.SCHEDULED: Evidence.WAITING,
    RemoteState.WORKING: Evidence.SENDING,
    RemoteState.PUBLISHED: Evidence.LIVE,
    RemoteState.FAILED: Evidence.REFUSED,
    RemoteState.EXPIRED: Evidence.REFUSED,
    RemoteState.GONE: Evidence.GONE,
}
_HIDDEN = frozenset({RemoteState.READY, RemoteState.WORKING})


@dataclass(frozen=True)
class Sight:
    """The evidence with what it was read from: the remote post where there is one, and in words what is the matter."""

    evidence: Evidence
    status: Status | None = None
    words: str = ""
    failure: Failure | None = None


def look(chain: PublishContext, schedule: Schedule) -> Sight:
    """Ask the platform what became of an attempt."""
    account = chain.account(schedule)
    if isinstance(account, Failure):
        return Sight(Evidence.UNREADABLE, words=f"The account cannot be asked: {account.message}", failure=account)
    if schedule.ref is None:
        return _by_attempt(chain, schedule, account)
    return seen(chain, schedule, account, chain.adapter(schedule).status(account, schedule.ref))


def seen(chain: PublishContext, schedule: Schedule, account: Account, status: Status | Failure) -> Sight:
    """What the platform's answer on the schedule's reference says."""
    if isinstance(status, Failure):
        words = f"The platform did not say what became of {schedule.ref}: {status.message}"
        return Sight(Evidence.UNREADABLE, words=words, failure=status)
    if status.state is RemoteState.PUBLISHED and status.external_id is None:
        return _named(chain, schedule, account)
    if status.state in _HIDDEN and not chain.submits_visibly(schedule):
        return Sight(Evidence.HIDDEN, status, "It lies at the platform and was not published.")
    words = status.failure.message if status.failure else f"The platform says that it is {status.state}."
    return Sight(_STATES.get(status.state, Evidence.SENDING), status, words, status.failure)


def _named(chain: PublishContext, schedule: Schedule, account: Account) -> Sight:
    """A submission that is published and does not name its post: the post is looked for by text and time."""
    found = _by_attempt(chain, schedule, account)
    if found.evidence in {Evidence.UNREADABLE, Evidence.NOTHING}:
        why = found.words if found.evidence is Evidence.UNREADABLE else "The listing does not show it yet."
        return Sight(Evidence.UNNAMED, words=f"It is live, and cannot be found: {why}", failure=found.failure)
    return found


def _by_attempt(chain: PublishContext, schedule: Schedule, account: Account) -> Sight:
    found = chain.adapter(schedule).find(account, attempt_of(chain, schedule))
    if isinstance(found, Unreadable):
        words = f"The platform could not be searched: {found.failure.message}"
        return Sight(Evidence.UNREADABLE, words=words, failure=found.failure)
    listed = () if isinstance(found, NoMatch) else found.statuses
    matches = [match for match in listed if chain.is_free(schedule, match)]
    if len(matches) > 1:
        where = ", ".join(match.external_url or match.external_id or match.ref for match in matches)
        return Sight(Evidence.SEVERAL, words=f"{len(matches)} posts match ({where}); tell which one is this post's.")
    if not matches:
        return Sight(Evidence.NOTHING, words="The platform has nothing of it.")
    [match] = matches
    evidence = _STATES.get(match.state, Evidence.SENDING)
    by_time_alone = evidence is Evidence.LIVE and account.connection.login == "instagram"
    return Sight(Evidence.LIKELY if by_time_alone else evidence, match, "", match.failure)


def attempt_of(chain: PublishContext, schedule: Schedule) -> Attempt:
    """What is known of the schedule's last attempt."""
    details = chain.posts.details(schedule.post_id)
    text = next(variant.text for variant in details.variants if variant.connection_id == schedule.connection_id)
    return Attempt(
        text=text,
        run_at=schedule.goes_at,
        attempted_at=schedule.last_attempt_at or schedule.run_at,
        ref=schedule.ref,
    )
