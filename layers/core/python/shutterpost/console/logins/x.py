"""Signing in at X with the person's own app: OAuth 2 with PKCE, without the app's secret."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from shutterpost.console import Json
from shutterpost.console.logins.servers import ServerRefused, checked_origin
from shutterpost.runtime.refusals import Invalid

X_REDIRECT = "http://127.0.0.1/"
SITE, API = "https://x.com", "https://api.x.com"
_SCOPES = "tweet.read tweet.write users.read media.write offline.access"
_TIMEOUT = 15.0


class RedirectInvalid(Invalid):
    kind = "redirect-invalid"


class AnotherAccount(Invalid):
    kind = "another-account"


@dataclass(frozen=True)
class XAccess:
    """An account, and the token of its connection: what X gave, and the app that it gave it to, as JSON."""

    account_id: str
    name: str
    token: str


@dataclass(frozen=True)
class XLogin:
    """One sign-in. `server` replaces X's addresses, `redirect` is the app's callback address."""

    client_id: str
    redirect: str
    server: str | None = None
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def address_to_open(self) -> str:
        """The page where a person agrees; X then opens the callback address with a code."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "scope": _SCOPES,
            "state": self.state,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
        return f"{self._at(SITE)}/i/oauth2/authorize?{urlencode(query)}"

    def access(self, typed: str, account: str | None) -> XAccess:
        """Exchange what the person typed, the opened address or its code; the account must be `account`, if given."""
        form = {
            "grant_type": "authorization_code",
            "code": self._code(typed),
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "code_verifier": self.verifier,
        }
        asked_at = int(time.time())
        tokens = self._json("POST", "/2/oauth2/token", form=form)
        if not tokens.get("access_token") or not tokens.get("refresh_token"):
            raise ServerRefused("X gave no refresh token; let the app ask for offline.access.")
        user = self._json("GET", "/2/users/me", token=str(tokens["access_token"]))["data"]
        name = str(user["username"])
        if account is not None and account.removeprefix("@").casefold() not in {name.casefold(), str(user["id"])}:
            detail = (
                f"The browser is signed in as @{name}, not as {account}; sign in there as {account} and repeat this."
            )
            raise AnotherAccount(detail, field="account_id")
        given = {
            "client_id": self.client_id,
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
            "expires_at": asked_at + int(tokens.get("expires_in", 0)),
        }
        return XAccess(str(user["id"]), f"@{name}", json.dumps(given, separators=(",", ":")))

    def _code(self, typed: str) -> str:
        if "?" not in typed:
            return typed
        query = parse_qs(urlsplit(typed).query)
        if query.get("state") != [self.state]:
            detail = "This address is not the answer to this sign-in; open the printed address, and type the new one."
            raise RedirectInvalid(detail, field="code")
        if "code" not in query:
            reason = ", ".join(query.get("error", ["no code"]))
            raise RedirectInvalid(f"X gave no code ({reason}); open the address again and agree.", field="code")
        return query["code"][0]

    def _at(self, address: str) -> str:
        return checked_origin(self.server) if self.server else address

    def _json(self, method: str, path: str, *, form: Mapping[str, str] | None = None, token: str | None = None) -> Json:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = httpx.request(method, f"{self._at(API)}{path}", data=form, headers=headers, timeout=_TIMEOUT)
            body = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise ServerRefused(f"X did not answer as it does ({type(error).__name__}); repeat this.") from None
        if not answer.is_success or not isinstance(body, dict):
            reason = body.get("error_description") or body.get("detail") if isinstance(body, dict) else None
            raise ServerRefused(f"X refused with HTTP {answer.status_code}: {reason or 'no reason given'}")
        return body
