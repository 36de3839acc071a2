"""Pages, the people who manage them, and their tokens, which are stored as digests."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from infra.local.simulators.facebook_page import errors
from infra.local.simulators.facebook_page.errors import refused
from infra.local.simulators.instagram.accounts import digest

SHORT_LIFE = timedelta(hours=2)
LONG_LIFE = timedelta(days=60)
POSTING = frozenset({"pages_manage_posts", "pages_read_engagement"})
ALL_SCOPES = POSTING | {"pages_show_list"}
CREATE_CONTENT = "CREATE_CONTENT"


class PageSetup(BaseModel):
    """A control call's settings for a Page and, if given, one token of it, which has no expiry by default.

    A repeated `page_id` adds a token. `refuses_duplicates`: a text that is live is refused.
    """

    model_config = ConfigDict(extra="forbid")

    page_id: str = Field(pattern=r"^\d+$")
    name: str
    token: str | None = None
    expires_at: AwareDatetime | None = None
    scopes: list[str] | None = None
    refuses_duplicates: bool = False


class PageUserSetup(BaseModel):
    """A control call's settings for a person with a user token; `pages` are ids with the person's tasks there.

    A `short` token is valid for two hours, and so are the Page tokens that it gives; a long one for 60 days, and its
    Page tokens have no expiry.
    """

    model_config = ConfigDict(extra="forbid")

    token: str
    user_id: str = Field(pattern=r"^\d+$")
    name: str = "Anna"
    pages: dict[str, list[str]] = Field(default_factory=dict)
    short: bool = False
    scopes: list[str] | None = None


@dataclass
class SimulatedPage:
    setup: PageSetup
    calls: int = 0

    @property
    def page_id(self) -> str:
        return self.setup.page_id


@dataclass
class PageToken:
    """A token of a Page, or of the person `user` where there is no `page`; `expires_at` is `None` without an expiry."""

    page: SimulatedPage | None
    user: PageUserSetup | None
    expires_at: datetime | None
    scopes: frozenset[str]
    issued_at: datetime
    revoked: bool = False

    def require(self, *scopes: str) -> None:
        if not self.scopes.issuperset(scopes):
            raise refused(errors.PERMISSION)

    def own_page(self) -> SimulatedPage:
        """The token's Page; refuses a person's token, with which nothing is posted."""
        if self.page is None:
            raise refused(errors.PERMISSION, "(#210) A page access token is required to request this resource.")
        return self.page


@dataclass
class Pages:
    by_id: dict[str, SimulatedPage] = field(default_factory=dict)
    tokens: dict[str, PageToken] = field(default_factory=dict)

    def configure(self, setup: PageSetup, now: datetime) -> SimulatedPage:
        page = self.by_id.setdefault(setup.page_id, SimulatedPage(setup))
        page.setup = setup
        if setup.token is not None:
            scopes = ALL_SCOPES if setup.scopes is None else frozenset(setup.scopes)
            self.tokens[digest(setup.token)] = PageToken(page, None, setup.expires_at, scopes, now)
        return page

    def add_user(self, setup: PageUserSetup, now: datetime) -> None:
        expires_at = now + (SHORT_LIFE if setup.short else LONG_LIFE)
        scopes = ALL_SCOPES if setup.scopes is None else frozenset(setup.scopes)
        self.tokens[digest(setup.token)] = PageToken(None, setup, expires_at, scopes, now)

    def authenticate(self, text: str | None, now: datetime) -> PageToken:
        """The token; 190 for an unknown one, 190/463 for an expired one."""
        known = self.tokens.get(digest(text or ""))
        if known is None or known.revoked:
            raise refused(errors.TOKEN_UNKNOWN)
        if known.expires_at is not None and known.expires_at <= now:
            raise refused(errors.SESSION_EXPIRED)
        return known

    def listed_for(self, token: PageToken, now: datetime) -> list[dict[str, Any]]:
        """The Pages of a person, each with a new token."""
        if token.user is None:
            raise refused(errors.NOT_A_PARAMETER, "(#100) Tried accessing nonexisting field (accounts) on a Page")
        token.require("pages_show_list")
        nodes = []
        for page_id, tasks in token.user.pages.items():
            page, text = self.by_id[page_id], "EAAP" + secrets.token_urlsafe(48)
            expires_at = token.expires_at if token.user.short else None
            scopes = token.scopes if CREATE_CONTENT in tasks else token.scopes - POSTING
            self.tokens[digest(text)] = PageToken(page, None, expires_at, scopes, now)
            nodes.append({"id": page_id, "name": page.setup.name, "tasks": tasks, "access_token": text})
        return nodes

    def inspect(self, text: str, now: datetime) -> dict[str, Any]:
        known = self.tokens.get(digest(text))
        if known is None or known.revoked:
            return {"data": {"is_valid": False, "scopes": [], "error": {"code": 190, "message": "Invalid token"}}}
        node = {
            "type": "USER" if known.page is None else "PAGE",
            "application": "Simulated",
            "is_valid": known.expires_at is None or known.expires_at > now,
            "issued_at": int(known.issued_at.timestamp()),
            "expires_at": int(known.expires_at.timestamp()) if known.expires_at else 0,
            "scopes": sorted(known.scopes),
        }
        return {"data": node}
