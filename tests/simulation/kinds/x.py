"""X, grade C: a post is looked up by the keys of its uploads. Access tokens end after two hours."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime

import httpx

from infra.local.simulators.world import World as Simulated
from infra.local.simulators.x.accounts import ACCESS_LIFE, TokenPair, XAccountSetup, digest_of
from infra.local.simulators.x.api import XApi
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words

_APP, _ID = "app-of-nature", re.compile(r"\d+")


def _configure(simulated: Simulated, new: NewAccount) -> str:
    setup = XAccountSetup(
        user_id=f"90000{new.number}",
        username=f"nature{new.number}",
        access_token=new.token,
        refresh_token=f"{new.token}-refresh",
        client_id=_APP,
        refuses_duplicates=new.fate.draw(f"x duplicates {new.number}") < 0.5,
    )
    simulated.x.accounts.configure(setup, new.now)
    return setup.user_id


def _pairs(simulated: Simulated, token: str) -> list[TokenPair]:
    accounts = simulated.x.accounts
    user = accounts.access[digest_of(token)].user
    return [pair for pair in accounts.access.values() if pair.user is user]


def _connected(simulated: Simulated, token: str, now: datetime) -> str:
    """The tokens of a person who signs in: a new pair, which is refused as long as the account's are."""
    before = _pairs(simulated, token)
    access = f"{token}-{len(before)}"
    refresh = f"{access}-refresh"
    given = {"access_token": access, "refresh_token": refresh}
    simulated.x.accounts.configure(before[0].user.setup.model_copy(update=given), now)
    _pairs(simulated, token)[-1].revoked = before[0].revoked
    tokens = {"client_id": _APP, **given, "expires_at": int((now + ACCESS_LIFE).timestamp())}
    return json.dumps(tokens, separators=(",", ":"))


def _sets(*, revoked: bool) -> Callable[[Simulated, str, datetime], None]:
    def change(simulated: Simulated, token: str, _: datetime) -> None:
        for pair in _pairs(simulated, token):
            pair.revoked = revoked

    return change


def _posts(simulated: Simulated) -> Iterator[PlatformPost]:
    for post in simulated.x.posts.items.values():
        url, pictures = f"https://x.com/i/web/status/{post.post_id}", tuple(media.digest for media in post.media)
        is_live = post.deleted_at is None
        yield PlatformPost(post.user.user_id, post.post_id, pictures, post.created_at, url, is_live)


def _operation(request: httpx.Request) -> str:
    """The method and the end of the path: `POST tweets`, `GET tweets/id`, `GET users/tweets`, `POST token`."""
    *whose, before, last = request.url.path.split("/")
    if _ID.fullmatch(last):
        last = f"{before}/id"
    elif whose[-1] == "users":
        last = f"users/{last}"
    return f"{request.method} {last}"


X = KindOfPlatform(
    name="x",
    channel="x",
    host="x.test",
    base="/x",
    api=XApi,
    operation=_operation,
    reads=("GET users/tweets", "GET tweets/id"),
    writes=("POST token", "POST upload", "POST metadata", "POST tweets", "DELETE tweets/id"),
    publishes="POST tweets",
    looks="GET users/tweets",
    refusal=Words(503, {"title": "Service Unavailable", "detail": "Service Unavailable", "status": 503}),
    throttling=Words(429, {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}),
    configure=_configure,
    connected=_connected,
    take=_sets(revoked=False),
    refuse=_sets(revoked=True),
    posts=_posts,
    violations=lambda simulated: [violation["what"] for violation in simulated.x.violations],
    uploads=True,
    needs_budget=True,
    rare=frozenset({"DELETE tweets/id", "GET tweets/id"}),
    people={"DELETE tweets/id": ("remove", "schedule"), "GET tweets/id": ("remove", "schedule")},
)
