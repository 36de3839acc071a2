"""Members with their tokens, which are stored as digests, and the apps that they sign in with."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from infra.local.simulators.linkedin import errors
from infra.local.simulators.linkedin.errors import LinkedInRefusal, SignInRefusal

TOKEN_LIFE = timedelta(days=60)
CODE_LIFE = timedelta(minutes=30)
MEMBER_SCOPES = ("openid", "profile", "w_member_social")
ORGANIZATION_SCOPES = ("w_organization_social", "r_organization_social")

Form = dict[str, str]


class LinkedInSetup(BaseModel):
    """A control call's settings for a member and one token. A repeated `member_id` adds a token.

    `organizations` are those that the member posts for. `expires_at` defaults to 60 days from now.
    """

    model_config = ConfigDict(extra="forbid")

    token: str = Field(min_length=1)
    member_id: str = Field(pattern=r"^[\w-]+$")
    name: str = "Anna Nature"
    organizations: list[str] = []
    scopes: list[str] | None = None
    expires_at: AwareDatetime | None = None
    posts_per_day: int = 150


class LinkedInAppSetup(BaseModel):
    """An app of the developer portal; `scopes` are those of its products."""

    model_config = ConfigDict(extra="forbid")

    client_id: str
    client_secret: str
    redirect_urls: list[str]
    scopes: list[str] = [*MEMBER_SCOPES, *ORGANIZATION_SCOPES]


@dataclass
class LinkedInMember:
    setup: LinkedInSetup

    @property
    def urn(self) -> str:
        return f"urn:li:person:{self.setup.member_id}"

    def may_post_as(self, author: str) -> bool:
        return author == self.urn or author.removeprefix("urn:li:organization:") in self.setup.organizations


@dataclass
class LinkedInToken:
    member: LinkedInMember
    scopes: frozenset[str]
    expires_at: datetime
    revoked: bool = False

    def require(self, scope: str, resource: str) -> None:
        if scope not in self.scopes:
            raise LinkedInRefusal(errors.DENIED, resource)

    def require_author(self, author: str, access: str) -> None:
        """Refuse an author that the token may not `w`rite or `r`ead as."""
        kind = "organization" if author.startswith("urn:li:organization:") else "member"
        self.require(f"{access}_{kind}_social", author)
        if not self.member.may_post_as(author):
            raise LinkedInRefusal(errors.DENIED, author)


@dataclass
class LinkedInGrant:
    """A code that was given to a person."""

    client_id: str
    redirect_url: str
    member: LinkedInMember
    scopes: frozenset[str]
    made_at: datetime
    used: bool = False


@dataclass
class LinkedInAccounts:
    members: dict[str, LinkedInMember] = field(default_factory=dict)
    tokens: dict[str, LinkedInToken] = field(default_factory=dict)
    apps: dict[str, LinkedInAppSetup] = field(default_factory=dict)
    codes: dict[str, LinkedInGrant] = field(default_factory=dict)

    def configure(self, setup: LinkedInSetup, now: datetime) -> LinkedInMember:
        member = self.members.setdefault(setup.member_id, LinkedInMember(setup))
        member.setup = setup
        default = (*MEMBER_SCOPES, *(ORGANIZATION_SCOPES if setup.organizations else ()))
        scopes = frozenset(default if setup.scopes is None else setup.scopes)
        self.tokens[digest_of(setup.token)] = LinkedInToken(member, scopes, setup.expires_at or now + TOKEN_LIFE)
        return member

    def revoke(self, token: str) -> None:
        self.tokens[digest_of(token)].revoked = True

    def authenticate(self, text: str, now: datetime) -> LinkedInToken:
        """The token; 401 for one that is unknown, revoked or expired."""
        token = self.tokens.get(digest_of(text))
        if token is None:
            raise LinkedInRefusal(errors.TOKEN_UNKNOWN)
        if token.revoked:
            raise LinkedInRefusal(errors.TOKEN_REVOKED)
        if token.expires_at <= now:
            raise LinkedInRefusal(errors.TOKEN_EXPIRED)
        return token

    def authorize(self, query: Form, member_id: str | None, now: datetime) -> str:
        """The address that a person who is signed in as `member_id` and agrees is sent to, with the code."""
        app, uri = self.apps.get(query.get("client_id", "")), query.get("redirect_uri", "")
        if app is None or uri not in app.redirect_urls:
            raise SignInRefusal("invalid_request", "The redirect_uri does not match the registered value")
        scopes, member = frozenset(query.get("scope", "").split()), self.members.get(member_id or "")
        more = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code" or not scopes or not scopes <= set(app.scopes):
            return f"{uri}?{urlencode({'error': 'unauthorized_scope_error', **more})}"
        if member is None:
            return f"{uri}?{urlencode({'error': 'user_cancelled_login', **more})}"
        code = "AQ" + secrets.token_urlsafe(48)
        self.codes[digest_of(code)] = LinkedInGrant(app.client_id, uri, member, scopes, now)
        return f"{uri}?{urlencode({'code': code, **more})}"

    def exchange(self, form: Form, now: datetime) -> dict[str, object]:
        """Exchange a code once for a token of 60 days, without a refresh token."""
        app, grant = self.apps.get(form.get("client_id", "")), self.codes.get(digest_of(form.get("code", "")))
        if app is None or form.get("client_secret") != app.client_secret:
            raise SignInRefusal("invalid_client", "Client authentication failed")
        wrong = grant is None or grant.used or grant.client_id != app.client_id or now >= grant.made_at + CODE_LIFE
        if grant is None or wrong or grant.redirect_url != form.get("redirect_uri"):
            raise SignInRefusal("invalid_request", "Unable to retrieve access token: authorization code not found")
        grant.used = True
        text = "AQV" + secrets.token_urlsafe(48)
        self.tokens[digest_of(text)] = LinkedInToken(grant.member, grant.scopes, now + TOKEN_LIFE)
        return {
            "access_token": text,
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": ",".join(sorted(grant.scopes)),
        }


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
