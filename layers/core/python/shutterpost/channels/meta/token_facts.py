"""Reads the facts of a token from the Graph API's answers."""

from datetime import UTC, datetime, timedelta

from shutterpost.channels.answers.reading import Json, as_int, as_object, as_text
from shutterpost.channels.ports import TokenFacts

# A token of a system user does not expire: `expires_at` is 0.
_ENDLESS = timedelta(days=10 * 365)


def facts_of(user: Json, inspected: Json | None, now: datetime) -> TokenFacts:
    """The facts in the account's node and in the answer of `debug_token`, where there is one."""
    data = as_object((inspected or {}).get("data"))
    return TokenFacts(
        account_name=as_text(user.get("username")) or None,
        scopes=_scopes(data.get("scopes")),
        expires_at=_expires_at(as_int(data.get("expires_at")), now),
    )


def _scopes(listed: object) -> tuple[str, ...] | None:
    if not isinstance(listed, list) or not all(isinstance(scope, str) for scope in listed):
        return None
    return tuple(sorted(listed))


def _expires_at(seconds: int | None, now: datetime) -> datetime | None:
    if seconds == 0:
        return now + _ENDLESS
    latest = (now + _ENDLESS).timestamp()
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < latest else None
