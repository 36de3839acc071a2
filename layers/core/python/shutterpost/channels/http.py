"""HTTP for the adapters: one client per process, bounded in time, answers as values, no secrets in logs.

A call that was certainly not sent is told apart from one whose answer is lost: only the second can have had an effect.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from pydantic import SecretStr

# Cloudflare in front of Buffer was seen to refuse agents without this beginning (platform-apis.md §1).
USER_AGENT = "Mozilla/5.0 (compatible; Shutterpost/0.1)"
TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)

# Raised before the request's first byte leaves.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform said; `body` is the parsed JSON, `None` where it is none. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The platform said nothing: `sent` where the request may have had an effect, `reason` the kind of error."""

    sent: bool
    reason: str


@lru_cache
def client() -> httpx.Client:
    """The process's client. Redirects are not followed: they would carry the token elsewhere."""
    # httpx logs each URL at INFO, and the refresh of an Instagram token has the token in its query.
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(timeout=TIMEOUT, headers={"User-Agent": USER_AGENT}, follow_redirects=False)


def send(
    method: str,
    url: str,
    *,
    token: SecretStr | None = None,
    params: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    document: Mapping[str, Any] | None = None,
) -> Answer | NoAnswer:
    """One request, sent once; `token` goes into the Authorization header, `document` is the JSON body."""
    headers = {} if token is None else {"Authorization": b"Bearer " + token.get_secret_value().encode()}
    try:
        response = client().request(
            method,
            url,
            params=None if params is None else dict(params),
            data=None if form is None else dict(form),
            json=document,
            headers={name.encode(): value for name, value in headers.items()},
        )
    except _NOT_SENT as error:
        return NoAnswer(sent=False, reason=type(error).__name__)
    except httpx.RequestError as error:
        return NoAnswer(sent=True, reason=type(error).__name__)
    except httpx.InvalidURL:
        return NoAnswer(sent=False, reason="InvalidURL")
    return Answer(response.status_code, response.headers, _parsed(response), response.text)


def _parsed(response: httpx.Response) -> Any:
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None
