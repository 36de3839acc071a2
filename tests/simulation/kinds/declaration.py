"""What a history has to know of a kind of connection: its account, its calls, its errors, and what it shows."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

import httpx
from starlette.routing import BaseRoute

from infra.local.simulators.world import World as Simulated
from tests.simulation.fate import Fate


class Api(Protocol):
    """The HTTP interface of a simulator."""

    def routes(self) -> list[BaseRoute]:
        """Its paths."""
        ...


class NewAccount(NamedTuple):
    """The account `number` of a kind, and whose token it is; the same number is the same account."""

    number: int
    token: str
    fate: Fate
    now: datetime


class PlatformPost(NamedTuple):
    """A post that the platform shows, or showed until it was deleted; `pictures` are addresses or ids of bytes."""

    account_id: str
    ident: str
    pictures: tuple[str, ...]
    at: datetime
    url: str
    is_live: bool


class Words(NamedTuple):
    """An answer by which a call fails."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = {}


class FullQuota(Protocol):
    def __call__(self, simulated: Simulated, account_id: str, now: datetime) -> bool:
        """Whether the account may publish no more today."""
        ...


@dataclass(frozen=True, kw_only=True)
class KindOfPlatform:
    """A kind of the `channel`, with the `login` that its connections have, if any.

    `host` is its platform's and `base` the path of its simulator. `reads` and `writes` are its operations, as
    `operation` names a request; `publishes` is the one that makes a post visible, `looks` the one that looks it up.
    `takes_twice`: a request may arrive twice, because the platform takes both for one. `can_tell`: the platform shows
    whether there is a post (grades A to D). `reads_quota` is the operation after which `is_full` is known. `rare`
    operations are called seldom, `people` are the actions that lead to one. `connected` gives the secret of a person
    who connects the account of a token, by default that token. `needs_budget`: it posts nothing without one.
    """

    name: str
    channel: str
    login: str | None = None
    host: str
    base: str
    api: Callable[[Simulated], Api]
    operation: Callable[[httpx.Request], str]
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    publishes: str
    looks: str
    refusal: Words
    throttling: Words
    configure: Callable[[Simulated, NewAccount], str]
    take: Callable[[Simulated, str, datetime], None]
    refuse: Callable[[Simulated, str, datetime], None]
    posts: Callable[[Simulated], Iterator[PlatformPost]]
    violations: Callable[[Simulated], list[str]]
    connected: Callable[[Simulated, str, datetime], str] | None = None
    needs_budget: bool = False
    server: str | None = None
    takes_twice: bool = False
    uploads: bool = False
    can_tell: bool = True
    spacing: timedelta = timedelta(0)
    rare: frozenset[str] = frozenset()
    people: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads_quota: str | None = None
    is_full: FullQuota | None = None

    @property
    def operations(self) -> tuple[str, ...]:
        """All, with the channel's name before them."""
        return tuple(f"{self.channel} {operation}" for operation in (*self.reads, *self.writes))


def by_method(request: httpx.Request) -> str:
    """The method and the end of the path, without ids: `POST statuses`, `GET media/id`, `GET object`."""
    *_, before, last = ["", *request.url.path.split("/")]
    if last.isdigit():
        last = "object" if before.startswith("v1.") else f"{before}/id"
    return f"{request.method} {last}"
