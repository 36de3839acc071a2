"""Parses queue messages into object keys, the photo whose renditions are requested, or a rejected file."""

import json
from typing import Any
from urllib.parse import unquote_plus


def photo_of(body: str) -> tuple[str, str] | None:
    """Persona and id of the photo whose renditions are requested; `None` in other messages."""
    try:
        message: Any = json.loads(body)
        return str(message["persona_id"]), str(message["photo_id"])
    except (ValueError, TypeError, KeyError):
        return None


def rejected_key_of(body: str) -> str | None:
    """Key of the rejected file to import again; `None` in other messages."""
    try:
        message: Any = json.loads(body)
        return str(message["rejected_key"])
    except (ValueError, TypeError, KeyError):
        return None


def keys_of(body: str) -> list[str]:
    """Decoded keys of an S3 notification or of `{"key": …}`; none in other messages, such as S3's test event."""
    try:
        message: Any = json.loads(body)
    except ValueError:
        return []
    if not isinstance(message, dict):
        return []
    if isinstance(message.get("key"), str):
        return [message["key"]]
    return [
        unquote_plus(record["s3"]["object"]["key"])
        for record in message.get("Records", ())
        if record.get("eventName", "").startswith("ObjectCreated:")
    ]
