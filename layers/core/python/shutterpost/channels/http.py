"""HTTP for the adapters: one client per process, bounded in time and size, answers as values, no secrets in logs."""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import httpx
from pydantic import SecretStr

# Cloudflare in front of Buffer was seen to refuse agents without this beginning
# (skills.sh/dgalarza/agent-skills/buffer, 2026).
USER_AGENT = "Mozilla/5.0 (compatible; Shutterpost/0.1)"
TIMEOUT = httpx.Timeout(10.0, connect=3.0, pool=3.0)
# Seconds for a whole answer: a server that sends a byte now and then never reaches the read timeout.
DEADLINE = 20.0
# A page of 50 posts has some 200 KB.
MAX_BYTES = 2 * 1024 * 1024

Files = Mapping[str, tuple[str, bytes, str]]

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
    """An HTTP response; `body` is the parsed JSON, `None` where it is none. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A request without a response: `sent` where it may have had an effect, `reason` the kind of error."""

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
    form: Mapping[str, str | list[str]] | None = None,
    files: Files | None = None,
    document: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    media_type: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer | NoAnswer:
    """One request, sent once; `token` goes into the Authorization header, `document` is JSON, `content` a file.

    With `files` the form is multipart, each file with its name, content and type.
    """
    sent = {name: value.encode() for name, value in (headers or {}).items()}
    if token is not None:
        sent["Authorization"] = b"Bearer " + token.get_secret_value().encode()
    if media_type is not None:
        sent["Content-Type"] = media_type.encode()
    try:
        with client().stream(
            method,
            url,
            params=None if params is None else dict(params),
            data=None if form is None else dict(form),
            files=files,
            json=document,
            content=content,
            headers={name.encode(): value for name, value in sent.items()},
        ) as response:
            return _answer(response)
    except _NOT_SENT as error:
        return NoAnswer(sent=False, reason=type(error).__name__)
    except httpx.RequestError as error:
        return NoAnswer(sent=True, reason=type(error).__name__)
    except httpx.InvalidURL:
        return NoAnswer(sent=False, reason="InvalidURL")


def _answer(response: httpx.Response) -> Answer:
    ends_at = time.monotonic() + DEADLINE
    content = bytearray()
    whole = True
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BYTES or time.monotonic() > ends_at:
            whole = False
            break
    text = content[:MAX_BYTES].decode(errors="replace")
    return Answer(response.status_code, response.headers, _parsed(text) if whole else None, text)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
