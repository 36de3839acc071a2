"""Good answers of Instagram, Buffer and LinkedIn to every call of the port, and random mutations of them."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shutterpost.channels import (
    Account,
    Attempt,
    Channel,
    Commenter,
    Message,
    Picture,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEXT = "A calm lake."
TOKEN = "EAAG-the-token-of-the-account-0123456789"
RENEWED = "IGQV-renewed"
MESSAGE = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg"),), run_at=NOON)
CAROUSEL = MESSAGE.model_copy(update={"pictures": MESSAGE.pictures * 3})
ATTEMPT = Attempt(text=TEXT, run_at=NOON, attempted_at=NOON, ref="178")
STORY = ATTEMPT.model_copy(update={"ref": "story:178"})

Json = Any
# A value that JSON has and Python's encoder does not write, put in as text after encoding.
_HUGE = "@huge@"


class StoppedClock:
    """A clock that stands still and never sleeps."""

    def now(self) -> datetime:
        """Noon."""
        return NOON

    def sleep(self, duration: timedelta) -> None:
        """Return at once."""


@dataclass(frozen=True)
class Case:
    """A call of an adapter, and the bodies of good answers to its requests in order; the body `makes` has the id that
    `made` reads from the result's reference, if it is not all of it."""

    name: str
    call: Callable[[Channel, Account], Any]
    bodies: tuple[Json, ...]
    makes: int = 0
    made: str = "(.*)"


def _commenter(channel: Channel) -> Commenter:
    assert isinstance(channel, Commenter)
    return channel


def _media(number: int, caption: str, minutes: int) -> Json:
    at = NOON + timedelta(minutes=minutes)
    link = f"https://www.instagram.com/p/{number}/"
    return {
        "id": str(number),
        "caption": caption,
        "permalink": link,
        "timestamp": at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    }


def _post(number: int, text: str, status: str = "scheduled") -> Json:
    return {
        "id": f"{number:024x}",
        "status": status,
        "text": text,
        "channelId": "c1",
        "dueAt": "2026-11-21T12:00:00.000Z",
        "sentAt": None,
        "externalLink": None,
        "error": None,
    }


def _posts(*posts: Json, after: str | None = None) -> Json:
    page = {"hasNextPage": after is not None, "endCursor": after}
    return {"data": {"posts": {"edges": [{"node": post} for post in posts], "pageInfo": page}}}


_GRAPH_ERROR = {"error": {"message": "Fatal", "type": "OAuthException", "code": 9, "error_subcode": 2207042}}
_FIRST_PAGE = {
    "data": [_media(1, "Another.", 1), _media(2, "A third.", 2)],
    "paging": {"cursors": {"before": "a", "after": "b"}, "next": "https://graph.example/next"},
}
_LAST_PAGE = {"data": [_media(3, TEXT, 0)], "paging": {"cursors": {"before": "c", "after": "d"}}}
_FINISHED = {"id": "178", "status_code": "FINISHED", "status": "Finished"}
_QUOTA = {"data": [{"config": {"quota_total": 50, "quota_duration": 86_400}, "quota_usage": 2}]}
_CREATED = {
    "data": {"createPost": {"__typename": "PostActionSuccess", "post": {"id": "a" * 24, "status": "scheduled"}}}
}
_REFUSED = {"data": {"createPost": {"__typename": "RestProxyError", "code": 1023, "message": "Limit reached"}}}
_THROTTLED = {
    "errors": [{"message": "Too many requests", "extensions": {"code": "RATE_LIMIT_EXCEEDED", "retryAfter": 9}}]
}
_LIMITS = {
    "data": {
        "channels": [{"id": "c1", "isDisconnected": False, "isLocked": False, "isQueuePaused": False}],
        "dailyPostingLimits": [{"channelId": "c1", "limit": 50, "isAtLimit": False, "sent": 1, "scheduled": 0}],
    }
}

