"""What a queue message says: the keys to import."""

import json
from typing import Any
from urllib.parse import unquote_plus


def keys_of(body: str) -> list[str]:
    """The decoded keys in an S3 notification, whose keys are URL-encoded, or in a direct message `{"key": …}`.

    Anything else, such as the test event S3 sends when notifications are set up, names none.
    """
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
