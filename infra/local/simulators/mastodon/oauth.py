"""App registration, authorization codes with PKCE, and tokens, which are stored as digests."""

import base64
import hashlib
import html
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from infra.local.simulators.mastodon import errors
from infra.local.simulators.mastodon.errors import MastodonRefusal, invalid
from infra.local.simulators.mastodon.servers import SimulatedServer, SimulatedUser

CODE_LIFE = timedelta(minutes=10)
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
# What a token without a scope asks for.
DEFAULT_SCOPE = "read"

Form = dict[str, str]


@dataclass
class ClientApp:
    number: int
    name: str
    client_id: str
    secret_digest: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]


@dataclass
class AccessGrant:
    """An authorization code that was shown to a person."""

    app: ClientApp
    user: SimulatedUser
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None
    made_at: datetime
    used: bool = False


@dataclass
class AccessToken:
    user: SimulatedUser
    scopes: frozenset[str]
    client_id: str | None = None
    revoked: bool = False

    def require(self, *scopes: str) -> None:
        """Refuse without one of the scopes; `write` covers `write:media`."""
        if not any(scope in self.scopes or scope.split(":")[0] in self.scopes for scope in scopes):
            raise MastodonRefusal(errors.WRONG_SCOPE)


@dataclass
class Authorizations:
    """The apps, codes and tokens of one server."""

    server: SimulatedServer
    apps: dict[str, ClientApp] = field(default_factory=dict)
    codes: dict[str, AccessGrant] = field(default_factory=dict)
    tokens: dict[str, AccessToken] = field(default_factory=dict)

    def add_token(self, text: str, user: SimulatedUser, scopes: frozenset[str]) -> None:
        self.tokens[digest_of(text)] = AccessToken(user, scopes)

    def register(self, form: Form) -> dict[str, object]:
        """Create an app; returns its id and secret."""
        name, uris = form.get("client_name", ""), tuple(form.get("redirect_uris", "").split())
        if not name:
            raise invalid("Validation failed: Application name can't be blank")
        if not uris or not all(uri == OUT_OF_BAND or urlsplit(uri).scheme for uri in uris):
            raise invalid("Validation failed: Redirect URI must be an absolute URI.")
        scopes = tuple((form.get("scopes") or DEFAULT_SCOPE).split())
        if not self.server.is_pixelfed and not self.server.scopes.issuperset(scopes):
            raise invalid("Validation failed: Scopes doesn't match configured on the server.")
        client_id, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        app = ClientApp(len(self.apps) + 1, name, client_id, digest_of(secret), uris, frozenset(scopes))
        self.apps[client_id] = app
        return {
            "id": str(app.number),
            "name": name,
            "website": form.get("website"),
            "scopes": list(scopes),
            "redirect_uri": "\n".join(uris),
            "redirect_uris": list(uris),
            "client_id": client_id,
            "client_secret": secret,
        }

    def authorize(self, query: Form, username: str | None, now: datetime) -> Response:
        """The page that asks a person who is signed in as `username` and agrees: the code, or a redirect with it."""
        app = self.apps.get(query.get("client_id", ""))
        uri = query.get("redirect_uri", "")
        if app is None:
            raise MastodonRefusal(errors.UNKNOWN_CLIENT)
        if uri not in app.redirect_uris:
            raise MastodonRefusal(errors.BAD_REDIRECT)
        scopes = tuple(query.get("scope", DEFAULT_SCOPE).split())
        if query.get("response_type") != "code" or not self._grants(app, scopes):
            raise MastodonRefusal(errors.BAD_SCOPE)
        user = self.server.users.get(username or "")
        if user is None:
            return RedirectResponse("/auth/sign_in", status_code=302)
        pkce = self.server.is_pixelfed or self.server.at_least(4, 3)
        challenge = query.get("code_challenge") if pkce and query.get("code_challenge_method") == "S256" else None
        code = secrets.token_urlsafe(32)
        self.codes[digest_of(code)] = AccessGrant(app, user, uri, scopes, challenge, now)
        if uri == OUT_OF_BAND:
            return HTMLResponse(f'<input class="oauth-code" readonly value="{html.escape(code)}">')
        more = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        return RedirectResponse(f"{uri}?{urlencode(more)}", status_code=302)

    def exchange(self, form: Form, now: datetime) -> dict[str, object]:
        """Exchange a code once for a token; refuses with OAuth's errors."""
        app = self.apps.get(form.get("client_id", ""))
        if app is None or digest_of(form.get("client_secret", "")) != app.secret_digest:
            raise MastodonRefusal(errors.UNKNOWN_CLIENT)
        grant = self.codes.get(digest_of(form.get("code", "")))
        wrong = (
            form.get("grant_type") != "authorization_code"
            or grant is None
            or grant.app is not app
            or grant.used
            or now >= grant.made_at + CODE_LIFE
            or grant.redirect_uri != form.get("redirect_uri")
            or (grant.challenge is not None and grant.challenge != challenge_of(form.get("code_verifier", "")))
        )
        if wrong or grant is None:
            raise MastodonRefusal(errors.BAD_GRANT)
        grant.used = True
        text = secrets.token_urlsafe(32)
        self.tokens[digest_of(text)] = AccessToken(grant.user, frozenset(grant.scopes), app.client_id)
        return {
            "access_token": text,
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
            "created_at": int(now.timestamp()),
        }

    def revoke(self, form: Form) -> None:
        """Revoke a token of the app; again is harmless."""
        app, token = self.apps.get(form.get("client_id", "")), self.tokens.get(digest_of(form.get("token", "")))
        if app is None or token is None or token.client_id != app.client_id:
            raise MastodonRefusal(errors.NOT_YOUR_TOKEN)
        token.revoked = True

    def authenticate(self, text: str | None) -> AccessToken:
        """The token; refuses with 401, and with 403 where the login is disabled."""
        if not text:
            raise self._unauthenticated(errors.NO_USER)
        token = self.tokens.get(digest_of(text))
        if token is None:
            raise self._unauthenticated(errors.TOKEN_UNKNOWN)
        if token.revoked:
            raise self._unauthenticated(errors.TOKEN_REVOKED)
        if token.user.setup.disabled:
            raise MastodonRefusal(errors.LOGIN_DISABLED)
        return token

    def _unauthenticated(self, refused: errors.RefusedAnswer) -> MastodonRefusal:
        return MastodonRefusal(errors.RefusedAnswer(401, "Unauthenticated.") if self.server.is_pixelfed else refused)

    def _grants(self, app: ClientApp, scopes: tuple[str, ...]) -> bool:
        if self.server.is_pixelfed:
            return self.server.scopes.issuperset(scopes)
        return all(scope in app.scopes or scope.split(":")[0] in app.scopes for scope in scopes)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def challenge_of(verifier: str) -> str:
    """PKCE's S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
