"""A platform that takes posts from many accounts in simulated time, and counts each one's quota by itself."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from typing_extensions import override

from shutterpost.channels import (
    Account,
    Attempt,
    Cause,
    Channel,
    Failure,
    FailureClass,
    Healthy,
    Message,
    NewToken,
    NoMatch,
    Published,
    QuotaUse,
    RemoteState,
    Removed,
    SearchResult,
    Status,
    Submitted,
    TokenFacts,
    TooLate,
    Withdrawn,
)

DAY = timedelta(days=1)


class Simulated:
    """Time that passes when somebody says so."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def now(self) -> datetime:
        """The simulated instant."""
        return self.instant

    def sleep(self, duration: timedelta) -> None:
        """Move on."""
        self.instant += max(duration, timedelta(0))


@dataclass
class Platform(Channel):
    """Instagram as far as a burst needs it: containers, and a quota that it counts and enforces by itself."""

    clock: Simulated
    quota: int
    containers: dict[str, tuple[str, str]] = field(default_factory=dict)
    posts: dict[str, list[tuple[datetime, str]]] = field(default_factory=lambda: defaultdict(list))
    refusals: int = 0

    def left(self, account_id: str) -> int:
        """Posts left in the last 24 hours."""
        return self.quota - sum(at > self.clock.now() - DAY for at, _ in self.posts[account_id])

    @override
    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        left = self.left(account.connection.account_id)
        return Healthy(quota=QuotaUse(used=self.quota - left, total=self.quota)) if left > 0 else self._refused()

    @override
    def token_facts(self, account: Account) -> TokenFacts:
        return TokenFacts()

    @override
    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        ref = uuid.uuid4().hex
        self.containers[ref] = (account.connection.account_id, message.text)
        return Submitted(ref=ref)

    @override
    def status(self, account: Account, ref: str) -> Status | Failure:
        return Status(ref=ref, state=RemoteState.READY)

    @override
    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        account_id, text = self.containers[ref]
        if self.left(account_id) <= 0:
            return self._refused()
        # The connection is part of the text: a post on each of them is one, a second on the same is one too many.
        self.posts[account_id].append((self.clock.now(), f"{account_id} {text}"))
        return Published(external_id=ref, external_url=f"https://platform.example/{ref}", posted_at=self.clock.now())

    @override
    def describe(self, account: Account, external_id: str) -> Published | Failure:
        return Published(external_id=external_id)

    @override
    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        return Withdrawn()

    @override
    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        return Removed()

    @override
    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        return NoMatch()

    @override
    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        return frozenset()

    @override
    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        return {}

    @override
    def refresh(self, account: Account) -> NewToken | Failure | None:
        return None

    def _refused(self) -> Failure:
        self.refusals += 1
        return Failure(
            failure_class=FailureClass.RETRYABLE,
            cause=Cause.QUOTA,
            code="9/2207042",
            message="The quota is used up.",
            retry_after=DAY.total_seconds(),
        )
