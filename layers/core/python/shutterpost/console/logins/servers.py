"""Signing in at a Mastodon or Pixelfed server: this program is registered there, and a person agrees in a browser."""

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import httpx

from shutterpost.console import Json
from shutterpost.runtime.refusals import Invalid

# The page shows the code instead of sending it to an address.
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
_SCOPES = "read:statuses write:statuses write:media"
# Mastodon knows `profile` since 4.3; before, the account is read with a wider scope.
_PROFILE_SINCE = (4, 3)
_TIMEOUT = 15.0
_LOOPBACK = "127.0.0.1"


class ServerAddressInvalid(Invalid):
    kind = "server-address-invalid"


class ServerRefused(Invalid):
    kind = "server-refused"


@dataclass(frozen=True)
class SignedIn:
    """An account on its server, and the token; `account_id` names the server too, because ids are the server's."""

    host: str
    account_id: str
    name: str
    token: str


@dataclass(frozen=True)
class RegisteredApp:
    """This program at a server, and the secret that the code is exchanged with."""

    client_id: str
    client_secret: str
    scopes: str
    verifier: str


class AccountServer:
    """The server of an account, asked without the deployment: only the token is given to the API."""

    def __init__(self, address: str, channel: str) -> None:
        self.host, self.channel = checked_origin(address), channel
        instance = self._json("GET", "/api/v2/instance")
        self.domain = str(instance.get("domain") or urlsplit(self.host).netloc)
        self.version = str(instance.get("version", ""))
        runs_pixelfed = "pixelfed" in f"{instance.get('source_url', '')} {self.version}".lower()
        if runs_pixelfed is not (channel == "pixelfed"):
            wanted = "pixelfed" if runs_pixelfed else "mastodon"
            detail = f"{self.domain} runs {wanted.capitalize()}: shutterpost connections add {wanted} {self.host}"
            raise ServerAddressInvalid(detail, field="channel")

    def register(self) -> RegisteredApp:
        form = {"client_name": "Shutterpost", "redirect_uris": OUT_OF_BAND, "scopes": self._scopes()}
        app = self._json("POST", "/api/v1/apps", form)
        return RegisteredApp(
            str(app["client_id"]), str(app["client_secret"]), form["scopes"], secrets.token_urlsafe(48)
        )

    def address_to_open(self, app: RegisteredApp) -> str:
        """The page where a person agrees; it shows a code."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(app.verifier.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": app.client_id,
            "redirect_uri": OUT_OF_BAND,
            "scope": app.scopes,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.host}/oauth/authorize?{urlencode(query)}"

    def token_for(self, app: RegisteredApp, code: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
            "redirect_uri": OUT_OF_BAND,
            "code_verifier": app.verifier,
        }
        return str(self._json("POST", "/oauth/token", form)["access_token"])

    def account_of(self, token: str) -> SignedIn:
        account = self._json("GET", "/api/v1/accounts/verify_credentials", token=token)
        name = f"@{account.get('acct', account['id'])}@{self.domain}"
        return SignedIn(self.host, f"{account['id']}@{self.domain}", name, token)

    def _scopes(self) -> str:
        if self.channel == "pixelfed":
            return "read write"
        release = tuple(int(part) for part in re.findall(r"\d+", self.version)[:2])
        return f"{'profile' if release >= _PROFILE_SINCE else 'read:accounts'} {_SCOPES}"

    def _json(self, method: str, path: str, form: Mapping[str, str] | None = None, token: str | None = None) -> Json:
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            answer = httpx.request(method, f"{self.host}{path}", data=form, headers=headers, timeout=_TIMEOUT)
            body = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            detail = f"{self.host} did not answer as a server of {self.channel} does ({type(error).__name__})."
            raise ServerRefused(detail) from None
        if not answer.is_success or not isinstance(body, dict):
            reason = body.get("error_description") or body.get("error") if isinstance(body, dict) else None
            raise ServerRefused(f"{self.host} refused with HTTP {answer.status_code}: {reason or 'no reason given'}")
        return body


def checked_origin(address: str) -> str:
    """`https://` and the server's name; http is for this machine alone. Raises `ServerAddressInvalid`."""
    parts = urlsplit(address.rstrip("/"))
    local = parts.scheme == "http" and parts.hostname == _LOOPBACK
    plain = not (parts.query or parts.fragment or parts.username) and (local or not parts.path)
    if not (parts.hostname and plain and (local or parts.scheme == "https")):
        detail = f"{address!r} is not the address of a server; write it like https://example.social."
        raise ServerAddressInvalid(detail, field="host")
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
