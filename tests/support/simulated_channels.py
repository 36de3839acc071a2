"""The adapters of `shutterpost.channels` in front of the simulated platforms."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import SecretStr

from infra.local.simulators import Simulators, running_simulators
from shutterpost.channels import Account, Attempt, Channel, Connection, Message, Picture, adapters
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.settings import PlatformSettings
from tests.support.picture_host import PictureHost, jpeg, running_picture_host
from tests.support.platform_tools import tools

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
IG_USER = "17841400000000001"
THREADS_USER = "9700000000000001"
TOKENS = {
    "facebook": "EAAG-facebook-token",
    "instagram": "IGQV-instagram-token",
    "buffer": "buffer-api-key",
    "threads": "THAA-threads-token",
}
Kind = Literal["facebook", "instagram", "buffer", "threads"]
KINDS: tuple[Kind, ...] = ("facebook", "instagram", "buffer", "threads")


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

    def channel(self, kind: Kind) -> Channel:
        """The adapter that serves the kind."""
        return adapters(tools(self.settings, self.clock))(kind if kind in {"buffer", "threads"} else "instagram")

    def account(self, kind: Kind, token: str | None = None) -> Account:
        """The connection of that kind with its token."""
        buffer = kind == "buffer"
        connection = Connection(
            connection_id=f"c{kind}",
            persona_id="nature-1a2b3c",
            owner="owner",
            channel=kind if kind in {"buffer", "threads"} else "instagram",
            display_name="nature",
            account_id={"buffer": self.channel_id, "threads": THREADS_USER}.get(kind, IG_USER),
            login=kind if kind in {"facebook", "instagram"} else None,
            organization_id=self.organization_id if buffer else None,
            created_at=NOON,
            updated_at=NOON,
        )
        return Account(connection=connection, token=SecretStr(token or TOKENS[kind]))

    def message(
        self, text: str = "A calm lake.", *, names: tuple[str, ...] = ("lake",), alt: str = "A lake"
    ) -> Message:
        """A message with a picture per name, due in ten minutes."""
        urls = [self.pictures.put(f"/{name}.jpg", jpeg()) for name in names]
        pictures = tuple(Picture(url=url, alt_text=alt) for url in urls)
        return Message(text=text, pictures=pictures, run_at=self.clock.now() + timedelta(minutes=10))

    def attempt(self, message: Message, ref: str | None = None) -> Attempt:
        """What is kept of an attempt made now."""
        return Attempt(text=message.text, run_at=message.run_at, attempted_at=self.clock.now(), ref=ref)

    def posts(self, text: str) -> int:
        """How many posts the platforms have with that text, whatever became of them."""
        state = self.sim.state()
        instagram: int = state["instagram"]["posts_per_caption"].get(text, 0)
        buffer: int = state["buffer"]["created_per_text"].get(text, 0)
        threads: int = state["threads"]["posts_per_text"].get(text, 0)
        return instagram + buffer + threads


@contextlib.contextmanager
def running_bench() -> Iterator[Bench]:
    """Simulators and pictures, stopped on leaving; `fresh` sets the accounts up."""
    with running_simulators() as sim, running_picture_host() as pictures:
        settings = PlatformSettings(
            stage="test",
            instagram_url=sim.instagram_url,
            facebook_url=sim.facebook_url,
            buffer_url=sim.buffer_url,
            threads_url=sim.threads_url,
        )
        yield Bench(sim, pictures, PlatformClock(sim), settings, "", "")


def fresh(bench: Bench) -> Bench:
    """The bench at noon with new accounts and nothing posted."""
    sim = bench.sim
    sim.reset()
    sim.set_clock(NOON, frozen=True)
    for kind in ("facebook", "instagram"):
        sim.add_instagram_account(TOKENS[kind], kind=kind, ig_user_id=IG_USER)
    sim.add_threads_account(TOKENS["threads"], user_id=THREADS_USER, username="nature")
    bench.organization_id, bench.channel_id = sim.add_buffer_channel(TOKENS["buffer"])
    bench.clock = PlatformClock(sim)
    return bench
