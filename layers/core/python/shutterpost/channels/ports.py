"""The port every channel adapter implements, and the closed sets of answers it gives.

Remote calls answer with values, never exceptions: a failure carries its class, because only the adapter knows the
platform's codes (platform-apis.md §1.3, §2.3, §3.2).
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, TypeAlias

from pydantic import Field, SecretStr

from shutterpost.channels.connection import Connection
from shutterpost.runtime.values import Value


class FailureClass(StrEnum):
    """What may follow a failure (DESIGN §2, rule 4)."""

    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    AMBIGUOUS = "ambiguous"


class Cause(StrEnum):
    """What a failure blames; decides whether the photo may be picked again (DESIGN §2, Release)."""

    ACCOUNT = "account"
    QUOTA = "quota"
    TOKEN = "token"  # noqa: S105 - a cause, not a secret
    PHOTO = "photo"
    TEXT = "text"
    PLATFORM = "platform"


class Failure(Value):
    """A remote call that did not do what was asked.

    `retry_after` is in seconds; `raw` is the platform's answer, trimmed to 1 000 characters and free of secrets. Where
    `resubmit` is set, the next attempt needs a new submission.
    """

    kind: Literal["failure"] = "failure"
    failure_class: FailureClass
    cause: Cause
    code: str
    message: str
    retry_after: float | None = None
    raw: str = ""
    resubmit: bool = False


class Account(Value):
    """A connection with its token, alive only during a call."""

    connection: Connection
    token: SecretStr


class Picture(Value):
    """One image as the platform will fetch it: a public URL and the text for those who cannot see it."""

    url: str
    alt_text: str = ""


class Message(Value):
    """What a connection is to show: final text, pictures in order and the instant it is due (UTC)."""

    text: str
    pictures: tuple[Picture, ...]
    run_at: datetime


class Healthy(Value):
    """The account can publish: posts left in the platform's window, `None` where it does not say."""

    kind: Literal["healthy"] = "healthy"
    remaining: int | None = None


class Submitted(Value):
    """The first step is done: `ref` is the container or remote post; `handed_over` where the channel publishes by
    itself at the due time."""

    kind: Literal["submitted"] = "submitted"
    ref: str
    handed_over: bool = False


class RemoteState(StrEnum):
    """What the platform says of a `ref`."""

    WORKING = "working"
    READY = "ready"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"
    EXPIRED = "expired"
    GONE = "gone"


class Status(Value):
    """The platform's word on a `ref`: its state, and where published its id, URL and instant as far as known.

    `failure` says why it `failed`, or what a `scheduled` one waits for besides its due time.
    """

    kind: Literal["status"] = "status"
    ref: str
    state: RemoteState
    external_id: str | None = None
    external_url: str | None = None
    posted_at: datetime | None = None
    failure: Failure | None = None


class Published(Value):
    """The post is live."""

    kind: Literal["published"] = "published"
    external_id: str
    external_url: str | None = None
    posted_at: datetime | None = None


class Withdrawn(Value):
    """Nothing of the submission will appear: removed, already gone, or left to expire."""

    kind: Literal["withdrawn"] = "withdrawn"


class TooLate(Value):
    """It is live or on its way, so it cannot be withdrawn: roll forward."""

    kind: Literal["too_late"] = "too_late"
    external_id: str


class Removed(Value):
    """The live post is gone, now or already before."""

    kind: Literal["removed"] = "removed"


class Trace(Value):
    """What is known of an attempt whose answer was lost: enough to find it, never "the newest post"."""

    text: str
    run_at: datetime
    attempted_at: datetime
    ref: str | None = None


class NoMatch(Value):
    """The platform's complete list holds no post of the attempt."""

    kind: Literal["no_match"] = "no_match"


class Matches(Value):
    """All remote posts that match an attempt, one or more, each as a `Status`."""

    kind: Literal["matches"] = "matches"
    statuses: tuple[Status, ...] = Field(min_length=1)


class Unreadable(Value):
    """The platform's list could not be read as a whole, which says nothing about the attempt."""

    kind: Literal["unreadable"] = "unreadable"
    failure: Failure


SearchResult: TypeAlias = NoMatch | Matches | Unreadable


class NewToken(Value):
    """A refreshed token and when it ends (UTC)."""

    kind: Literal["new_token"] = "new_token"
    token: SecretStr
    expires_at: datetime


class Channel(Protocol):
    """One channel type's remote operations; every call is bounded in time and makes at most one remote write."""

    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Whether the token works and quota is left, on the day of `due` where the platform counts days. Reads only."""
        ...

    def submit(self, account: Account, message: Message) -> Submitted | Failure:
        """The invisible first step, or the hand-over with the due time. A write; not to be repeated blindly."""
        ...

    def status(self, account: Account, ref: str) -> Status | Failure:
        """The platform's word on one `ref`. Reads only."""
        ...

    def publish(self, account: Account, ref: str) -> Published | Failure:
        """The one irreversible call."""
        ...

    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """URL and instant of a live post. Reads only."""
        ...

    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Undo a submission before it is public; repeating it is harmless."""
        ...

    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Take a live post down, where the connection can at all; repeating it is harmless."""
        ...

    def find(self, account: Account, trace: Trace) -> SearchResult:
        """Look for what an attempt may have left; only a complete list gives `NoMatch`. Reads only."""
        ...

    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        """By `ref`: the word on everything due since `since`, for all accounts of one listing key in one listing."""
        ...

    def refresh(self, account: Account) -> NewToken | Failure | None:
        """A new token, or `None` where this kind of token is not refreshed."""
        ...


class ChannelFactory(Protocol):
    """Gives the adapter of a channel key."""

    def __call__(self, channel: str) -> Channel:
        """The adapter; raises `ChannelDisabled` for channels without one."""
        ...
