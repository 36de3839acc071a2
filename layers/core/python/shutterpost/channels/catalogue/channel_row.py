"""A row of the channel catalogue, with the defaults of all channels; durations are seconds."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import Any, Literal

from pydantic import Field

from shutterpost.channels.catalogue.circuit_breaker import Breaker
from shutterpost.channels.catalogue.extras import ExtraRule
from shutterpost.channels.catalogue.grades import Grade
from shutterpost.channels.catalogue.limits import Limits
from shutterpost.channels.catalogue.prices import Prices
from shutterpost.channels.catalogue.retries import RetryPolicy
from shutterpost.channels.catalogue.text_rules import TextRules
from shutterpost.channels.catalogue.token_life import TokenPolicy
from shutterpost.channels.connection import Connection
from shutterpost.channels.refusals import ChannelDisabled, ChannelUnknown, ConnectionIncomplete
from shutterpost.runtime.values import Extras, Value

_ORIGIN = re.compile(r"https://[\w.-]+(:\d+)?")
# A server of this machine has no certificate.
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d+[\w./-]*")


class ChannelStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Quota(Value):
    """Posts per rolling `window`, used where the platform does not state its quota."""

    posts: int
    window: int = 86_400


class ChannelRow(Value):
    """One channel; the chain starts `lead` seconds before `run_at`, `poll` holds the pauses between status reads.

    `post_address` is a regular expression for the addresses of its posts, whose group `post` identifies the post.
    """

    key: str
    name: str
    status: ChannelStatus
    limits: Limits
    # The adapter's package, by default `key`.
    adapter: str | None = None
    grade: Grade
    grades_by_login: dict[str, Grade] = Field(default_factory=dict)
    # Whether the platform fetches pictures from a public address or takes uploads.
    media: Literal["fetch", "upload"] = "fetch"
    text: TextRules = TextRules()
    rendition: str = "feed"
    lead: int = 120
    hands_over: bool = False
    ambiguous_from: Literal["submitting", "publishing"]
    poll: tuple[int, ...] = (2, 5, 10, 20, 30, 60, 60, 60, 60, 60)
    retry: RetryPolicy = RetryPolicy()
    spacing: int = 0
    quota: Quota | None = None
    # A channel with prices publishes nothing for a connection without a monthly budget.
    prices: Prices | None = None
    token: TokenPolicy = TokenPolicy()
    tokens_by_login: dict[str, TokenPolicy] = Field(default_factory=dict)
    grace: int = 3_600
    breaker: Breaker = Breaker()
    logins: tuple[str, ...] = ()
    needs_organization: bool = False
    # An account is at one of many servers.
    needs_host: bool = False
    extras: tuple[ExtraRule, ...] = ()
    post_address: str | None = None
    # Why what an account shows is not listed; `None` where it is.
    not_listed: str | None = None

    def most_parts(self, pictures: int) -> int:
        """How many parts of a post are submitted before it fails: in every attempt each picture's and the whole's."""
        return (pictures + 1) * self.retry.max_attempts

    def grade_of(self, connection: Connection) -> Grade:
        return self.grades_by_login.get(connection.login or "", self.grade)

    def lacks_budget(self, connection: Connection) -> bool:
        return self.prices is not None and connection.budget is None

    def token_policy(self, connection: Connection) -> TokenPolicy:
        return self.tokens_by_login.get(connection.login or "", self.token)

    def at(self, connection: Connection) -> "ChannelRow":
        """The row with the limits that the connection's server states."""
        stated = connection.limits
        if stated is None:
            return self
        names = ("max_text_length", "link_length", "max_pictures", "max_alt_text")
        changes: dict[str, Any] = {name: value for name in names if (value := getattr(stated, name)) is not None}
        if stated.max_bytes is not None:
            changes["image"] = self.limits.image.model_copy(update={"max_bytes": stated.max_bytes})
        return self.model_copy(update={"limits": self.limits.model_copy(update=changes)})

    def extra_rule(self, name: str) -> ExtraRule | None:
        """The rule of the extra of that name; `None` where the channel does not take it."""
        return next((rule for rule in self.extras if rule.name == name), None)

    def fault_of_extra(self, name: str, extras: Extras, connection: Connection | None) -> str | None:
        """Why a connection cannot take the extra `name`; a token whose permissions are not known may."""
        rule = self.extra_rule(name)
        if rule is None:
            return f"{self.name} takes none"
        count = len(getattr(extras, name)) if rule.most is not None else 0
        if rule.most is not None and count > rule.most:
            return f"{self.name} takes {rule.most}, not {count}"
        scope = rule.scopes.get(connection.login or "") if connection else None
        if connection is None or scope is None or connection.scopes is None or scope in connection.scopes:
            return None
        return f"the token of {connection.display_name} lacks the permission {scope}; connect the account again with it"

    def usable(self, extras: Extras, connection: Connection | None) -> Extras:
        """The extras that the connection takes; the others are left out."""
        return extras.only(tuple(name for name in extras.names if not self.fault_of_extra(name, extras, connection)))

    def check_account(
        self,
        account_id: str,
        *,
        login: str | None,
        organization_id: str | None,
        host: str | None = None,
        allow_loopback: bool = False,
    ) -> None:
        """Raise `ConnectionIncomplete` where something is missing that the channel needs to reach the account.

        `allow_loopback` is for a stage on this machine.
        """
        if not account_id.strip():
            raise ConnectionIncomplete(f"{self.name} needs the account's id on the platform.", field="account_id")
        if self.logins and login not in self.logins:
            ways = " or ".join(repr(name) for name in self.logins)
            raise ConnectionIncomplete(
                f"{self.name} needs to know how the token was made: set login to {ways}.", field="login"
            )
        if self.needs_organization and not (organization_id or "").strip():
            raise ConnectionIncomplete(f"{self.name} needs the organization's id.", field="organization_id")
        on_this_machine = allow_loopback and _LOOPBACK.fullmatch(host or "")
        if self.needs_host and not _ORIGIN.fullmatch(host or "") and not on_this_machine:
            raise ConnectionIncomplete(
                f"{self.name} needs the account's server, for example https://example.social.", field="host"
            )


class Catalogue(Value):
    version: str
    rows: tuple[ChannelRow, ...]

    def row(self, key: str) -> ChannelRow:
        """The row of `key`, active or not; raises `ChannelUnknown`."""
        for row in self.rows:
            if row.key == key:
                return row
        known = ", ".join(row.key for row in self.rows)
        raise ChannelUnknown(f"There is no channel {key!r}; use one of {known}.", field="channel", channel=key)

    def active(self, key: str) -> ChannelRow:
        """The row of `key` where it can be published to; raises `ChannelUnknown` or `ChannelDisabled`."""
        row = self.row(key)
        if row.status is not ChannelStatus.ACTIVE:
            usable = ", ".join(row.key for row in self.rows if row.status is ChannelStatus.ACTIVE)
            raise ChannelDisabled(f"{row.name} cannot be published to yet; use one of {usable}.", channel=key)
        return row


@lru_cache
def catalogue() -> Catalogue:
    from shutterpost.channels.catalogue.rows import ROWS, VERSION

    return Catalogue(version=VERSION, rows=ROWS)
