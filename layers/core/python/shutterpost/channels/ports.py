"""The port that every channel adapter implements, and its result types. Remote calls return failures as values."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol, Self, TypeAlias, runtime_checkable

from pydantic import Field, SecretStr

from shutterpost.channels.connection import Connection, QuotaUse
from shutterpost.channels.server import ServerLimits
from shutterpost.runtime.values import Extras, Value


class FailureClass(StrEnum):
    """What may follow a failure: another attempt, none, or a look at the platform first."""

    RETRYABLE = "retryable"
    PERMANENT = "permanent"
    AMBIGUOUS = "ambiguous"


class Cause(StrEnum):
    """The cause of a failure, which decides on its photo. `unknown`: refused with a code that is not known."""

    ACCOUNT = "account"
    QUOTA = "quota"
    TOKEN = "token"  # noqa: S105 - a cause, not a secret
    PHOTO = "photo"
    TEXT = "text"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


_MAX_MESSAGE = 1_000


class Failure(Value):
    """A failed call; `retry_after` is in seconds, `raw` is free of secrets, `resubmit` asks for a new submission.

    `picture` is the index of the message's picture that was refused, if the answer is about one; `quota` was read with
    it.
    """

    kind: Literal["failure"] = "failure"
    failure_class: FailureClass
    cause: Cause
    code: str
    message: str
    retry_after: float | None = None
    raw: str = ""
    resubmit: bool = False
    picture: int | None = None
    quota: QuotaUse | None = None

    def about(self, picture: int) -> Self:
        """The failure of a call for this picture alone, which may be to blame."""
        blamed = self.cause in {Cause.PHOTO, Cause.UNKNOWN}
        return self.model_copy(update={"picture": picture}) if blamed else self

    def unclear(self, because: str) -> Self:
        """A refusal that is not believed, `because` the post may be live all the same."""
        message = f"{because}. {self.message}"[:_MAX_MESSAGE]
        return self.model_copy(update={"failure_class": FailureClass.AMBIGUOUS, "message": message})


class Account(Value):
    connection: Connection
    token: SecretStr


class AccessSession(Value):
    """What a platform gives for a token for a limited time; `expires_at` (UTC) is that of `access`."""

    access: SecretStr
    refresh: SecretStr | None = None
    expires_at: datetime


class Picture(Value):
    """A picture: its public address where the platform fetches it, its `rendition` (a key) where it is uploaded."""

    url: str = ""
    alt_text: str = ""
    rendition: str = ""
    # What a narrower crop keeps: x to the right and y up, each from -1 to 1.
    focus: tuple[float, float] | None = None


class Message(Value):
    """The content of a post: final text, pictures in order, and the due instant (UTC)."""

    text: str
    pictures: tuple[Picture, ...]
    run_at: datetime
    # Identifies the post in all attempts and repeats.
    key: str = ""
    planned_at: datetime | None = None
    language: str | None = None
    # Those that the connection takes.
    extras: Extras = Extras()


class Healthy(Value):
    """The account can publish; `quota` is `None` where it is not known.

    `limits` are those of the account's server, where each server has its own.
    """

    kind: Literal["healthy"] = "healthy"
    quota: QuotaUse | None = None
    limits: ServerLimits | None = None

    @property
    def remaining(self) -> int | None:
        return None if self.quota is None else max(0, self.quota.total - self.quota.used)


class TokenFacts(Value):
    """What the platform states about a token; a field is `None` if it states nothing."""

    account_name: str | None = None
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None


class Submitted(Value):
    """The submission `ref` exists; `handed_over` means that the channel publishes it by itself at the due time."""

    kind: Literal["submitted"] = "submitted"
    ref: str
    handed_over: bool = False


class RemoteState(StrEnum):
    """The state of a submission. `incomplete`: its parts so far are ready, and a further one has to be submitted."""

    WORKING = "working"
    INCOMPLETE = "incomplete"
    READY = "ready"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"
    EXPIRED = "expired"
    GONE = "gone"


class Status(Value):
    """The state of `ref`; `failure` is the reason of `failed`, or what a `scheduled` post waits for."""

    kind: Literal["status"] = "status"
    ref: str
    state: RemoteState
    external_id: str | None = None
    external_url: str | None = None
    posted_at: datetime | None = None
    failure: Failure | None = None


class Published(Value):
    """A live post; `same` where the platform says that it was there before this call."""

    kind: Literal["published"] = "published"
    external_id: str
    external_url: str | None = None
    posted_at: datetime | None = None
    same: bool = False

    @classmethod
    def from_status(cls, status: Status) -> Self:
        """The post of a look-up, which an earlier call made; `status` has its id."""
        return cls(**status.model_dump(include={"external_id", "external_url", "posted_at"}), same=True)


class Withdrawn(Value):
    """The submission will not be published: it was removed, was gone already, or expires."""

    kind: Literal["withdrawn"] = "withdrawn"


class TooLate(Value):
    """The post is live or being published."""

    kind: Literal["too_late"] = "too_late"
    external_id: str


class Removed(Value):
    kind: Literal["removed"] = "removed"


class Attempt(Value):
    """A publish attempt whose answer was lost, as far as it is needed to find its post."""

    text: str
    run_at: datetime
    attempted_at: datetime
    ref: str | None = None


class NoMatch(Value):
    kind: Literal["no_match"] = "no_match"


class Matches(Value):
    """All remote posts that match an attempt, one or more, each as a `Status`; by time alone if not `exact`."""

    kind: Literal["matches"] = "matches"
    statuses: tuple[Status, ...] = Field(min_length=1)
    exact: bool = True


class Unreadable(Value):
    """The platform's list could not be read as a whole, which says nothing about the attempt."""

    kind: Literal["unreadable"] = "unreadable"
    failure: Failure


