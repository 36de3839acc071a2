"""The Idempotency-Key of POST requests: a repeat returns the stored response of the first request."""

import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

from schedule_post.http.principal import owner_of
from shutterpost.flows.refusals import KeyReused
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.refusals import Conflict, Invalid
from shutterpost.scheduling import ResponseState, StoredResponse, StoredResponses

HEADER: Final = "Idempotency-Key"
MAX_KEY: Final = 255
# createPost claims the key in the transaction that writes the post, so its response needs no copy.
_CREATE_POST = re.compile(r"/personas/[^/]+/posts")
_SUCCESS = range(200, 300)


class KeyInvalid(Invalid):
    kind = "idempotency-key-invalid"


class RequestInProgress(Conflict):
    kind = "request-in-progress"


def idempotency_key_of(event: dict[str, Any]) -> str | None:
    """The key to store the response of `event` under, or `None`. Raises `KeyInvalid`."""
    key = next((text for name, text in (event.get("headers") or {}).items() if name.lower() == HEADER.lower()), None)
    if key is None or event["requestContext"]["http"]["method"] != "POST" or _CREATE_POST.fullmatch(event["rawPath"]):
        return None
    if not 1 <= len(key) <= MAX_KEY:
        raise KeyInvalid(f"The {HEADER} must have 1 to {MAX_KEY} characters.", field=HEADER)
    return str(key)


def answer_once(
    stored: StoredResponses, clock: Clock, event: dict[str, Any], key: str, answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Call `answer` and store a successful response for a day; a repeat within that day returns the stored one.

    Raises `KeyReused` where the key came with another request, and `RequestInProgress`.
    """
    owner, request = owner_of(event), _digest(event)
    begun_at = clock.now()
    earlier = stored.begin(owner, key, request, begun_at)
    if earlier is not None:
        return _replay(earlier, request)
    response = answer()
    record = StoredResponse(request=request, begun_at=begun_at, state=ResponseState.ANSWERED)
    if response["statusCode"] not in _SUCCESS:
        stored.release(owner, key, record)
        return response
    fields = {"status": response["statusCode"], "headers": dict(response["headers"]), "body": response["body"]}
    stored.complete(owner, key, record.model_copy(update=fields))
    return response


def _replay(stored: StoredResponse, request: str) -> dict[str, Any]:
    if stored.request != request:
        raise KeyReused(f"This {HEADER} came with another request; use a new key.", field=HEADER)
    if stored.state is not ResponseState.ANSWERED:
        raise RequestInProgress(f"The first request with this {HEADER} is still running; retry in a moment.")
    return {"statusCode": stored.status, "headers": stored.headers, "body": stored.body, "isBase64Encoded": False}


def _digest(event: dict[str, Any]) -> str:
    parts = (event["rawPath"], event.get("rawQueryString") or "", event.get("body") or "")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