INSTAGRAM: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), (_QUOTA,)),
    Case("submit", lambda channel, account: channel.submit(account, MESSAGE), ({"id": "178"},)),
    Case("part", lambda channel, account: channel.submit(account, CAROUSEL, "carousel:3:1,2"), ({"id": "3"},)),
    Case("carousel", lambda channel, account: channel.submit(account, CAROUSEL, "carousel:3:1,2,3"), ({"id": "4"},)),
    Case("parts", lambda channel, account: channel.status(account, "carousel:2:1,2"), (_FINISHED, _FINISHED)),
    Case("status", lambda channel, account: channel.status(account, "178"), (_FINISHED,)),
    Case(
        "broken",
        lambda channel, account: channel.status(account, "178"),
        ({"status_code": "ERROR", "status": "Error: Media upload has failed with error code 2207083"},),
    ),
    Case("publish", lambda channel, account: channel.publish(account, "178", MESSAGE), ({"id": "179"}, _FINISHED)),
    Case("refused", lambda channel, account: channel.publish(account, "178", MESSAGE), (_GRAPH_ERROR, _FINISHED)),
    Case("describe", lambda channel, account: channel.describe(account, "3"), (_media(3, TEXT, 0),)),
    Case("remove", lambda channel, account: channel.remove(account, "3"), ({"success": True}, _GRAPH_ERROR, _QUOTA)),
    Case("find", lambda channel, account: channel.find(account, ATTEMPT), (_FIRST_PAGE, _LAST_PAGE)),
    Case("story", lambda channel, account: channel.find(account, STORY), (_FIRST_PAGE, _LAST_PAGE)),
    Case("comment", lambda channel, account: _commenter(channel).comment(account, "3", TEXT), ({"id": "181"},)),
    Case(
        "comments",
        lambda channel, account: _commenter(channel).find_comment(account, "3", TEXT),
        ({**_LAST_PAGE, "data": [{"id": "181", "text": TEXT, "timestamp": "2026-11-21T12:00:05+0000"}]},),
    ),
    Case(
        "refresh",
        lambda channel, account: channel.refresh(account),
        ({"access_token": RENEWED, "token_type": "bearer", "expires_in": 5_183_944},),
    ),
)
BUFFER: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account, NOON), (_LIMITS,)),
    Case("submit", lambda channel, account: channel.submit(account, MESSAGE), (_CREATED,)),
    Case("refused", lambda channel, account: channel.submit(account, MESSAGE), (_REFUSED,)),
    Case("throttled", lambda channel, account: channel.submit(account, MESSAGE), (_THROTTLED,)),
    Case("status", lambda channel, account: channel.status(account, "b"), ({"data": {"post": _post(11, TEXT)}},)),
    Case(
        "describe",
        lambda channel, account: channel.describe(account, "b"),
        (
            {
                "data": {
                    "post": {
                        **_post(11, TEXT, "sent"),
                        "externalLink": "https://x.example/p",
                        "sentAt": "2026-11-21T12:00:09Z",
                    }
                }
            },
        ),
    ),
    Case(
        "withdraw",
        lambda channel, account: channel.withdraw(account, "b"),
        ({"data": {"post": _post(11, TEXT)}}, {"data": {"deletePost": {"__typename": "DeletePostSuccess"}}}),
    ),
    Case(
        "find",
        lambda channel, account: channel.find(account, ATTEMPT),
        (_posts(_post(1, "Another."), after="x"), _posts(_post(2, TEXT))),
    ),
    Case(
        "statuses",
        lambda channel, account: channel.statuses([account], NOON),
        (_posts(_post(1, "Another.", "sent"), after="x"), _posts(_post(2, TEXT, "error"))),
    ),
)

_LINKEDIN_REF = "C4E10AQ1/1@1795262400"
_LINKEDIN_ATTEMPT = ATTEMPT.model_copy(update={"ref": _LINKEDIN_REF})
_UPLOAD = {"value": {"uploadUrl": "https://www.linkedin.com/dms-uploads/1", "image": "urn:li:image:C4E10AQ1"}}
_IMAGE = {"id": "urn:li:image:C4E10AQ1", "owner": "urn:li:organization:5583111", "status": "AVAILABLE"}
_DUPLICATE = {
    "errorDetails": {"inputErrors": [{"code": "DUPLICATE_POST"}]},
    "message": "Content is a duplicate of urn:li:share:9",
    "status": 422,
}


def _shared(number: int, image: str) -> Json:
    at = int(NOON.timestamp() * 1_000)
    return {
        "id": f"urn:li:share:{number}",
        "author": "urn:li:organization:5583111",
        "commentary": TEXT,
        "content": {"media": {"id": f"urn:li:image:{image}", "altText": "A lake"}},
        "createdAt": at,
        "publishedAt": at,
        "lastModifiedAt": at,
        "lifecycleState": "PUBLISHED",
    }


_SHARES: Json = {"elements": [_shared(8, "C4E10AQ8"), _shared(9, "C4E10AQ9")], "paging": {"links": []}}
_OWN_SHARE: Json = {"elements": [_shared(7, "C4E10AQ1")]}
_NO_SHARES: Json = {"elements": []}

LINKEDIN: tuple[Case, ...] = (
    Case("health", lambda channel, account: channel.health(account), (_SHARES,)),
    Case("member", lambda channel, account: channel.health(account), ({"sub": "17841400000000001", "name": "Anna"},)),
    Case("submit", lambda channel, account: channel.submit(account, MESSAGE), (_UPLOAD, {}), 0, "^([^/]+)"),
    Case("status", lambda channel, account: channel.status(account, _LINKEDIN_REF), (_SHARES, _NO_SHARES, _IMAGE)),
    Case("member", lambda channel, account: channel.status(account, _LINKEDIN_REF), (_IMAGE,)),
    Case("publish", lambda channel, account: channel.publish(account, _LINKEDIN_REF, MESSAGE), ({},)),
    Case(
        "refused",
        lambda channel, account: channel.publish(account, _LINKEDIN_REF, MESSAGE),
        (_DUPLICATE, _shared(9, "C4E10AQ9"), _NO_SHARES),
    ),
    Case("describe", lambda channel, account: channel.describe(account, "urn:li:share:9"), (_shared(9, "C4E10AQ9"),)),
    Case("remove", lambda channel, account: channel.remove(account, "urn:li:share:9"), ({},)),
    Case("find", lambda channel, account: channel.find(account, _LINKEDIN_ATTEMPT), (_SHARES, _OWN_SHARE, _NO_SHARES)),
)

