"""Sessions of a Bluesky account: used while they last, renewed, and begun anew with the app password."""

import base64
import binascii
import json
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from shutterpost.channels.answers.known import Operation
from shutterpost.channels.answers.reading import Json, as_int, as_object, as_text
from shutterpost.channels.bluesky.xrpc import Xrpc
from shutterpost.channels.factory import Tools
from shutterpost.channels.ports import AccessSession, Account, Cause, Failure

# A session is renewed this long before it ends, so that a chain of calls does not outlive it.
_MARGIN = timedelta(minutes=10)
# The life of a session whose token does not say when it ends.
_UNSTATED = timedelta(minutes=30)
_ENDED = frozenset({"ExpiredToken", "InvalidToken"})


class BlueskySessions:
    """Gives access tokens. Logins are few: a server allows 30 in five minutes."""

    def __init__(self, tools: Tools, xrpc: Xrpc) -> None:
        self._store, self._clock, self._xrpc = tools.sessions, tools.clock, xrpc
        self._held: dict[tuple[str, str], AccessSession] = {}

    def access(self, account: Account, *, refused: SecretStr | None = None) -> SecretStr | Failure:
        """An access token that is not `refused`, or why there is none."""
        kept = self._held.get(_key(account)) or self._store.read(account)
        if isinstance(kept, Failure):
            return kept
        if kept is not None and kept.access != refused and kept.expires_at > self._clock.now() + _MARGIN:
            self._held[_key(account)] = kept
            return kept.access
        renewed = self._renewed(account, kept)
        if isinstance(renewed, Failure):
            self._held.pop(_key(account), None)
            return renewed
        self._held[_key(account)] = renewed
        self._store.write(account, renewed)
        return renewed.access

    def _renewed(self, account: Account, kept: AccessSession | None) -> AccessSession | Failure:
        if kept is not None and kept.refresh is not None:
            answer = self._xrpc.post(account, "com.atproto.server.refreshSession", token=kept.refresh)
            body = self._xrpc.body(answer, Operation.REFRESH, account)
            if not isinstance(body, Failure):
                return self._session(body) or self._damaged()
            if body.cause is not Cause.TOKEN or body.code not in _ENDED:
                return body
        given = {"identifier": account.connection.account_id, "password": account.token.get_secret_value()}
        answer = self._xrpc.post(account, "com.atproto.server.createSession", document=given)
        body = self._xrpc.body(answer, Operation.REFRESH, account)
        if isinstance(body, Failure):
            return body
        return self._session(body) or self._damaged()

    def _session(self, body: Json) -> AccessSession | None:
        access, refresh = as_text(body.get("accessJwt")), as_text(body.get("refreshJwt"))
        if not access or not refresh:
            return None
        ends_at = end_of(access) or self._clock.now() + _UNSTATED
        return AccessSession(access=SecretStr(access), refresh=SecretStr(refresh), expires_at=ends_at)

    def _damaged(self) -> Failure:
        # The answer may hold the new tokens under any name, so none of it is kept.
        return self._xrpc.incomplete(Operation.REFRESH, missing="accessJwt")


def end_of(token: str) -> datetime | None:
    claims = token.split(".")[1] if token.count(".") == 2 else ""  # noqa: PLR2004 - header, claims, signature
    try:
        stated = as_object(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))).get("exp")
        return datetime.fromtimestamp(as_int(stated) or 0, UTC) if as_int(stated) else None
    except (ValueError, OverflowError, OSError, RecursionError, binascii.Error):
        return None


def _key(account: Account) -> tuple[str, str]:
    return account.connection.connection_id, account.token.get_secret_value()
