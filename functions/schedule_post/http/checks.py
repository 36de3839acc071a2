"""Checks before routing: the signature's identity, the body's size and its media type (CSV for `*.csv`, else JSON)."""

import base64
import json
from typing import Any, NoReturn

from schedule_post.http.principal import owner_of
from schedule_post.http.problems import BodyTooLarge, Malformed, MediaTypeUnsupported

MAX_BODY_BYTES = 256 * 1024
# The body of other methods has no defined meaning (RFC 9110, §9.3) and is ignored.
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def check_request(event: dict[str, Any]) -> None:
    """Raise `Forbidden`, `MediaTypeUnsupported`, `BodyTooLarge` or `Malformed` for an event that no route handles."""
    owner_of(event)
    body = event.get("body")
    if not body or event["requestContext"]["http"]["method"] not in METHODS_WITH_BODY:
        return
    media_type = _header(event, "content-type").partition(";")[0].strip().lower()
    expected = "text/csv" if event["rawPath"].endswith(".csv") else "application/json"
    if media_type not in {"", expected}:
        raise MediaTypeUnsupported(f"The media type {media_type} is not supported here; send {expected}.")
    if len(body.encode()) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body is longer than {MAX_BODY_BYTES} bytes; send less.", limit=MAX_BODY_BYTES)
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        parsed = json.loads(text, parse_constant=_refuse_constant) if expected == "application/json" else {}
    except (ValueError, RecursionError):
        # The parser's message and context quote the body, which may contain a token.
        raise Malformed(f"The body is not valid {expected} in UTF-8; check quotes, commas and brackets.") from None
    if not isinstance(parsed, dict):
        raise Malformed("The body is not a JSON object; send named fields in braces.")


def _header(event: dict[str, Any], name: str) -> str:
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
