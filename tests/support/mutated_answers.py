"""Answers of Instagram and Buffer, mutated at random with a fixed seed, and what the adapters make of them."""

import copy
import json
import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import httpx
import respx
from pydantic import SecretStr
from pydantic_core import PydanticSerializationError

from shutterpost.channels import (
    Account,
    Attempt,
    Channel,
    Connection,
    Failure,
    FailureClass,
    Message,
    NewToken,
    NoMatch,
    Picture,
    Published,
    Submitted,
    Withdrawn,
    adapters,
)
from shutterpost.runtime.settings import PlatformSettings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TEXT = "A calm lake."
TOKEN = "EAAG-the-token-of-the-account-0123456789"
RENEWED = "IGQV-renewed"
MESSAGE = Message(text=TEXT, pictures=(Picture(url="https://cdn.example/a.jpg"),), run_at=NOON)
CAROUSEL = MESSAGE.model_copy(update={"pictures": MESSAGE.pictures * 3})
ATTEMPT = Attempt(text=TEXT, run_at=NOON, attempted_at=NOON, ref="178")
LONGEST_WAIT = timedelta(days=30).total_seconds()

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
    """A call of an adapter, and the bodies of good answers to its requests in order."""

    name: str
    call: Callable[[Channel, Account], Any]
    bodies: tuple[Json, ...]


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
    Case(
        "carousel", lambda channel, account: channel.submit(account, CAROUSEL), tuple({"id": str(n)} for n in range(4))
    ),
    Case("status", lambda channel, account: channel.status(account, "178"), (_FINISHED,)),
    Case(
        "broken",
        lambda channel, account: channel.status(account, "178"),
        ({"status_code": "ERROR", "status": "Error: Media upload has failed with error code 2207083"},),
    ),
    Case("publish", lambda channel, account: channel.publish(account, "178"), ({"id": "179"}, _FINISHED)),
    Case("refused", lambda channel, account: channel.publish(account, "178"), (_GRAPH_ERROR, _FINISHED)),
    Case("describe", lambda channel, account: channel.describe(account, "3"), (_media(3, TEXT, 0),)),
    Case("remove", lambda channel, account: channel.remove(account, "3"), ({"success": True}, _GRAPH_ERROR, _QUOTA)),
    Case("find", lambda channel, account: channel.find(account, ATTEMPT), (_FIRST_PAGE, _LAST_PAGE)),
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
_PAGES = (b"", b"<html>blocked</html>", b"null", b"[]", b"0", b"\xff\xfe{", b"[" * 50_000, b'{"error":"no"}')


