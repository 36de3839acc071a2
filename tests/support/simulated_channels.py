"""The adapters of `shutterpost.channels` in front of the simulated platforms."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
from pydantic import SecretStr

from infra.local.simulators import Simulators, running_simulators
from infra.local.simulators.bluesky.repository import blob_cid
from shutterpost.channels import Account, Attempt, Channel, Connection, Login, Message, Picture, adapters, catalogue
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.settings import PlatformSettings
from tests.support.channel_kinds import TOKENS, TRAITS, X_APP, Kind
from tests.support.picture_host import PictureHost, jpeg, running_picture_host
from tests.support.platform_tools import KeptPictures, KeptSessions, tools

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
IG_USER = "17841400000000001"
THREADS_USER = "9700000000000001"
PAGE_ID = "1120000000000001"
ORGANIZATION, MEMBER = "5583111", "782bbtaQ"
# Kinds that are a way of signing in, with the name of that.
LOGINS: dict[Kind, Login] = {
    "facebook": "facebook",
    "instagram": "instagram",
    "linkedin": "organization",
    "linkedin_member": "member",
}
X_USER = "7300000000000000001"
# The servers of the kinds that have many.
DOMAINS: dict[Kind, str] = {"mastodon": "photos.example", "pixelfed": "pixels.example"}


@dataclass
class PlatformClock:
    """The platforms' own clock; sleeping moves it on."""

    sim: Simulators
    slept: list[timedelta] = field(default_factory=list)

    def now(self) -> datetime:
        """The simulated instant."""
        return self.sim.now()

    def sleep(self, duration: timedelta) -> None:
        """Move the simulated clock on."""
        self.slept.append(duration)
        if duration > timedelta(0):
            self.sim.advance(duration.total_seconds())


@dataclass
class Bench:
    """One account of each kind, and pictures that the platforms can fetch."""

    sim: Simulators
    pictures: PictureHost
    clock: Clock
    settings: PlatformSettings
    organization_id: str
    channel_id: str
    account_ids: dict[str, str] = field(default_factory=dict)
    renditions: KeptPictures = field(default_factory=KeptPictures)
    sessions: KeptSessions = field(default_factory=KeptSessions)
    did: str = ""

    @property
    def bluesky_url(self) -> str:
        """The server of the Bluesky account."""
        return self.sim.bluesky_url

    def channel(self, kind: Kind) -> Channel:
        """The adapter that serves the kind."""
        kept = tools(self.settings, self.clock, pictures=self.renditions, sessions=self.sessions)
        return adapters(kept)(TRAITS[kind].channel)

    def account(self, kind: Kind, token: str | None = None) -> Account:
        """The connection of that kind with its token."""
        ids = {"buffer": self.channel_id, "bluesky": self.did, "threads": THREADS_USER, **self.account_ids}
        ids |= {"linkedin": ORGANIZATION, "linkedin_member": MEMBER, "x": X_USER, "facebook_page": PAGE_ID}
        hosts: dict[str, str] = {name: self.sim.mastodon_url(domain) for name, domain in DOMAINS.items()}
        hosts["bluesky"] = self.bluesky_url
        connection = Connection(
            connection_id=f"c{kind}",
            persona_id="nature-1a2b3c",
            owner="owner",
            channel=TRAITS[kind].channel,
            display_name="nature",
            account_id=ids.get(kind, IG_USER),
            login=LOGINS.get(kind),
            organization_id=self.organization_id if kind == "buffer" else None,
            host=hosts.get(kind),
            created_at=NOON,
            updated_at=NOON,
        )
        return Account(connection=connection, token=SecretStr(token or TOKENS[kind]))

    def message(
        self, text: str = "A calm lake.", *, names: tuple[str, ...] = ("lake",), alt: str = "A lake"
    ) -> Message:
        """A message with a picture per name, due in ten minutes; its text is also its key."""
        pictures = []
        for number, name in enumerate(names):
            content = jpeg(400, 400 + number)
            self.renditions.jpegs[f"renditions/{name}.jpg"] = content
            url = self.pictures.put(f"/{name}.jpg", content)
            pictures.append(Picture(url=url, alt_text=alt, rendition=f"renditions/{name}.jpg"))
        now = self.clock.now()
        due = now + timedelta(minutes=10)
        return Message(text=text, pictures=tuple(pictures), run_at=due, key=text, planned_at=NOON)

    def shown_as(self, kind: Kind, message: Message) -> list[str]:
        """What the platform shows for the message's pictures: their addresses, or the ids of their bytes."""
        if catalogue().row(TRAITS[kind].channel).media == "fetch":
            return [picture.url for picture in message.pictures]
        contents = [self.renditions.read(picture.rendition) for picture in message.pictures]
        return [blob_cid(each) if kind == "bluesky" else sha256(each).hexdigest() for each in contents]

    def use_version(self, version: str) -> None:
        """Let the Mastodon server run another version."""
        self.sim.add_mastodon_server(DOMAINS["mastodon"], {"anna": TOKENS["mastodon"]}, version=version)

    def delete_status(self, status_id: str) -> None:
        """Delete a post with its pictures at the Mastodon server, as its owner can."""
        url = f"{self.sim.mastodon_url(DOMAINS['mastodon'])}/api/v1/statuses/{status_id}?delete_media=true"
        headers = {"Authorization": f"Bearer {TOKENS['mastodon']}"}
        httpx.delete(url, headers=headers, trust_env=False).raise_for_status()

    def attempt(self, message: Message, ref: str | None = None) -> Attempt:
        """What is kept of an attempt made now."""
        return Attempt(text=message.text, run_at=message.run_at, attempted_at=self.clock.now(), ref=ref)

    def posts(self, text: str) -> int:
        """How many posts the platforms have with that text, whatever became of them."""
        state = self.sim.state()
        instagram: int = state["instagram"]["posts_per_caption"].get(text, 0)
        buffer: int = state["buffer"]["created_per_text"].get(text, 0)
        bluesky: int = state["bluesky"]["created_per_text"].get(text, 0)
        threads: int = state["threads"]["posts_per_text"].get(text, 0)
        mastodon: int = state["mastodon"]["posts_per_text"].get(text, 0)
        linkedin: int = state["linkedin"]["posts_per_text"].get(text, 0)
        x: int = state["x"]["posts_per_text"].get(text, 0)
        facebook: int = state["facebook_page"]["posts_per_text"].get(text, 0)
        return instagram + buffer + bluesky + threads + mastodon + linkedin + x + facebook


