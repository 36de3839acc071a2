"""Sessions made from connections' tokens, as SSM SecureStrings beside them."""

import hashlib
import json
from datetime import datetime

from pydantic import SecretStr, ValidationError

from shutterpost.channels.connection import Connection
from shutterpost.channels.credentials import parameters
from shutterpost.channels.credentials.parameters import NotRead
from shutterpost.channels.credentials.tokens import session_name, unread_token
from shutterpost.channels.ports import AccessSession, Account, Failure
from shutterpost.channels.store import claim_renewal


class AccessSessions:
    """One session per connection at `{prefix}/sessions/{persona_id}/{connection_id}`; of an older token it is none."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.rstrip("/")

    def read(self, account: Account) -> AccessSession | Failure | None:
        """The session of the account's token, `None` if there is none; a failure if Parameter Store fails."""
        text = parameters.read(self._name(account.connection))
        if isinstance(text, NotRead):
            return None if text.missing else unread_token(text)
        try:
            kept = json.loads(text)
            return AccessSession.model_validate(kept["session"]) if kept["of"] == _mark(account) else None
        except (ValueError, TypeError, LookupError, ValidationError):
            return None

    def write(self, account: Account, session: AccessSession) -> None:
        shown = session.model_dump(mode="json", exclude={"access", "refresh"})
        secret = {name: token.get_secret_value() for name, token in _secrets(session).items()}
        document = {"of": _mark(account), "session": shown | secret}
        parameters.write(self._name(account.connection), json.dumps(document, separators=(",", ":")))

    def claim_renewal(self, account: Account, session: AccessSession, *, now: datetime, until: datetime) -> bool:
        """Claims the renewal in the connection's item; none is claimed for a connection that is not stored."""
        connection = account.connection
        return claim_renewal(
            connection.persona_id, connection.connection_id, ends_at=session.expires_at, now=now, until=until
        )

    def _name(self, connection: Connection) -> str:
        return session_name(self._prefix, connection.persona_id, connection.connection_id)


def _secrets(session: AccessSession) -> dict[str, SecretStr]:
    known = {"access": session.access, "refresh": session.refresh}
    return {name: token for name, token in known.items() if token is not None}


def _mark(account: Account) -> str:
    # It stands in the same SecureString as the session, and tells a replaced token from the session's own.
    return hashlib.sha256(account.token.get_secret_value().encode()).hexdigest()[:16]
