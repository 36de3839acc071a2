"""The platforms' simulators without their server: the same state and the same answers, on the simulated clock."""

import contextlib
import json
import re
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from unittest import mock

import httpx
from graphql import DocumentNode, GraphQLSchema, parse, validate
from starlette.routing import Router
from typing_extensions import override

from infra.local.simulators.background import Background
from infra.local.simulators.buffer import api as buffer_api
from infra.local.simulators.buffer.api import BufferApi
from infra.local.simulators.buffer.records import BufferAccount
from infra.local.simulators.buffer.schema import buffer_schema
from infra.local.simulators.clock import SimulatedClock
from infra.local.simulators.images import Fetched, Fetcher, Judge, flaw_of
from infra.local.simulators.instagram.accounts import TOKEN_LIFE, digest
from infra.local.simulators.instagram.api import InstagramApi
from infra.local.simulators.world import World
from tests.simulation.aws import FAULTY
from tests.simulation.kinds import DECLARED, KindOfPlatform, PlatformPost

CDN = "cdn.example.test"
HOSTS = {"buffer": "buffer.test", "facebook": "facebook.test", "instagram": "instagram.test"}
_DECLARED_HOSTS = {kind.host: kind for kind in DECLARED.values()}


@dataclass(frozen=True)
class Sighting:
    """A post of a declared kind as it was first seen, with the task that made it."""

    channel: str
    post: PlatformPost
    maker: str


class KernelClock(SimulatedClock):
    """The kernel's time, as the simulators ask for it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__()
        self.now = now  # type: ignore[method-assign]  # there is but one clock


class AtOnce(Background):
    """Work behind an answer is done before it: nothing here really waits."""

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end."""
        driven(work)


class BucketFetcher(Fetcher):
    """Fetches from the simulated bucket; what is there is a picture as it should be, or one with a fault."""

    def __init__(self, source: Callable[[str], str | None]) -> None:
        super().__init__()
        self._source = source

    @override
    async def fetch(self, url: str, judge: Judge = flaw_of) -> Fetched:
        """The picture at `url`, if it is there at this moment."""
        facts = Fetched(url=url, status=200, format="JPEG")
        source = self._source(key_of(url))
        if source is None:
            return facts.model_copy(update={"status": 403, "flaw": "unreachable"})
        return facts.model_copy(update={"flaw": "aspect"}) if source.startswith(FAULTY) else facts


def key_of(url: str) -> str:
    """The object's key behind an address of the CDN."""
    return url.partition(f"{CDN}/")[2]


def driven(work: Coroutine[Any, Any, Any]) -> Any:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("a simulator waits for something")


