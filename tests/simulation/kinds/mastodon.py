"""Mastodon, grade B: a repeat within the hour gives the first status. Pixelfed, grade C: a picture is attached once."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from infra.local.simulators.mastodon.api import MastodonApi
from infra.local.simulators.mastodon.oauth import AccessToken, digest_of
from infra.local.simulators.mastodon.servers import Bucket, MastodonAccountSetup, ServerSetup, Software
from infra.local.simulators.world import World as Simulated
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words, by_method

MASTODON_HOST, PIXELFED_HOST = "photos.test", "pixels.test"


def _configure(host: str, software: Software, versions: Sequence[str]) -> Callable[[Simulated, NewAccount], str]:
    def configure(simulated: Simulated, new: NewAccount) -> str:
        name, fate = f"nature{new.number}", new.fate
        limits: dict[Bucket, int] = {"statuses": fate.choice(f"{host} statuses", (300, 300, 300, 2, 1))}
        setup = ServerSetup(
            domain=host,
            software=software,
            version=fate.choice(f"{host} version", versions),
            accounts=[MastodonAccountSetup(username=name, tokens=[new.token], locale=fate.choice(host, ("en", "de")))],
            processing=fate.draw(f"{host} processing") < 0.5,
            rate_limits=limits,
        )
        return f"{simulated.mastodon.configure(setup)[name]}@{host}"

    return configure


def _token(simulated: Simulated, host: str, token: str) -> AccessToken:
    return simulated.mastodon.authorizations[host].tokens[digest_of(token)]


def _sets(host: str, *, revoked: bool) -> Callable[[Simulated, str, datetime], None]:
    def change(simulated: Simulated, token: str, _: datetime) -> None:
        _token(simulated, host, token).revoked = revoked

    return change


def _posts(host: str) -> Callable[[Simulated], Iterator[PlatformPost]]:
    def posts(simulated: Simulated) -> Iterator[PlatformPost]:
        for status in simulated.mastodon.statuses.items.values():
            if status.server.setup.domain == host:
                account_id = f"{status.user.account_id}@{host}"
                pictures = tuple(media.digest for media in status.media)
                is_live = status.deleted_at is None
                yield PlatformPost(account_id, status.status_id, pictures, status.created_at, status.url, is_live)

    return posts


def _violations(host: str) -> Callable[[Simulated], list[str]]:
    return lambda simulated: [item["what"] for item in simulated.mastodon.violations if item["server"] == host]


_READS = ("GET verify_credentials", "GET instance", "GET statuses")
_WRITES = ("POST media", "POST statuses", "DELETE statuses/id")
_BUSY = "There was a temporary problem serving your request, please try again"

MASTODON = KindOfPlatform(
    name="mastodon",
    channel="mastodon",
    host=MASTODON_HOST,
    base=f"/mastodon/{MASTODON_HOST}",
    api=MastodonApi,
    operation=by_method,
    reads=(*_READS, "GET media/id", "GET statuses/id"),
    writes=(*_WRITES, "DELETE media/id"),
    publishes="POST statuses",
    looks="GET media/id",
    refusal=Words(503, {"error": _BUSY}),
    throttling=Words(429, {"error": "Too many requests"}),
    configure=_configure(MASTODON_HOST, "mastodon", ("4.7.0", "4.6.2", "4.5.1", "4.3.4")),
    take=_sets(MASTODON_HOST, revoked=False),
    refuse=_sets(MASTODON_HOST, revoked=True),
    posts=_posts(MASTODON_HOST),
    violations=_violations(MASTODON_HOST),
    server=f"https://{MASTODON_HOST}",
    takes_twice=True,
    uploads=True,
    rare=frozenset({"DELETE statuses/id", "DELETE media/id", "GET statuses/id"}),
    people={
        "DELETE statuses/id": ("remove", "schedule"),
        "GET statuses/id": ("remove", "schedule"),
        "DELETE media/id": ("cancel", "schedule"),
    },
)

PIXELFED = KindOfPlatform(
    name="pixelfed",
    channel="pixelfed",
    host=PIXELFED_HOST,
    base=f"/mastodon/{PIXELFED_HOST}",
    api=MastodonApi,
    operation=by_method,
    reads=(*_READS, "GET statuses/id"),
    writes=_WRITES,
    publishes="POST statuses",
    looks="GET statuses",
    refusal=Words(500, {"error": "Server Error"}),
    throttling=Words(429, {"error": "Too many requests"}),
    configure=_configure(PIXELFED_HOST, "pixelfed", ("0.12.6",)),
    take=_sets(PIXELFED_HOST, revoked=False),
    refuse=_sets(PIXELFED_HOST, revoked=True),
    posts=_posts(PIXELFED_HOST),
    violations=_violations(PIXELFED_HOST),
    server=f"https://{PIXELFED_HOST}",
    uploads=True,
    rare=frozenset({"DELETE statuses/id", "GET statuses/id"}),
    people={"DELETE statuses/id": ("remove", "schedule"), "GET statuses/id": ("remove", "schedule")},
)
