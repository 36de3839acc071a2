"""Parses queue messages into object keys."""

import json
from typing import Any
from urllib.parse import unquote_plus


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
