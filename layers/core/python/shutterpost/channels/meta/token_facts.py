"""Reads the facts of a token from the Graph API's answers."""

from datetime import UTC, datetime, timedelta

from shutterpost.channels.answers.reading import Json, as_int, as_object, as_text
from shutterpost.channels.ports import Failure, TokenFacts

# A token of a system user does not expire: `expires_at` is 0.
_ENDLESS = timedelta(days=10 * 365)


def facts_of(node: Json | Failure, inspected: Json | Failure, now: datetime, *, name: str = "username") -> TokenFacts:
    """The facts in the account's node, whose field `name` is its name, and in the answer of `debug_token`."""
    data = {} if isinstance(inspected, Failure) else as_object(inspected.get("data"))
    return TokenFacts(
        account_name=None if isinstance(node, Failure) else as_text(node.get(name)) or None,
        scopes=_scopes(data.get("scopes")),
        expires_at=_expires_at(as_int(data.get("expires_at")), now),
    )


def _scopes(listed: object) -> tuple[str, ...] | None:
    scopes = [as_text(scope) for scope in listed] if isinstance(listed, list) else [None]
    known = [scope for scope in scopes if scope is not None]
    return tuple(sorted(known)) if len(known) == len(scopes) else None


def _expires_at(seconds: int | None, now: datetime) -> datetime | None:
    if seconds == 0:
        return now + _ENDLESS
    latest = (now + _ENDLESS).timestamp()
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < latest else None