SearchResult: TypeAlias = NoMatch | Matches | Unreadable


class NewToken(Value):
    kind: Literal["new_token"] = "new_token"
    token: SecretStr
    expires_at: datetime


class Commented(Value):
    kind: Literal["commented"] = "commented"
    comment_id: str


class RecentMedia(StrEnum):
    """What a post of an account consists of."""

    PICTURE = "picture"
    PICTURES = "pictures"
    VIDEO = "video"
    TEXT = "text"
    OTHER = "other"


class RecentPost(Value):
    """A post that an account shows; `text` is its beginning, `picture_url` the address of its first picture."""

    external_id: str
    external_url: str | None = None
    posted_at: datetime | None = None
    media: RecentMedia
    picture_url: str | None = None
    text: str | None = None


class RecentPosts(Value):
    """A page of an account's posts, latest first, and the `cursor` of the next one."""

    kind: Literal["recent_posts"] = "recent_posts"
    posts: tuple[RecentPost, ...]
    cursor: str | None = None


class Channel(Protocol):
    """One channel type's remote operations; each call is bounded in time and makes at most one remote write."""

    def health(self, account: Account, due: datetime | None = None) -> Healthy | Failure:
        """Check the token and the quota, of the day of `due` where the platform counts days. Reads only."""
        ...

    def token_facts(self, account: Account) -> TokenFacts:
        """Read the facts of the token; all fields are `None` if the platform fails. Reads only."""
        ...

    def submit(self, account: Account, message: Message, ref: str | None = None) -> Submitted | Failure:
        """Create the invisible submission or its next part, or hand the post over with its due time.

        `ref` is the submission that is `incomplete`; the answer's `ref` takes its place.
        """
        ...

    def status(self, account: Account, ref: str) -> Status | Failure:
        """Look the submission up by `ref`; `ready` means that it was not published. Reads only."""
        ...

    def publish(self, account: Account, ref: str, message: Message) -> Published | Failure:
        """Publish `ref` with the content of `message`: the one irreversible call; its repeat is recognised by `ref`."""
        ...

    def describe(self, account: Account, external_id: str) -> Published | Failure:
        """Read URL and instant of a live post."""
        ...

    def withdraw(self, account: Account, ref: str) -> Withdrawn | TooLate | Failure:
        """Undo a submission before it is public. Idempotent."""
        ...

    def remove(self, account: Account, external_id: str) -> Removed | Failure:
        """Delete a live post, where the connection can. Idempotent."""
        ...

    def find(self, account: Account, attempt: Attempt) -> SearchResult:
        """Search for the post of `attempt`; only a complete list gives `NoMatch`. Reads only."""
        ...

    def live_addresses(self, account: Account, since: datetime) -> frozenset[str] | Failure:
        """Read the addresses of the account's posts that are live since `since`. Reads only."""
        ...

    def statuses(self, accounts: Sequence[Account], since: datetime) -> dict[str, Status] | Failure:
        """Read the statuses of all posts due since `since`, by `ref`, for the accounts of one listing key."""
        ...

    def refresh(self, account: Account) -> NewToken | Failure | None:
        """Exchange the token; `None` where this kind of token is not refreshed."""
        ...


@runtime_checkable
class Commenter(Protocol):
    """A channel whose account can comment on its own posts."""

    def comment(self, account: Account, external_id: str, text: str) -> Commented | Failure:
        """Comment on a live post: one call that is never repeated, because a second one makes a second comment."""
        ...

    def find_comment(self, account: Account, external_id: str, text: str) -> Commented | NoMatch | Failure:
        """Search the post's comments for `text`; only a complete list gives `NoMatch`. Reads only."""
        ...


@runtime_checkable
class PostLister(Protocol):
    """A channel that lists what an account shows; the catalogue has the reason of those that do not."""

    def recent_posts(self, account: Account, limit: int, cursor: str | None = None) -> RecentPosts | Failure:
        """Read a page of at most `limit` posts, latest first, from a page's `cursor` on. Reads only."""
        ...


class PictureReader(Protocol):
    def read(self, rendition_key: str) -> bytes: ...


class SessionStore(Protocol):
    def read(self, account: Account) -> AccessSession | Failure | None: ...

    def write(self, account: Account, session: AccessSession) -> None: ...

    def claim_renewal(self, account: Account, session: AccessSession, *, now: datetime, until: datetime) -> bool:
        """Whether the caller alone may renew `session` up to `until`: the platform renews each once."""
        ...


class ChannelFactory(Protocol):
    def __call__(self, channel: str) -> Channel:
        """The adapter; raises `ChannelDisabled` where there is none."""
        ...