@dataclass
class Mutant:
    """One mutated answer; `nulled` where a value was replaced by one of another type, and nothing else was changed."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: type[httpx.RequestError] | None = None
    nulled: bool = False


class Trial(NamedTuple):
    """One call to be tried, and the source of its mutation."""

    channel: str
    case: Case
    random: random.Random


@dataclass
class Tally:
    """What came of many mutated answers."""

    cases: int = 0
    exceptions: list[str] = field(default_factory=list)
    false_absences: list[str] = field(default_factory=list)
    false_successes: list[str] = field(default_factory=list)
    unstorable: list[str] = field(default_factory=list)
    slowest: float = 0.0

    def findings(self) -> list[str]:
        """Everything that should not be."""
        return [*self.exceptions, *self.false_absences, *self.false_successes, *self.unstorable]


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
    status = 400 if isinstance(body, dict) and "error" in body else 200
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


def account_of(channel: str) -> Account:
    """The account that all cases use."""
    connection = Connection(
        connection_id="c0",
        persona_id="nature",
        owner="owner",
        channel=channel,
        display_name="nature",
        account_id="c1" if channel == "buffer" else "17841400000000001",
        login=None,
        organization_id="o1" if channel == "buffer" else None,
        created_at=NOON,
        updated_at=NOON,
    )
    return Account(connection=connection, token=SecretStr(TOKEN))


def run(count: int, seed: int) -> Tally:
    """Send `count` mutated answers to the adapters and tally what they make of them."""
    random_ = random.Random(seed)
    tally = Tally()
    factory = adapters(PlatformSettings(stage="test"), StoppedClock(), lambda *_: None)
    with respx.mock(assert_all_called=False) as router:
        route = router.route()
        for _ in range(count):
            channel = random_.choice(("instagram", "buffer"))
            case = random_.choice(INSTAGRAM if channel == "instagram" else BUFFER)
            _try(factory(channel), Trial(channel, case, random_), route, tally)
    return tally


def _try(adapter: Channel, trial: Trial, route: respx.Route, tally: Tally) -> None:
    channel, case, random_ = trial
    at = random_.randrange(len(case.bodies))
    mutant = mutate(case.bodies[at], random_)
    route.mock(side_effect=_answers(case, at, mutant))
    account = account_of(channel)
    login = random_.choice(("facebook", "instagram")) if case.name in {"health", "status"} else _login_of(case)
    if channel == "instagram":
        account = account.model_copy(update={"connection": account.connection.model_copy(update={"login": login})})
    label = f"{channel} {case.name} {mutant.status} {mutant.headers} {mutant.body[:200]!r} {mutant.lost}"
    started = time.perf_counter()
    try:
        result = case.call(adapter, account)
    except Exception as error:  # noqa: BLE001 - what is looked for
        result = None
        tally.exceptions.append(f"{type(error).__name__}: {label}")
    tally.cases += 1
    tally.slowest = max(tally.slowest, time.perf_counter() - started)
    if mutant.nulled and isinstance(result, NoMatch):
        tally.false_absences.append(label)
    if _is_false_success(case, at, mutant, result):
        tally.false_successes.append(label)
    if result is not None and not _is_storable(result):
        tally.unstorable.append(label)


def _login_of(case: Case) -> str:
    return "instagram" if case.name == "refresh" else "facebook"


def _answers(case: Case, at: int, mutant: Mutant) -> Callable[[httpx.Request], httpx.Response]:
    """Good answers in order, the mutated one in its place; the last is repeated."""
    sent = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        place, sent = min(sent, len(case.bodies) - 1), sent + 1
        if place != at:
            body = case.bodies[place]
            return httpx.Response(400 if "error" in body else 200, content=encode(body))
        if mutant.lost is not None:
            raise mutant.lost("lost", request=request)
        return httpx.Response(mutant.status, headers=mutant.headers, content=_Stream(mutant.body))

    return answer


class _Stream(httpx.SyncByteStream):
    """A body that is decoded when it is read, as on a connection."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        for start in range(0, len(self._body), 65_536):
            yield self._body[start : start + 65_536]


def _is_false_success(case: Case, at: int, mutant: Mutant, result: Any) -> bool:
    """Whether a write counts as done although its answer holds no id."""
    if at > 0 or not isinstance(result, Published | Submitted | NewToken | Withdrawn):
        return case.name == "refused" and not isinstance(result, Failure)
    if case.name not in {"submit", "publish"}:
        return False
    made = result.external_id if isinstance(result, Published) else getattr(result, "ref", "")
    return not made or made.encode() not in mutant.body


def _is_storable(result: Any) -> bool:
    """Whether a result can be stored and logged: bounded texts without half characters, finite waits, no token."""
    if isinstance(result, dict):
        return all(_is_storable(part) for part in result.values())
    try:
        text = result.model_dump_json()
    except PydanticSerializationError:
        return False
    failure = result if isinstance(result, Failure) else getattr(result, "failure", None)
    if failure is not None:
        wait = failure.retry_after
        bounded = wait is None or (math.isfinite(wait) and 0 <= wait <= LONGEST_WAIT)
        permanent = failure.failure_class is FailureClass.PERMANENT
        if not bounded or (permanent and wait is not None) or len(failure.message) + len(failure.raw) > 2_000:
            return False
    return TOKEN not in text and RENEWED not in text and len(text) < 8_000
