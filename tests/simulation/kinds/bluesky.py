"""Bluesky, grade A: the server refuses a second record under a post's key."""

from collections.abc import Iterator
from datetime import datetime

import httpx

from infra.local.simulators.bluesky.accounts import BlueskyAccount, BlueskySetup
from infra.local.simulators.bluesky.api import BlueskyApi
from infra.local.simulators.bluesky.repository import POST, blobs_of
from infra.local.simulators.world import World as Simulated
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words


def _configure(simulated: Simulated, new: NewAccount) -> str:
    # Three points are one post in an hour, and no deletion.
    points = new.fate.choice(f"points {new.number}", (5_000, 5_000, 5_000, 5_000, 3))
    setup = BlueskySetup(handle=f"nature{new.number}.test", password=new.token, points=points)
    return simulated.bluesky.configure(setup)


def _of(simulated: Simulated, token: str) -> BlueskyAccount:
    return next(item for item in simulated.bluesky.accounts.by_did.values() if item.setup.password == token)


def _take(simulated: Simulated, token: str, _: datetime) -> None:
    _of(simulated, token).setup.revoked = False


def _refuse(simulated: Simulated, token: str, _: datetime) -> None:
    _of(simulated, token).setup.revoked = True


def _posts(simulated: Simulated) -> Iterator[PlatformPost]:
    for did, repository in simulated.bluesky.repositories.items():
        for rkey, record in repository.records.get(POST, {}).items():
            uri, url = f"at://{did}/{POST}/{rkey}", f"https://bsky.app/profile/{did}/post/{rkey}"
            yield PlatformPost(did, uri, tuple(blobs_of(record.value)), record.written_at, url, not record.hidden)


def _operation(request: httpx.Request) -> str:
    return request.url.path.rpartition(".")[2]


BLUESKY = KindOfPlatform(
    name="bluesky",
    channel="bluesky",
    host="bluesky.test",
    base="/bluesky",
    api=BlueskyApi,
    operation=_operation,
    reads=("getSession", "getRecord"),
    writes=("createSession", "refreshSession", "uploadBlob", "putRecord", "deleteRecord"),
    publishes="putRecord",
    looks="getRecord",
    refusal=Words(500, {"error": "InternalServerError", "message": "Internal Server Error"}),
    throttling=Words(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}),
    configure=_configure,
    take=_take,
    refuse=_refuse,
    posts=_posts,
    violations=lambda simulated: [violation["rule"] for violation in simulated.bluesky.violations],
    server="https://bluesky.test",
    takes_twice=True,
    uploads=True,
    rare=frozenset({"createSession", "refreshSession", "deleteRecord"}),
    people={"deleteRecord": ("remove", "schedule")},
)
