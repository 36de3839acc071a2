"""The state of one simulator server."""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.local.simulators.background import Background, SimulatorSettings
from infra.local.simulators.bluesky.state import BlueskyState
from infra.local.simulators.buffer.state import BufferState
from infra.local.simulators.clock import SimulatedClock
from infra.local.simulators.facebook_page.state import FacebookPageState
from infra.local.simulators.faults import CallLog, FaultBook
from infra.local.simulators.images import Fetcher
from infra.local.simulators.instagram.state import InstagramState
from infra.local.simulators.linkedin.state import LinkedInState
from infra.local.simulators.mastodon.state import MastodonState
from infra.local.simulators.threads.state import ThreadsState
from infra.local.simulators.x.state import XState

TICK_SECONDS = 0.05


@dataclass
class World:
    clock: SimulatedClock = field(default_factory=SimulatedClock)
    settings: SimulatorSettings = field(default_factory=SimulatorSettings)
    faults: FaultBook = field(default_factory=FaultBook)
    journal: CallLog = field(default_factory=CallLog)
    fetcher: Fetcher = field(default_factory=Fetcher)
    background: Background = field(default_factory=Background)
    instagram: InstagramState = field(init=False)
    buffer: BufferState = field(init=False)
    mastodon: MastodonState = field(init=False)
    threads: ThreadsState = field(init=False)
    bluesky: BlueskyState = field(init=False)
    facebook_page: FacebookPageState = field(init=False)
    x: XState = field(init=False)
    linkedin: LinkedInState = field(init=False)

    def __post_init__(self) -> None:
        self.instagram = InstagramState(self.settings, self.faults, self.fetcher)
        self.buffer = BufferState(self.settings, self.faults, self.fetcher, self.background)
        self.mastodon = MastodonState(self.settings, self.faults)
        self.threads = ThreadsState(self.settings, self.faults, self.fetcher)
        self.bluesky = BlueskyState()
        self.facebook_page = FacebookPageState(self.faults, self.fetcher)
        self.x = XState(self.settings, self.faults)
        self.linkedin = LinkedInState(self.settings, self.faults)

    async def reset(self) -> None:
        await self.background.stop()
        self.clock.reset()
        self.faults.clear()
        self.journal = CallLog()
        self.fetcher.reset()
        self.settings = SimulatorSettings()
        self.__post_init__()

    def apply(self, settings: SimulatorSettings) -> None:
        for name in type(settings).model_fields:
            setattr(self.settings, name, getattr(settings, name))
        self.fetcher.host_map, self.fetcher.timeout = settings.host_map, settings.fetch_timeout

    async def settle(self) -> None:
        """Process everything that is due, picture fetches included."""
        self.buffer.advance(self.clock.now())
        await self.background.idle()
        self.buffer.advance(self.clock.now())

    async def run(self) -> None:
        while True:
            self.buffer.advance(self.clock.now())
            await asyncio.sleep(TICK_SECONDS)

    def dump(self) -> dict[str, Any]:
        """The whole state as JSON values, without tokens."""
        now = self.clock.now()
        instagram = [
            asdict(item) | {"platform": "instagram", "at": item.at.isoformat()} for item in self.instagram.violations
        ]
        return {
            "now": now.isoformat(),
            "counts": self.journal.counts(),
            "violations": instagram
            + [violation | {"platform": "buffer"} for violation in self.buffer.violations]
            + self.mastodon.violations
            + self.threads.violations
            + self.bluesky.violations
            + self.facebook_page.violations
            + self.x.violations
            + self.linkedin.violations,
            "fetches": dict(self.fetcher.counts),
            "fetched": [fetch.model_dump() for fetch in self.fetcher.fetched],
            "instagram": self.instagram.dump(now),
            "buffer": self.buffer.dump(),
            "mastodon": self.mastodon.dump(now),
            "threads": self.threads.dump(now),
            "bluesky": self.bluesky.dump(),
            "facebook_page": self.facebook_page.dump(),
            "x": self.x.dump(),
            "linkedin": self.linkedin.dump(),
        }
