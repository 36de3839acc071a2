"""Signing in at Bluesky with an app password, to learn the account's id and its own server."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from shutterpost.console import Json
from shutterpost.runtime.refusals import Invalid

if TYPE_CHECKING:
    import httpx

ENTRY = "https://bsky.social"
_ORIGIN = re.compile(r"https://[\w.-]+(:\d+)?/?|http://127\.0\.0\.1:\d+[\w./-]*")
_TIMEOUT = 15.0
# A collection of our own: no app shows what stands in it, and it is removed again.
_PROBE = "app.shutterpost.probe"


class BlueskyRefused(Invalid):
    kind = "bluesky-refused"


@dataclass(frozen=True)
class BlueskyAccess:
    """An account: its permanent id, its server, and its name at the moment."""

    did: str
    host: str
    handle: str


def sign_in(handle: str, app_password: str, server: str | None = None) -> BlueskyAccess:
    """Sign in at `server` and try whether the account's own server refuses to overwrite. Raises `BlueskyRefused`."""
    entry = (server or ENTRY).rstrip("/")
    if not _ORIGIN.fullmatch(entry):
        raise BlueskyRefused(f"{entry} is no server's address; it begins with https:// and ends with the host's name.")
    given = {"identifier": handle.removeprefix("@"), "password": app_password}
    import httpx  # late: few commands need it

    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        session = _call(client, entry, "com.atproto.server.createSession", given)
        services = (session.get("didDoc") or {}).get("service") or []
        stated = [str(each.get("serviceEndpoint")) for each in services if str(each.get("id")).endswith("#atproto_pds")]
        # A server of this machine states an address at which nobody reaches it.
        host = stated[0].rstrip("/") if stated and re.match(r"https://(?!localhost)", stated[0]) else entry
        client.headers["authorization"] = f"Bearer {session['accessJwt']}"
        _check_swap(client, host, str(session["did"]))
    return BlueskyAccess(did=str(session["did"]), host=host, handle=str(session["handle"]))


def _check_swap(client: "httpx.Client", host: str, did: str) -> None:
    """Put two records under one key: a server that takes the second would also overwrite a post."""
    where = {"repo": did, "collection": _PROBE, "rkey": "self"}
    _call(client, host, "com.atproto.repo.deleteRecord", where)
    for number in (1, 2):
        record = {"$type": _PROBE, "n": number}
        answer = _send(client, host, "com.atproto.repo.putRecord", {**where, "record": record, "swapRecord": None})
        if number == 1:
            _checked(answer)
    _call(client, host, "com.atproto.repo.deleteRecord", where)
    if _error(answer) != "InvalidSwap":
        raise BlueskyRefused(
            f"{host} overwrites a record that is there, so that a repeated call could change a post; "
            "accounts of this server cannot be connected."
        )


def _call(client: "httpx.Client", host: str, name: str, document: Json) -> Json:
    return _checked(_send(client, host, name, document))


def _send(client: "httpx.Client", host: str, name: str, document: Json) -> "httpx.Response":
    import httpx

    try:
        return client.post(f"{host}/xrpc/{name}", json=document)
    except httpx.HTTPError as error:
        raise BlueskyRefused(f"{host} does not answer ({type(error).__name__}).") from None


def _checked(answer: "httpx.Response") -> Json:
    if answer.status_code != HTTPStatus.OK:
        raise BlueskyRefused(f"Bluesky refuses the call: {_message(answer)}")
    body: Json = answer.json()
    return body


def _message(answer: "httpx.Response") -> str:
    try:
        return str(answer.json().get("message"))[:200]
    except (ValueError, AttributeError):
        return f"HTTP {answer.status_code}"


def _error(answer: "httpx.Response") -> str | None:
    try:
        return str(answer.json().get("error"))
    except (ValueError, AttributeError):
        return None