@contextlib.contextmanager
def running_bench() -> Iterator[Bench]:
    """Simulators and pictures, stopped on leaving; `fresh` sets the accounts up."""
    with running_simulators() as sim, running_picture_host() as pictures:
        settings = PlatformSettings(
            stage="test",
            instagram_url=sim.instagram_url,
            facebook_url=sim.facebook_url,
            facebook_page_url=sim.facebook_page_url,
            buffer_url=sim.buffer_url,
            threads_url=sim.threads_url,
            linkedin_url=sim.linkedin_url,
            x_url=sim.x_url,
        )
        yield Bench(sim, pictures, PlatformClock(sim), settings, "", "")


def add_x_account(sim: Simulators, **more: Any) -> None:
    """The account of X with the tokens of its kind; `more` are other fields of its setup."""
    settings = {"access_token": "x-access", "refresh_token": "x-refresh", "refuses_duplicates": False, **more}
    sim.add_x_account(user_id=X_USER, username="nature", client_id=X_APP, **settings)


def fresh(bench: Bench) -> Bench:
    """The bench at noon with new accounts and nothing posted."""
    sim = bench.sim
    sim.reset()
    sim.set_clock(NOON, frozen=True)
    for kind in ("facebook", "instagram"):
        sim.add_instagram_account(TOKENS[kind], kind=kind, ig_user_id=IG_USER)
    sim.add_threads_account(TOKENS["threads"], user_id=THREADS_USER, username="nature")
    sim.add_facebook_page(TOKENS["facebook_page"], page_id=PAGE_ID)
    sim.add_linkedin_member(TOKENS["linkedin_member"], member_id=MEMBER, name="Anna Nature")
    scopes = ["w_organization_social", "r_organization_social"]
    sim.add_linkedin_member(TOKENS["linkedin"], member_id="admin1", organizations=[ORGANIZATION], scopes=scopes)
    bench.organization_id, bench.channel_id = sim.add_buffer_channel(TOKENS["buffer"])
    bench.did = sim.add_bluesky_account("nature.test", TOKENS["bluesky"])
    add_x_account(sim)
    bench.sessions.sessions.clear()
    bench.sessions.renewals.clear()
    for kind, domain in DOMAINS.items():
        version = "0.12.6" if kind == "pixelfed" else "4.7.0"
        added = sim.add_mastodon_server(domain, {"anna": TOKENS[kind]}, software=kind, version=version)
        bench.account_ids[kind] = f"{added['anna']}@{domain}"
    bench.clock = PlatformClock(sim)
    return bench
