"""Accounts of X, their app, authorization codes with PKCE, and tokens, which are stored as digests."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from infra.local.simulators.x import errors
from infra.local.simulators.x.errors import XProblem, XRefusal, bad_grant

ACCESS_LIFE, CODE_LIFE = timedelta(hours=2), timedelta(seconds=30)
SCOPES = frozenset({"tweet.read", "tweet.write", "users.read", "media.write", "offline.access"})
WINDOW = timedelta(minutes=15)
# Calls in a window of one account.
RATES = {"create_post": 100, "delete_post": 50}


class XAccountSetup(BaseModel):
    """A control call's settings for an account with one pair of tokens; a repeated `user_id` adds a pair.

    `client_id` is its app, which sends people to `redirect_uri`. `monthly_cap` is the app's number of posts in a month.
    """

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(pattern=r"^\d+$")
    username: str
    access_token: str
    refresh_token: str
    client_id: str
    redirect_uri: str = "http://127.0.0.1/"
    scopes: list[str] | None = None
    monthly_cap: int | None = None
    refuses_duplicates: bool = True
    suspended: bool = False


@dataclass
class XUser:
    setup: XAccountSetup
    calls: dict[tuple[str, int], int] = field(default_factory=dict)

    @property
    def user_id(self) -> str:
        return self.setup.user_id

    def count(self, operation: str, now: datetime) -> dict[str, str]:
        """Count a call in its window, and return the headers; refuses with 429 beyond the limit."""
        limit = RATES.get(operation, 900)
        number, seconds = divmod(int(now.timestamp()), int(WINDOW.total_seconds()))
        used = self.calls[operation, number] = self.calls.get((operation, number), 0) + 1
        if used > limit:
            raise XRefusal(errors.TOO_MANY, wait=WINDOW.total_seconds() - seconds)
        reset = int(now.timestamp()) - seconds + int(WINDOW.total_seconds())
        return rate_headers(limit, limit - used, reset)


@dataclass
class TokenPair:
    user: XUser
    client_id: str
    scopes: frozenset[str]
    ends_at: datetime
    used: bool = False
    revoked: bool = False

    def require(self, *scopes: str) -> None:
        """Refuse where the token lacks a scope."""
        if not self.scopes.issuperset(scopes):
            raise XRefusal(errors.FORBIDDEN)


@dataclass
class ShownCode:
    user: XUser
    client_id: str
    redirect_uri: str
    scopes: frozenset[str]
    challenge: str
    made_at: datetime
    used: bool = False


@dataclass
class XAccounts:
    """Users by id; codes, access tokens and refresh tokens by digest. A refresh token is good once."""

    users: dict[str, XUser] = field(default_factory=dict)
    codes: dict[str, ShownCode] = field(default_factory=dict)
    access: dict[str, TokenPair] = field(default_factory=dict)
    refresh: dict[str, TokenPair] = field(default_factory=dict)

    def configure(self, setup: XAccountSetup, now: datetime) -> XUser:
        user = self.users.setdefault(setup.user_id, XUser(setup))
        user.setup = setup
        scopes = SCOPES if setup.scopes is None else frozenset(setup.scopes)
        self._keep(TokenPair(user, setup.client_id, scopes, now + ACCESS_LIFE), setup.access_token, setup.refresh_token)
        return user

    def authorize(self, query: dict[str, str], username: str | None, now: datetime) -> Response:
        """Redirect a person who is signed in as `username` and agrees, with the code."""
        user = next((each for each in self.users.values() if each.setup.username == username), None)
        if user is None:
            return RedirectResponse("/i/flow/login", status_code=302)
        known = query.get("client_id") == user.setup.client_id and query.get("redirect_uri") == user.setup.redirect_uri
        scopes = frozenset(query.get("scope", "").split())
        whole = query.get("response_type") == "code" and query.get("state") and scopes <= SCOPES
        if not known or not whole or query.get("code_challenge_method") != "S256" or not query.get("code_challenge"):
            raise XRefusal(XProblem(400, "Invalid Request", "Something went wrong. You were not able to give access."))
        code = secrets.token_urlsafe(32)
        self.codes[digest_of(code)] = ShownCode(
            user, query["client_id"], query["redirect_uri"], scopes, query["code_challenge"], now
        )
        back = urlencode({"state": query["state"], "code": code})
        return RedirectResponse(f"{query['redirect_uri']}?{back}", status_code=302)

    def exchange(self, form: dict[str, str], now: datetime) -> dict[str, object]:
        """Exchange a code, or a refresh token, once for a pair of tokens."""
        if form.get("grant_type") == "refresh_token":
            return self._refreshed(form, now)
        shown = self.codes.get(digest_of(form.get("code", "")))
        if (
            form.get("grant_type") != "authorization_code"
            or shown is None
            or shown.used
            or now >= shown.made_at + CODE_LIFE
            or shown.client_id != form.get("client_id")
            or shown.redirect_uri != form.get("redirect_uri")
            or shown.challenge != challenge_of(form.get("code_verifier", ""))
        ):
            raise bad_grant("Value passed for the authorization code was invalid.")
        shown.used = True
        return self._pair(shown.user, shown.client_id, shown.scopes, now)

    def revoke(self, text: str) -> None:
        """End a token, and the pair that it belongs to."""
        for pair in (self.access.get(digest_of(text)), self.refresh.get(digest_of(text))):
            if pair is not None:
                pair.revoked = True

    def authenticate(self, text: str, now: datetime) -> TokenPair:
        """The access token's pair; refuses with 401."""
        pair = self.access.get(digest_of(text))
        if pair is None or pair.revoked or now >= pair.ends_at:
            raise XRefusal(errors.UNAUTHORIZED)
        if pair.user.setup.suspended:
            raise XRefusal(errors.FORBIDDEN)
        return pair

    def _refreshed(self, form: dict[str, str], now: datetime) -> dict[str, object]:
        pair = self.refresh.get(digest_of(form.get("refresh_token", "")))
        if pair is None or pair.used or pair.revoked or pair.client_id != form.get("client_id"):
            raise bad_grant("Value passed for the token was invalid.")
        pair.used = True
        return self._pair(pair.user, pair.client_id, pair.scopes, now)

    def _pair(self, user: XUser, client_id: str, scopes: frozenset[str], now: datetime) -> dict[str, object]:
        access, refresh = secrets.token_urlsafe(48), secrets.token_urlsafe(48)
        lasts = "offline.access" in scopes
        self._keep(TokenPair(user, client_id, scopes, now + ACCESS_LIFE), access, refresh if lasts else None)
        tokens: dict[str, object] = {
            "token_type": "bearer",
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "access_token": access,
            "scope": " ".join(sorted(scopes)),
        }
        return tokens | ({"refresh_token": refresh} if lasts else {})

    def _keep(self, pair: TokenPair, access: str, refresh: str | None) -> None:
        self.access[digest_of(access)] = pair
        if refresh is not None:
            self.refresh[digest_of(refresh)] = pair


def rate_headers(limit: int, remaining: int, reset: int) -> dict[str, str]:
    return {
        "x-rate-limit-limit": str(limit),
        "x-rate-limit-remaining": str(remaining),
        "x-rate-limit-reset": str(reset),
    }


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
