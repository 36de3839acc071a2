"""What a request must be before any route sees it: signed, of sensible size, JSON or, where the path says so, CSV."""

import base64
import json
from typing import Any, NoReturn

from schedule_post.http.principal import owner_in
from schedule_post.http.problems import BodyTooLarge, Malformed, MediaTypeUnsupported

MAX_BODY_BYTES = 256 * 1024
# A body has no meaning elsewhere (RFC 9110, §9.3), and is not looked at.
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def admit(event: dict[str, Any]) -> None:
    """Raise `Forbidden`, `MediaTypeUnsupported`, `BodyTooLarge` or `Malformed` for an event no route should see."""
    owner_in(event)
    body = event.get("body")
    if not body or event["requestContext"]["http"]["method"] not in WITH_BODY:
        return
    media_type = _header(event, "content-type").partition(";")[0].strip().lower()
    wanted = "text/csv" if event["rawPath"].endswith(".csv") else "application/json"
    if media_type not in {"", wanted}:
        raise MediaTypeUnsupported(f"Send {wanted}, not {media_type}.")
    if len(body.encode()) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"The body may have {MAX_BODY_BYTES} bytes.", limit=MAX_BODY_BYTES)
    try:
        text = base64.b64decode(body, validate=True).decode() if event.get("isBase64Encoded") else body
        found = json.loads(text, parse_constant=_no_number) if wanted == "application/json" else {}
    except (ValueError, RecursionError):
        # The parser's own message and context quote the body, which may hold a token.
        raise Malformed(f"The body is no {wanted} in UTF-8; check quotes, commas and brackets.") from None
    if not isinstance(found, dict):
        raise Malformed("The body is no JSON object; send named fields in braces.")


def _header(event: dict[str, Any], name: str) -> str:
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for key, value in headers.items() if key.lower() == name), "")


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
