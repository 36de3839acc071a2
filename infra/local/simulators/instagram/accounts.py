"""Instagram accounts and their tokens, which are stored as digests only."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from infra.local.simulators.instagram.errors import (
    BAD_PARAMETER,
    PERMISSION,
    TOKEN_EXPIRED,
    TOKEN_INVALID,
    GraphRefusal,
)

Flavour = Literal["facebook", "instagram"]
Right = Literal["read", "publish", "delete", "pages", "comment"]

TOKEN_LIFE = timedelta(days=60)
YOUNGEST_REFRESH = timedelta(hours=24)

SCOPES: dict[Flavour, dict[Right, frozenset[str]]] = {
    "facebook": {
        "read": frozenset({"instagram_basic"}),
        "publish": frozenset({"instagram_basic", "instagram_content_publish"}),
        "delete": frozenset({"instagram_basic", "instagram_manage_contents"}),
        "pages": frozenset({"pages_read_engagement"}),
        "comment": frozenset({"instagram_basic", "instagram_manage_comments"}),
    },
    "instagram": {
        "read": frozenset({"instagram_business_basic"}),
        "publish": frozenset({"instagram_business_basic", "instagram_business_content_publish"}),
        "delete": frozenset(),
        "pages": frozenset(),
        "comment": frozenset({"instagram_business_basic", "instagram_business_manage_comments"}),
    },
}


class AccountSetup(BaseModel):
    """A control call's settings for an account and one token. A repeated `ig_user_id` adds a token.

    `issued_at` defaults to now, `expires_at` to 60 days later, `scopes` to all. `quota_used` counts other posts of the
    last 24 h. `locale` is the language of `error_user_msg` (`en_US`, `id_ID` …).
    """

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)
    kind: Flavour
    ig_user_id: str = Field(pattern=r"^\d+$")
    username: str
    issued_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    scopes: list[str] | None = None
    locale: str = "en_US"
    quota_total: int = 50
    quota_used: int = 0
    container_cap: int = 400


class PostByHand(BaseModel):
    """A post that a person made in the app: a picture, or the first frame of a video."""

    model_config = ConfigDict(extra="forbid")

    ig_user_id: str
    caption: str = ""
    image_url: str
    video_url: str = ""


@dataclass
class SimulatedAccount:
    """One professional account; `page_id` is its Facebook page."""

    ig_user_id: str
    username: str
    locale: str
    quota_total: int
    quota_used: int
    container_cap: int
    calls: int = 0

    @property
    def page_id(self) -> str:
        return "1" + self.ig_user_id[::-1]

    @property
    def app_scoped_id(self) -> str:
        """The `id` of Instagram Login, different from `user_id`."""
        return "2" + self.ig_user_id[::-1]


@dataclass
class Token:
    kind: Flavour
    account: SimulatedAccount
    issued_at: datetime
    expires_at: datetime
    scopes: frozenset[str]

    def require(self, right: Right) -> None:
        """Refuse with code 10 where a scope is missing."""
        if not SCOPES[self.kind][right] <= self.scopes:
            raise GraphRefusal(PERMISSION)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def all_scopes(kind: Flavour) -> frozenset[str]:
    return frozenset().union(*SCOPES[kind].values())


@dataclass
class Accounts:
    by_id: dict[str, SimulatedAccount] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)

    def configure(self, setup: AccountSetup, now: datetime) -> SimulatedAccount:
        account = self.by_id.get(setup.ig_user_id)
        if account is None:
            account = self.by_id[setup.ig_user_id] = SimulatedAccount(setup.ig_user_id, "", "", 0, 0, 0)
        account.username, account.locale = setup.username, setup.locale
        account.quota_total, account.quota_used = setup.quota_total, setup.quota_used
        account.container_cap = setup.container_cap
        issued_at = setup.issued_at or now
        self.tokens[digest(setup.token)] = Token(
            kind=setup.kind,
            account=account,
            issued_at=issued_at.astimezone(UTC),
            expires_at=(setup.expires_at or issued_at + TOKEN_LIFE).astimezone(UTC),
            scopes=all_scopes(setup.kind) if setup.scopes is None else frozenset(setup.scopes),
        )
        return account

    def authenticate(self, token: str | None, flavour: Flavour, now: datetime) -> Token:
        """Authenticate a token: 190 for an unknown one, 190/463 for an expired one."""
        if not token:
            raise GraphRefusal(TOKEN_INVALID, "An access token is required to request this resource.")
        known = self.tokens.get(digest(token))
        if known is None or known.kind != flavour:
            raise GraphRefusal(TOKEN_INVALID)
        if known.expires_at <= now:
            raise GraphRefusal(TOKEN_EXPIRED)
        return known

    def refresh(self, token: Token, now: datetime) -> str:
        """A new token for 60 days; refuses one that is younger than 24 hours."""
        if now - token.issued_at < YOUNGEST_REFRESH:
            raise GraphRefusal(BAD_PARAMETER, "The access token must be at least 24 hours old to be refreshed")
        text = "IGAA" + secrets.token_urlsafe(48)
        self.tokens[digest(text)] = Token(token.kind, token.account, now, now + TOKEN_LIFE, token.scopes)
        return text
