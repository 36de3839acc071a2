"""Signing in at LinkedIn with an app of one's own: a person agrees in a browser, and gives the address that follows."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from shutterpost.console import Json
from shutterpost.runtime.refusals import Invalid

SIGN_IN, API = "https://www.linkedin.com/oauth/v2", "https://api.linkedin.com"
# The app's own setting decides where the browser goes; nothing has to answer there.
REDIRECT = "https://localhost/shutterpost"
_SCOPES = {
    "member": "openid profile w_member_social",
    "organization": "w_organization_social r_organization_social",
}
_TIMEOUT = 15.0


class LinkedInRefused(Invalid):
    kind = "linkedin-refused"


@dataclass(frozen=True)
class LinkedInAccess:
    token: str
    expires_at: datetime | None


@dataclass(frozen=True)
class LinkedInLogin:
    """One sign-in as a `member` or for an `organization`; `state` connects its two halves."""

    client_id: str
    login: str
    redirect: str = REDIRECT
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def address_to_open(self) -> str:
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect,
            "scope": _SCOPES[self.login],
            "state": self.state,
        }
        return f"{SIGN_IN}/authorization?{urlencode(query)}"

    def code_in(self, address: str) -> str:
        """The code in the address that the browser was sent to. Raises `LinkedInRefused`."""
        query = parse_qs(urlsplit(address).query)
        if "error" in query:
            raise LinkedInRefused(f"LinkedIn gave no code: {query['error'][0][:80]}.")
        if not query.get("code") or query.get("state") != [self.state]:
            detail = f"This is not the address that follows this sign-in; it begins with {self.redirect}?code="
            raise LinkedInRefused(detail, field="code")
        return query["code"][0]

    def access(self, code: str, client_secret: str, now: datetime | None = None) -> LinkedInAccess:
        """Exchange the code. Raises `LinkedInRefused`."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self.client_id,
            "client_secret": client_secret,
            "redirect_uri": self.redirect,
        }
        body = _json("POST", f"{SIGN_IN}/accessToken", form=form)
        seconds = body.get("expires_in")
        ends_at = (now or datetime.now(UTC)) + timedelta(seconds=seconds) if isinstance(seconds, int) else None
        return LinkedInAccess(str(body.get("access_token", "")), ends_at)


def member_of(token: str) -> tuple[str, str]:
    """The id and name of a token's member. Raises `LinkedInRefused`."""
    body = _json("GET", f"{API}/v2/userinfo", token=token)
    return str(body.get("sub", "")), str(body.get("name", ""))


def _json(method: str, url: str, *, form: Mapping[str, str] | None = None, token: str | None = None) -> Json:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = httpx.request(method, url, data=form, headers=headers, timeout=_TIMEOUT)
        body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise LinkedInRefused(f"LinkedIn did not answer ({type(error).__name__}); try again.") from None
    if not answer.is_success or not isinstance(body, dict):
        known = body if isinstance(body, dict) else {}
        reason = known.get("error_description") or known.get("message") or "no reason given"
        raise LinkedInRefused(f"LinkedIn refused with HTTP {answer.status_code}: {str(reason)[:200]}")
    return body
