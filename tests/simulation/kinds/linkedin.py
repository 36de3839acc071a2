"""LinkedIn: a member's posts are shown to no app, grade E; an organization's are looked up by their images, grade C."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import httpx

from infra.local.simulators.linkedin.accounts import ORGANIZATION_SCOPES, LinkedInSetup, digest_of
from infra.local.simulators.linkedin.api import LinkedInApi
from infra.local.simulators.world import World as Simulated
from tests.simulation.kinds.declaration import KindOfPlatform, NewAccount, PlatformPost, Words

_HOST, _URN = "linkedin.test", re.compile(r"urn:li:(\w+):")


def _configure(simulated: Simulated, new: NewAccount) -> str:
    number, day = new.number, new.fate.choice(f"posts a day {new.number}", (150, 150, 150, 2))
    setup = LinkedInSetup(
        token=new.token,
        member_id=f"admin{number}",
        organizations=[f"10000{number}"],
        scopes=list(ORGANIZATION_SCOPES),
        posts_per_day=day,
    )
    simulated.linkedin.accounts.configure(setup, new.now)
    return setup.organizations[0]


def _configure_member(simulated: Simulated, new: NewAccount) -> str:
    day = new.fate.choice(f"posts a day {new.number}", (150, 150, 150, 2))
    setup = LinkedInSetup(token=new.token, member_id=f"member{new.number}", posts_per_day=day)
    simulated.linkedin.accounts.configure(setup, new.now)
    return setup.member_id


def _sets(*, revoked: bool) -> Callable[[Simulated, str, datetime], None]:
    def change(simulated: Simulated, token: str, _: datetime) -> None:
        simulated.linkedin.accounts.tokens[digest_of(token)].revoked = revoked

    return change


def _posts(simulated: Simulated) -> Iterator[PlatformPost]:
    for post in simulated.linkedin.posts.values():
        url = f"https://www.linkedin.com/feed/update/{post.urn}/"
        pictures, is_live = tuple(image.digest for image in post.images), post.deleted_at is None
        yield PlatformPost(_URN.sub("", post.author), post.urn, pictures, post.created_at, url, is_live)


def _operation(request: httpx.Request) -> str:
    """The method and the collection: `POST posts`, `GET posts/id`, `PUT dms-uploads`."""
    *_, before, last = request.url.path.split("/")
    if before == "dms-uploads":
        last = before
    return f"{request.method} {f'{before}/id' if last.startswith('urn:') else last}"


LINKEDIN = KindOfPlatform(
    name="linkedin",
    channel="linkedin",
    login="organization",
    # Addresses to upload to are at the path of the simulator.
    host=_HOST,
    base="",
    api=LinkedInApi,
    operation=_operation,
    reads=("GET userinfo", "GET posts", "GET posts/id", "GET images/id"),
    writes=("POST images", "PUT dms-uploads", "POST posts", "DELETE posts/id"),
    publishes="POST posts",
    looks="GET images/id",
    refusal=Words(500, {"message": "Internal Server Error", "status": 500, "code": "INTERNAL_SERVER_ERROR"}),
    throttling=Words(429, {"message": "Resource level throttle DAY", "status": 429, "code": "TOO_MANY_REQUESTS"}),
    configure=_configure,
    take=_sets(revoked=False),
    refuse=_sets(revoked=True),
    posts=_posts,
    violations=lambda simulated: [violation["what"] for violation in simulated.linkedin.violations],
    uploads=True,
    rare=frozenset({"DELETE posts/id", "GET posts/id"}),
    people={"DELETE posts/id": ("remove", "schedule")},
)
LINKEDIN_MEMBER = replace(LINKEDIN, name="linkedin_member", login="member", configure=_configure_member, can_tell=False)
