"""Everything one server simulates, and how its time passes."""

import asyncio
from dataclasses import asdict, dataclass, field
from typing import Any

from infra.local.simulators.background import Background, SimulatorSettings
from infra.local.simulators.buffer.state import BufferState
from infra.local.simulators.clock import SimulatedClock
from infra.local.simulators.faults import CallLog, FaultBook
from infra.local.simulators.images import Fetcher
from infra.local.simulators.instagram.state import InstagramState

TICK_SECONDS = 0.05


@dataclass
class World:
    """The parts that the platforms share, and the platforms."""

    clock: SimulatedClock = field(default_factory=SimulatedClock)
    settings: SimulatorSettings = field(default_factory=SimulatorSettings)
    faults: FaultBook = field(default_factory=FaultBook)
    journal: CallLog = field(default_factory=CallLog)
    fetcher: Fetcher = field(default_factory=Fetcher)
    background: Background = field(default_factory=Background)
    instagram: InstagramState = field(init=False)
    buffer: BufferState = field(init=False)

    def __post_init__(self) -> None:
        self.instagram = InstagramState(self.settings, self.faults, self.fetcher)
        self.buffer = BufferState(self.settings, self.faults, self.fetcher, self.background)

    async def reset(self) -> None:
        """Back to an empty world in real time."""
        await self.background.stop()
        self.clock.reset()
        self.faults.clear()
        self.journal = CallLog()
        self.fetcher.reset()
        self.settings = SimulatorSettings()
        self.__post_init__()

    def apply(self, settings: SimulatorSettings) -> None:
        """Put new settings in force, for what comes from now on."""
        for name in type(settings).model_fields:
            setattr(self.settings, name, getattr(settings, name))
        self.fetcher.host_map, self.fetcher.timeout = settings.host_map, settings.fetch_timeout

    async def settle(self) -> None:
        """Let everything happen that is due by the clock, pictures fetched included."""
        self.buffer.advance(self.clock.now())
        await self.background.idle()
        self.buffer.advance(self.clock.now())

    async def run(self) -> None:
        """Let time pass until cancelled."""
        while True:
            self.buffer.advance(self.clock.now())
            await asyncio.sleep(TICK_SECONDS)

    def dump(self) -> dict[str, Any]:
        """The whole state as JSON values, without tokens."""
        now = self.clock.now()
        instagram = [
            asdict(one) | {"platform": "instagram", "at": one.at.isoformat()} for one in self.instagram.violations
        ]
        return {
            "now": now.isoformat(),
            "counts": self.journal.counts(),
            "violations": instagram + [one | {"platform": "buffer"} for one in self.buffer.violations],
            "fetches": dict(self.fetcher.counts),
            "fetched": [one.model_dump() for one in self.fetcher.fetched],
            "instagram": self.instagram.dump(now),
            "buffer": self.buffer.dump(),
        }