_ODD_VALUES: tuple[Json, ...] = (
    None,
    True,
    -1,
    0,
    _HUGE,
    1.5,
    "",
    "null",
    "\ud800\udfff\ud800",
    "x" * 5_000,
    [],
    {},
    [None],
    [[]],
    {"id": None},
    "9" * 4_000,
    "../../me",
)
_HEADERS: tuple[tuple[str, str], ...] = (
    ("retry-after", "null"),
    ("retry-after", "9" * 40),
    ("retry-after", "-5"),
    ("retry-after", "Sat, 99 Nov 2026 12:00:00 GMT"),
    ("x-business-use-case-usage", '{"1":null}'),
    ("x-business-use-case-usage", '{"1":[{"estimated_time_to_regain_access":1e999}]}'),
    ("x-business-use-case-usage", "null"),
    ("ratelimit", '"15m";r=0;t=99999999999999999999'),
    ("ratelimit-reset", "soon"),
    ("content-type", "text/html; charset=base64"),
    ("content-type", ""),
    ("content-encoding", "gzip"),
    ("location", "http://[::1"),
    ("date", "null"),
)
_LOST: tuple[type[httpx.RequestError], ...] = (
    httpx.ConnectError,
    httpx.ReadTimeout,
    httpx.ReadError,
    httpx.RemoteProtocolError,
    httpx.PoolTimeout,
)
_STATUSES = (200, 201, 204, 301, 400, 401, 403, 404, 413, 418, 429, 500, 502, 503, 504, 599)
# Servers of Mastodon answer so; the others with 400.
_OF_ERRORS = {"Record not found": 404, "Validation failed": 422}
_PAGES = (b"", b"<html>blocked</html>", b"null", b"[]", b"0", b"\xff\xfe{", b"[" * 50_000, b'{"error":"no"}')


@dataclass
class Mutant:
    """One mutated answer; `nulled` where a value was replaced by one of another type, and nothing else was changed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: type[httpx.RequestError] | None = None
    nulled: bool = False


def status_of(body: Json) -> int:
    """The status that a platform sends with `body`."""
    stated, error = (body.get("status"), body.get("error")) if isinstance(body, dict) else (None, None)
    if isinstance(stated, int):
        return stated
    return 200 if error is None else _OF_ERRORS.get(str(error).partition(":")[0], 400)


def encode(body: Json) -> bytes:
    """JSON as sent, with integers of a size that Python refuses to read."""
    return json.dumps(body).replace(f'"{_HUGE}"', "9" * 5_000).encode()


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value in a tree."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from places(part, (*path, key))


def replaced(body: Json, path: tuple[str | int, ...], value: Json) -> Json:
    """A copy of `body` with `value` at `path`."""
    if not path:
        return value
    tree = copy.deepcopy(body)
    holder = tree
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return tree


def without(body: Json, path: tuple[str | int, ...]) -> Json:
    """A copy of `body` without what is at `path`."""
    tree = copy.deepcopy(body)
    holder = tree
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return tree


def mutate(body: Json, random_: random.Random) -> Mutant:
    """One mutation of a good answer."""
    status = status_of(body)
    kind = random_.choices(
        ("value", "gone", "nested", "status", "header", "bytes", "page", "lost"), (8, 3, 1, 2, 2, 2, 1, 1)
    )[0]
    path = random_.choice(list(places(body)))
    if kind == "value":
        odd = random_.choice(_ODD_VALUES)
        return Mutant(status, body=encode(replaced(body, path, odd)), nulled=odd is None)
    if kind == "gone" and path:
        return Mutant(status, body=encode(without(body, path)))
    if kind == "nested":
        deep = "[" * random_.choice((50, 900, 20_000))
        return Mutant(
            status, body=encode(replaced(body, path, "@deep@")).replace(b'"@deep@"', deep.encode() + b"]" * len(deep))
        )
    if kind == "status":
        return Mutant(random_.choice(_STATUSES), body=encode(body))
    if kind == "header":
        return Mutant(random_.choice((status, 429)), dict([random_.choice(_HEADERS)]), encode(body))
    if kind == "page":
        return Mutant(random_.choice(_STATUSES), body=random_.choice(_PAGES))
    if kind == "lost":
        return Mutant(lost=random_.choice(_LOST))
    raw = bytearray(encode(body))
    for _ in range(random_.randint(1, 4)):
        raw[random_.randrange(len(raw))] = random_.randrange(256)
    return Mutant(status, body=bytes(raw[: random_.randint(1, len(raw))] if random_.random() < 0.5 else raw))
