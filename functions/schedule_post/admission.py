"""What a request must be before any route sees it: signed, and if it has a body, a JSON object of sensible size."""

import base64
import json
from typing import Any, NoReturn

from schedule_post.principal import owner_in
from schedule_post.problems import BodyTooLarge, Malformed, MediaTypeUnsupported

MAX_BODY_BYTES = 256 * 1024


def admit(event: dict[str, Any]) -> None:
    """Raise `Forbidden`, `MediaTypeUnsupported`, `BodyTooLarge` or `Malformed` for an event no route should see."""
    owner_in(event)
    body = event.get("body")
    if not body:
        return
    media_type = _header(event, "content-type").partition(";")[0].strip().lower()
    if media_type not in {"", "application/json"}:
        raise MediaTypeUnsupported(f"Send application/json, not {media_type}.")
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body may have {MAX_BODY_BYTES} bytes.", limit=MAX_BODY_BYTES)
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        found = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        # The parser's own message and context quote the body, which may hold a token.
        raise Malformed("The body is no JSON; check quotes, commas and brackets.") from None
    if not isinstance(found, dict):
        raise Malformed("The body is no JSON object; send named fields in braces.")


def _header(event: dict[str, Any], name: str) -> str:
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
