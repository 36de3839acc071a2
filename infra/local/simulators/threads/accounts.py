"""Accounts of Threads with their tokens, which are stored as digests."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from infra.local.simulators.instagram.accounts import digest
from infra.local.simulators.threads import errors
from infra.local.simulators.threads.errors import refused

LONG_LIFE = timedelta(days=60)
SHORT_LIFE = timedelta(hours=1)
# A grant of a private profile is not extended by a refresh.
GRANT = timedelta(days=90)
REFRESHABLE_AFTER = timedelta(hours=24)
ALL_SCOPES = ("threads_basic", "threads_content_publish", "threads_delete", "threads_manage_insights")


class ThreadsAccountSetup(BaseModel):
    """A control call's settings for an account and one token. A repeated `user_id` adds a token.

    `issued_at` defaults to now, `expires_at` to 60 days later (an hour if `short`), `scopes` to all. `quota_used` and
    `deletes_used` count what others did in the last 24 h.
    """

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)
    user_id: str = Field(pattern=r"^\d+$")
    username: str
    issued_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    short: bool = False
    private: bool = False
    scopes: list[str] | None = None
    app_secret: str = "app-secret"  # noqa: S105 - of the simulated app
    quota_total: int = 250
    quota_used: int = 0
    delete_total: int = 100
    deletes_used: int = 0


@dataclass
class ThreadsAccount:
    setup: ThreadsAccountSetup
    calls: int = 0

    @property
    def user_id(self) -> str:
        return self.setup.user_id


@dataclass
class ThreadsToken:
    account: ThreadsAccount
    issued_at: datetime
    expires_at: datetime
    granted_at: datetime
    scopes: frozenset[str]

    def require(self, *scopes: str) -> None:
        """Refuse with code 10 where a scope is missing."""
        if not self.scopes.issuperset(scopes):
            raise refused(errors.NOT_PERMITTED)


@dataclass
class ThreadsAccounts:
    by_id: dict[str, ThreadsAccount] = field(default_factory=dict)
    tokens: dict[str, ThreadsToken] = field(default_factory=dict)

    def configure(self, setup: ThreadsAccountSetup, now: datetime) -> ThreadsAccount:
        account = self.by_id.setdefault(setup.user_id, ThreadsAccount(setup))
        account.setup = setup
        issued_at = (setup.issued_at or now).astimezone(UTC)
        life = SHORT_LIFE if setup.short else LONG_LIFE
        scopes = frozenset(ALL_SCOPES if setup.scopes is None else setup.scopes)
        expires_at = (setup.expires_at or issued_at + life).astimezone(UTC)
        self.tokens[digest(setup.token)] = ThreadsToken(account, issued_at, expires_at, issued_at, scopes)
        return account

    def authenticate(self, text: str | None, now: datetime) -> ThreadsToken:
        """The token; 190 for an unknown one, 190/463 for an expired one."""
        known = self.tokens.get(digest(text or ""))
        if known is None:
            raise refused(errors.TOKEN_UNKNOWN)
        ended = known.expires_at <= now or (known.account.setup.private and known.granted_at + GRANT <= now)
        if ended:
            raise refused(errors.SESSION_EXPIRED)
        return known

    def exchange(self, token: ThreadsToken, secret: str, now: datetime) -> dict[str, Any]:
        """A token of 60 days for one of an hour; needs the app's secret."""
        if secret != token.account.setup.app_secret:
            raise refused(errors.NOT_A_PARAMETER, "Error validating client secret.")
        if token.expires_at - token.issued_at > SHORT_LIFE:
            raise refused(errors.NOT_A_PARAMETER, "The access token is not short-lived")
        return self._issue(token, now)

    def refresh(self, token: ThreadsToken, now: datetime) -> dict[str, Any]:
        """A token for 60 more days; refuses one that is younger than 24 hours or short-lived."""
        if token.expires_at - token.issued_at <= SHORT_LIFE or now - token.issued_at < REFRESHABLE_AFTER:
            raise refused(errors.NOT_A_PARAMETER, "The access token cannot be refreshed yet")
        return self._issue(token, now)

    def inspect(self, text: str, now: datetime) -> dict[str, Any]:
        known = self.tokens.get(digest(text))
        if known is None:
            return {"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid token"}}}
        return {
            "data": {
                "type": "USER",
                "application": "Simulated",
                "is_valid": known.expires_at > now,
                "issued_at": int(known.issued_at.timestamp()),
                "expires_at": int(known.expires_at.timestamp()),
                "data_access_expires_at": int((known.granted_at + GRANT).timestamp()),
                "scopes": sorted(known.scopes),
                "user_id": known.account.user_id,
            }
        }

    def _issue(self, token: ThreadsToken, now: datetime) -> dict[str, Any]:
        text = "THAA" + secrets.token_urlsafe(48)
        granted_at = token.granted_at if token.account.setup.private else now
        self.tokens[digest(text)] = ThreadsToken(token.account, now, now + LONG_LIFE, granted_at, token.scopes)
        return {"access_token": text, "token_type": "bearer", "expires_in": int(LONG_LIFE.total_seconds())}
