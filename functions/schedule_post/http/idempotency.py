"""Repeats of a POST under one Idempotency-Key: the first one's answer is given again, and nothing is done twice."""

import hashlib
import re
from collections.abc import Callable
from typing import Any, Final

from schedule_post.http.principal import owner_in
from shutterpost.flows.refusals import KeyReused
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.refusals import Conflict, Invalid
from shutterpost.scheduling import ResponseState, StoredResponse, StoredResponses

HEADER: Final = "Idempotency-Key"
MAX_KEY: Final = 255
# Posts are opened under the key itself, in the transaction that opens them.
_OWN_WAY = re.compile(r"/personas/[^/]+/posts")
_OK, _REFUSED = 200, 300


class KeyInvalid(Invalid):
    """The Idempotency-Key is empty or too long."""

    kind = "idempotency-key-invalid"


class RequestInProgress(Conflict):
    """The first request under this key has no answer yet; ask again in a moment."""

    kind = "request-in-progress"


def key_in(event: dict[str, Any]) -> str | None:
    """The key under which the answer to `event` is to be kept, if it asks for that. Raises `KeyInvalid`."""
    key = next((text for name, text in (event.get("headers") or {}).items() if name.lower() == HEADER.lower()), None)
    if key is None or event["requestContext"]["http"]["method"] != "POST" or _OWN_WAY.fullmatch(event["rawPath"]):
        return None
    if not 1 <= len(key) <= MAX_KEY:
        raise KeyInvalid(f"An {HEADER} has 1 to {MAX_KEY} characters.", field=HEADER)
    return str(key)


def once(
    answers: StoredResponses, clock: Clock, event: dict[str, Any], key: str, answer: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What `answer` gives, kept for a day where it is a success; a repeat within it gets the same.

    Raises `KeyReused` for another request under the key, and `RequestInProgress`.
    """
    owner, request = owner_in(event), _digest(event)
    begun_at = clock.now()
    kept = answers.begin(owner, key, request, begun_at)
    if kept is not None:
        return _again(kept, request)
    told = answer()
    mine = StoredResponse(request=request, begun_at=begun_at, state=ResponseState.ANSWERED)
    if not _OK <= told["statusCode"] < _REFUSED:
        answers.let_go(owner, key, mine)
        return told
    said = {"status": told["statusCode"], "headers": dict(told["headers"]), "body": told["body"]}
    answers.keep(owner, key, mine.model_copy(update=said))
    return told


def _again(kept: StoredResponse, request: str) -> dict[str, Any]:
    if kept.request != request:
        raise KeyReused(f"This {HEADER} came with another request; use a new key.", field=HEADER)
    if kept.state is not ResponseState.ANSWERED:
        raise RequestInProgress(f"The first request under this {HEADER} is still running; ask again in a moment.")
    return {"statusCode": kept.status, "headers": kept.headers, "body": kept.body, "isBase64Encoded": False}


def _digest(event: dict[str, Any]) -> str:
    asked = (event["rawPath"], event.get("rawQueryString") or "", event.get("body") or "")
    return hashlib.sha256("\n".join(asked).encode()).hexdigest()
