"""Connection: one account on one channel, belonging to one persona."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from shutterpost.channels.server import ServerLimits
from shutterpost.runtime.values import Value


class ConnectionStatus(StrEnum):
    """`error` pauses the connection's schedules until it is reconnected."""

    CONNECTED = "connected"
    REVOKED = "revoked"
    ERROR = "error"


# How a token was made, or what it posts as.
Login = Literal["facebook", "instagram", "member", "organization"]
Visibility = Literal["public", "unlisted", "private"]


class QuotaUse(Value):
    """How many posts of the platform's window are used."""

    used: int
    total: int


class Budget(Value):
    """The most that a connection may use in a calendar month (UTC): posts, and US dollars."""

    posts: Annotated[int, Field(ge=1, le=2_000)]
    dollars: Annotated[float, Field(gt=0, le=100_000)]

    @property
    def thousandths(self) -> int:
        return round(self.dollars * 1_000)


class Connection(Value):
    """An account on a channel, without token. `account_id` is the platform's; `login` decides the Instagram host, and
    whether LinkedIn's posts are a member's or an organization's.

    `host` is the origin of the account's server, where it is one of many, and `limits` are what that server states.
    `visibility` and `sensitive` are those of its posts, `budget` is that of a month. `checked_at` is when a check of
    its token began, `scopes` are that token's permissions where they are known. `quota_used` posts of `quota_total`
    were used at that check.
    """

    connection_id: str
    persona_id: str
    owner: str
    channel: str
    display_name: str
    account_id: str
    login: Login | None = None
    organization_id: str | None = None
    host: str | None = None
    visibility: Visibility | None = None
    sensitive: bool = False
    limits: ServerLimits | None = None
    budget: Budget | None = None
    status: ConnectionStatus = ConnectionStatus.CONNECTED
    status_reason: str | None = None
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime | None = None
    checked_at: datetime | None = None
    quota_used: int | None = None
    quota_total: int | None = None
    token_updated_at: datetime | None = None
    token_expires_at: datetime | None = None
    scopes: tuple[str, ...] | None = None

    @property
    def state(self) -> str:
        """The status as messages show it, after "is"."""
        return "in error" if self.status is ConnectionStatus.ERROR else str(self.status)

    @property
    def worked_at(self) -> datetime:
        """The last time at which its token was new, used or checked."""
        known = (self.created_at, self.token_updated_at, self.last_used_at, self.checked_at)
        return max(at for at in known if at is not None)

    @property
    def account_key(self) -> str:
        """Identifies the account across personas."""
        return f"{self.channel}:{self.account_id}"

    @property
    def listing_key(self) -> str:
        """Connections with the same key are covered by one remote list call."""
        return f"{self.channel}#{self.organization_id or self.connection_id}"
