"""The types of the channel catalogue; durations are seconds unless a name says days."""

from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal

from pydantic import Field

from shutterpost.channels.connection import Connection
from shutterpost.channels.refusals import ChannelDisabled, ChannelUnknown, ConnectionIncomplete
from shutterpost.runtime.values import Value


class ChannelStatus(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class TextUnit(StrEnum):
    """How a channel counts text: code points, grapheme clusters, or X's weights."""

    CHARACTERS = "characters"
    GRAPHEMES = "graphemes"
    WEIGHTED = "weighted"


class ImageRules(Value):
    """Limits of an image file; ratios are width / height, `None` means no limit."""

    formats: tuple[str, ...]
    max_bytes: int
    min_width: int | None = None
    max_width: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None


class Limits(Value):
    """Limits of one post; `None` means no known limit."""

    max_text_length: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    max_hashtags: int | None = None
    max_mentions: int | None = None
    max_alt_text: int | None = None
    min_pictures: int = 0
    max_pictures: int
    image: ImageRules


class RetryPolicy(Value):
    """Retries before publish; `jitter` is the share of a delay that is random."""

    base: float = Field(default=15, gt=0)
    cap: float = Field(default=900, gt=0)
    max_attempts: int = Field(default=5, ge=1)
    jitter: float = Field(default=0.5, ge=0, le=1)

    def delay(self, attempt: int, chance: float, retry_after: float | None = None) -> timedelta | None:
        """The delay after failed `attempt` (from 1), or `None` after the last; `chance` is in [0, 1)."""
        if attempt >= self.max_attempts:
            return None
        own = min(self.cap, self.base * 2 ** (attempt - 1)) * (1 - self.jitter * chance)
        return timedelta(seconds=max(own, retry_after or 0))


class TokenPolicy(Value):
    """Lifetime of a token in days, `None` means unlimited; `refresh_after_days` is `None` where a person renews it."""

    life_days: int | None = None
    refresh_after_days: int | None = None

    def refresh_due(self, connection: Connection, now: datetime) -> bool:
        """Whether to exchange the connection's token; Meta exchanges none that is younger than a day."""
        if self.refresh_after_days is None or self.life_days is None or connection.token_updated_at is None:
            return False
        age, days_left = now - connection.token_updated_at, self.days_left(connection, now)
        near = days_left is not None and days_left < self.life_days - self.refresh_after_days
        return age >= timedelta(days=self.refresh_after_days) or (near and age >= timedelta(days=1))

    def days_left(self, connection: Connection, now: datetime) -> int | None:
        """Whole days until the connection's token ends, below 0 once it has; `None` where it does not end."""
        ends_at = connection.token_expires_at
        if ends_at is None and self.life_days is not None and connection.token_updated_at is not None:
            ends_at = connection.token_updated_at + timedelta(days=self.life_days)
        return None if ends_at is None else (ends_at - now).days


class Quota(Value):
    """Posts per rolling `window`, used where the platform does not state its quota."""

    posts: int
    window: int = 86_400


class Breaker(Value):
    failures: int = 5
    window: int = 3_600
    cooldown: int = 3_600


class ChannelRow(Value):
    """One channel; the chain starts `lead` seconds before `run_at`, `poll` holds the pauses between status reads."""

    key: str
    name: str
    status: ChannelStatus
    limits: Limits
    rendition: str = "feed"
    lead: int = 120
    hands_over: bool = False
    ambiguous_from: Literal["submitting", "publishing"]
    poll: tuple[int, ...] = (2, 5, 10, 20, 30, 60, 60, 60, 60, 60)
    retry: RetryPolicy = RetryPolicy()
    spacing: int = 0
    quota: Quota | None = None
    token: TokenPolicy = TokenPolicy()
    tokens_by_login: dict[str, TokenPolicy] = Field(default_factory=dict)
    grace: int = 3_600
    breaker: Breaker = Breaker()
    logins: tuple[str, ...] = ()
    needs_organization: bool = False

    def token_policy(self, connection: Connection) -> TokenPolicy:
        return self.tokens_by_login.get(connection.login or "", self.token)

    def check_account(self, account_id: str, *, login: str | None, organization_id: str | None) -> None:
        """Raise `ConnectionIncomplete` where something is missing that the channel needs to reach the account."""
        if not account_id.strip():
            raise ConnectionIncomplete(f"{self.name} needs the account's id on the platform.", field="account_id")
        if self.logins and login not in self.logins:
            ways = " or ".join(repr(name) for name in self.logins)
            raise ConnectionIncomplete(
                f"{self.name} needs to know how the token was made: set login to {ways}.", field="login"
            )
        if self.needs_organization and not (organization_id or "").strip():
            raise ConnectionIncomplete(f"{self.name} needs the organization's id.", field="organization_id")


class Catalogue(Value):
    version: str
    rows: tuple[ChannelRow, ...]

    def row(self, key: str) -> ChannelRow:
        """The row of `key`, enabled or not; raises `ChannelUnknown`."""
        for row in self.rows:
            if row.key == key:
                return row
        known = ", ".join(row.key for row in self.rows)
        raise ChannelUnknown(f"There is no channel {key!r}; use one of {known}.", field="channel", channel=key)

    def enabled(self, key: str) -> ChannelRow:
        """The row of `key` where it can be published to; raises `ChannelUnknown` or `ChannelDisabled`."""
        row = self.row(key)
        if row.status is not ChannelStatus.ENABLED:
            usable = ", ".join(row.key for row in self.rows if row.status is ChannelStatus.ENABLED)
            raise ChannelDisabled(f"{row.name} cannot be published to yet; use one of {usable}.", channel=key)
        return row


@lru_cache
def catalogue() -> Catalogue:
    from shutterpost.channels.catalogue.rows import ROWS, VERSION

    return Catalogue(version=VERSION, rows=ROWS)
