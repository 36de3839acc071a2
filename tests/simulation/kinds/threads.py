"""Threads, grade D: a container says that it was published, only text and time say as what."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from infra.local.simulators.instagram.accounts import digest
from infra.local.simulators.threads.accounts import LONG_LIFE, ThreadsAccountSetup, ThreadsToken
from infra.local.simulators.threads.api import ThreadsApi
from infra.local.simulators.world import World as Simulated
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words, by_method


def _configure(simulated: Simulated, new: NewAccount) -> str:
    quota = new.fate.choice(f"quota {new.number}", (250, 250, 250, 2, 1))
    user_id = f"970000000000000{new.number}"
    setup = ThreadsAccountSetup(token=new.token, user_id=user_id, username="nature", quota_total=quota)
    return simulated.threads.accounts.configure(setup, new.now).user_id


def _token(simulated: Simulated, token: str) -> ThreadsToken:
    return simulated.threads.accounts.tokens[digest(token)]


def _take(simulated: Simulated, token: str, now: datetime) -> None:
    _token(simulated, token).expires_at = now + LONG_LIFE


def _refuse(simulated: Simulated, token: str, now: datetime) -> None:
    _token(simulated, token).expires_at = now


def _posts(simulated: Simulated) -> Iterator[PlatformPost]:
    for post in simulated.threads.posts.values():
        account_id, pictures = post.container.account.user_id, tuple(post.container.urls())
        is_live = post.deleted_at is None
        yield PlatformPost(account_id, post.media_id, pictures, post.published_at, post.permalink, is_live)


def _is_full(simulated: Simulated, account_id: str, now: datetime) -> bool:
    account = simulated.threads.accounts.by_id[account_id]
    return simulated.threads.quota_usage(account, now) >= account.setup.quota_total


THREADS = KindOfPlatform(
    name="threads",
    channel="threads",
    host="threads.test",
    base="/threads",
    api=ThreadsApi,
    operation=by_method,
    reads=("GET me", "GET threads_publishing_limit", "GET threads", "GET object"),
    writes=("POST threads", "POST threads_publish", "DELETE object"),
    publishes="POST threads_publish",
    looks="GET object",
    refusal=Words(500, {"error": {"message": "An unknown error occurred", "code": 1, "is_transient": True}}),
    throttling=Words(400, {"error": {"message": "Application request limit reached", "code": 4}}),
    configure=_configure,
    take=_take,
    refuse=_refuse,
    posts=_posts,
    violations=lambda simulated: [violation["what"] for violation in simulated.threads.violations],
    spacing=timedelta(seconds=45),
    rare=frozenset({"DELETE object"}),
    people={"DELETE object": ("remove", "schedule")},
    reads_quota="GET threads_publishing_limit",
    is_full=_is_full,
)
