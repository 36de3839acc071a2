"""Pages of Facebook, grade C: a post is looked up by its photos, in the Page's list and by what each photo names."""

from collections.abc import Callable, Iterator
from datetime import datetime

import httpx

from infra.local.simulators.facebook_page.accounts import PageSetup
from infra.local.simulators.facebook_page.api import FacebookPageApi
from infra.local.simulators.instagram.accounts import digest
from infra.local.simulators.world import World as Simulated
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words


def _configure(simulated: Simulated, new: NewAccount) -> str:
    setup = PageSetup(
        page_id=f"11200000000000{new.number}",
        name=f"Nature {new.number}",
        token=new.token,
        refuses_duplicates=new.fate.draw(f"page duplicates {new.number}") < 0.5,
    )
    return simulated.facebook_page.accounts.configure(setup, new.now).page_id


def _sets(*, revoked: bool) -> Callable[[Simulated, str, datetime], None]:
    def change(simulated: Simulated, token: str, _: datetime) -> None:
        simulated.facebook_page.accounts.tokens[digest(token)].revoked = revoked

    return change


def _posts(simulated: Simulated) -> Iterator[PlatformPost]:
    for post in simulated.facebook_page.posts.values():
        pictures, is_live = tuple(photo.url for photo in post.photos), post.deleted_at is None
        yield PlatformPost(post.page.page_id, post.media_id, pictures, post.published_at, post.permalink, is_live)


def _operation(request: httpx.Request) -> str:
    """The method and the end of the path, without ids: `POST feed`, `GET published_posts`, `GET object`."""
    last = request.url.path.rsplit("/", 1)[-1]
    return f"{request.method} {'object' if last.replace('_', '').isdigit() else last}"


FACEBOOK_PAGE = KindOfPlatform(
    name="facebook_page",
    channel="facebook_page",
    host="page.test",
    base="/facebook_page",
    api=FacebookPageApi,
    operation=_operation,
    reads=("GET me", "GET published_posts", "GET object"),
    writes=("POST photos", "POST feed", "DELETE object"),
    publishes="POST feed",
    looks="GET published_posts",
    refusal=Words(500, {"error": {"message": "Please retry your request later.", "code": 2, "is_transient": True}}),
    throttling=Words(400, {"error": {"message": "(#32) Page request limit reached", "code": 32}}),
    configure=_configure,
    take=_sets(revoked=False),
    refuse=_sets(revoked=True),
    posts=_posts,
    violations=lambda simulated: [violation["what"] for violation in simulated.facebook_page.violations],
    takes_twice=True,
    rare=frozenset({"DELETE object"}),
    people={"DELETE object": ("remove", "schedule")},
)
