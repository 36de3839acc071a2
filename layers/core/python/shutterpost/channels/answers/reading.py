"""Values out of JSON that may hold anything: each reader gives the value as asked for, or `None`."""

import re
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

_ID = re.compile(r"[\w.:=-]{1,200}", re.ASCII)
_URL = re.compile(r"https?://[!-~]{1,2000}")
_LARGEST = 10**15
_LARGEST_ID = 10**20
_BEGINNING = 280


def as_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def as_text(value: Any) -> str | None:
    # JSON may hold halves of surrogate pairs, which no request, no store and no log takes.
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def as_int(value: Any) -> int | None:
    """`value` where it is a whole number of ordinary size, also where it was sent as text."""
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", value):
        return int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST
    return value if whole else None


def as_id(value: Any) -> str | None:
    """`value` where it can be an id, also where it was sent as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST_ID
    text = str(value) if is_number else as_text(value)
    return text if text is not None and _ID.fullmatch(text) else None


def as_url(value: Any) -> str | None:
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


def as_instant(value: Any) -> datetime | None:
    """`value` where it is an ISO 8601 instant, in UTC."""
    try:
        instant = datetime.fromisoformat(value)
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (TypeError, ValueError, OverflowError):
        return None


def beginning(value: Any) -> str | None:
    """The beginning of a text, for lists."""
    text = as_text(value)
    return None if text is None else text.strip()[:_BEGINNING]


def same_text(left: Any, right: str) -> bool:
    """Whether texts are equal apart from surrounding blanks and the kind of line break."""
    return str(left).replace("\r\n", "\n").strip() == right.replace("\r\n", "\n").strip()


def as_objects(value: Any) -> list[Json] | None:
    return value if isinstance(value, list) and all(isinstance(item, dict) for item in value) else None