class Platforms:
    """All platforms; `later` does something at an instant, `down` cannot be reached.

    `sightings` are the posts of declared kinds by address, also those that are deleted, `refused` the tokens that were
    ever refused.
    """

    def __init__(
        self,
        now: Callable[[], datetime],
        source: Callable[[str], str | None],
        later: Callable[[datetime, Callable[[], None]], None],
    ) -> None:
        self.world = World(clock=KernelClock(now), fetcher=BucketFetcher(source), background=AtOnce())
        self._now, self._later, self._source = now, later, source
        self._routes = {
            "buffer": Router(routes=BufferApi(self.world).routes()),
            "instagram": Router(routes=InstagramApi(self.world).routes()),
        }
        self.sightings: dict[str, Sighting] = {}
        self.refused: set[str] = set()
        self._refused: dict[str, BufferAccount] = {}
        self._awaited: set[tuple[str, datetime | None]] = set()
        self.down: set[str] = set()

    def answer(self, request: httpx.Request, maker: str = "") -> httpx.Response:
        """What the platform, or the CDN, says to a request by the task `maker`."""
        if request.url.host == CDN:
            return httpx.Response(200 if self._source(request.url.path[1:]) else 403, request=request)
        if request.url.host in _DECLARED_HOSTS:
            return self._declared(_DECLARED_HOSTS[request.url.host], request, maker)
        self._pass_time()
        name = next(platform for platform, host in HOSTS.items() if host == request.url.host)
        if name in self.down:
            raise httpx.ConnectError("no route", request=request)
        prefix = "" if name == "buffer" else f"/{name}"
        answer = self._asked(self._routes["buffer" if name == "buffer" else "instagram"], request, prefix)
        self._pass_time()
        return answer

    def refuse_token(self, kind: str, token: str) -> None:
        """Take a token no longer."""
        self.refused.add(token)
        if kind in DECLARED:
            DECLARED[kind].refuse(self.world, token, self._now())
        elif kind == "buffer":
            if digest(token) in self.world.buffer.accounts:
                self._refused[token] = self.world.buffer.accounts.pop(digest(token))
        else:
            self.world.instagram.accounts.tokens[digest(token)].expires_at = self._now()

    def take_token(self, kind: str, token: str) -> None:
        """Take a token again."""
        if kind in DECLARED:
            DECLARED[kind].take(self.world, token, self._now())
        elif kind == "buffer":
            if token in self._refused:
                self.world.buffer.accounts[digest(token)] = self._refused[token]
        else:
            self.world.instagram.accounts.tokens[digest(token)].expires_at = self._now() + TOKEN_LIFE

    def _declared(self, kind: KindOfPlatform, request: httpx.Request, maker: str) -> httpx.Response:
        if kind.name in self.down:
            raise httpx.ConnectError("no route", request=request)
        if kind.name not in self._routes:
            self._routes[kind.name] = Router(routes=kind.api(self.world).routes())
        answer = self._asked(self._routes[kind.name], request, kind.base)
        if request.method != "GET":
            for post in kind.posts(self.world):
                self.sightings.setdefault(post.ident, Sighting(kind.channel, post, maker))
        return answer

    def _asked(self, router: Router, request: httpx.Request, prefix: str) -> httpx.Response:
        body, sent = request.read(), list[dict[str, Any]]()
        scope = {
            "type": "http",
            "method": request.method,
            "path": prefix + request.url.path,
            "raw_path": prefix.encode() + request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": "https",
            "server": (request.url.host, 443),
            "root_path": "",
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        driven(router(scope, receive, send))  # type: ignore[arg-type]  # ASGI's own types
        return httpx.Response(
            sent[0]["status"],
            headers=sent[0]["headers"],
            content=b"".join(part.get("body", b"") for part in sent[1:]),
            request=request,
        )

    def _pass_time(self) -> None:
        """Let Buffer send what is due, and come back when the next is."""
        buffer = self.world.buffer
        buffer.advance(self._now())
        buffer.advance(self._now())
        for post in buffer.posts.values():
            if post.status not in {"scheduled", "sending"}:
                continue
            due = post.due_at if post.status == "scheduled" else post.sending_at
            key = (post.post_id, due if post.status == "scheduled" else None)
            if due is not None and key not in self._awaited:
                self._awaited.add(key)
                sending = timedelta(seconds=self.world.settings.sending_seconds)
                self._later(due, self._pass_time)
                self._later(due + sending + timedelta(seconds=1), self._pass_time)


def operation_of(request: httpx.Request) -> str:
    """The operation, without ids: `instagram POST media_publish`, `buffer createPost`, `cdn HEAD`."""
    if request.url.host == CDN:
        return "cdn HEAD"
    if request.url.host in _DECLARED_HOSTS:
        kind = _DECLARED_HOSTS[request.url.host]
        return f"{kind.channel} {kind.operation(request)}"
    if request.url.host == HOSTS["buffer"]:
        return f"buffer {_first_field(str(json.loads(request.content)['query']))}"
    last = request.url.path.rsplit("/", 1)[-1]
    return f"instagram {request.method} {'object' if last.isdigit() else last}"


@lru_cache
def _first_field(query: str) -> str:
    return str(re.findall(r"[a-zA-Z]+", query.partition("{")[2])[0])


@lru_cache
def _parsed(query: str) -> DocumentNode:
    return parse(query)


_schema = lru_cache(buffer_schema)
_CHECKED: dict[int, Any] = {}


def _checked(schema: GraphQLSchema, document: DocumentNode) -> Any:
    # Documents come from `_parsed` alone, which keeps them: an id is never used again.
    if id(document) not in _CHECKED:
        _CHECKED[id(document)] = validate(schema, document)
    return _CHECKED[id(document)]


@contextlib.contextmanager
def remembered_queries() -> Iterator[None]:
    """Parse and check each of the adapters' few queries once: that takes most of an answer's time."""
    with (
        mock.patch.object(buffer_api, "buffer_schema", _schema),
        mock.patch.object(buffer_api, "parse", _parsed),
        mock.patch.object(buffer_api, "validate", _checked),
    ):
        yield
