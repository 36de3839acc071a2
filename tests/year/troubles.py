"""What goes wrong in a year, drawn from the seed: something on most days, dead tokens, and one day without AWS."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from tests.simulation.faults import Fault, Weather
from tests.simulation.platforms import HOSTS
from tests.simulation.world import CALM
from tests.year.setting import Year

F = Fault
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BAD: dict[str, Weather] = {
    "throttling": replace(CALM, breaks=0.04, breaks_reads=0.2, breaks_writes=0.1, kinds=frozenset({F.THROTTLED})),
    "lost answers": replace(CALM, breaks=0.01, breaks_writes=0.3, kinds=frozenset({F.LOST_ANSWER, F.UNREADABLE})),
    "late effects": replace(CALM, breaks=0.01, breaks_writes=0.3, kinds=frozenset({F.LATER, F.SLOW}), latest=120),
    "worker deaths": replace(
        CALM, breaks=0.01, breaks_writes=0.1, kinds=frozenset({F.KILLED_BEFORE, F.KILLED_AFTER, F.CONFLICT})
    ),
    "duplicate events": replace(CALM, breaks=0.005, kinds=frozenset({F.TWICE}), lag=0.1),
    "errors": replace(CALM, breaks=0.02, breaks_reads=0.1, breaks_writes=0.1, kinds=frozenset({F.REFUSED})),
}
NO_AWS = replace(CALM, breaks=1.0, kinds=frozenset({F.REFUSED}))
# The chances of a day, beyond the weather: a platform is down, events are lost, a platform ends a token early.
DOWN, LOST, ENDED = 0.06, 0.05, 0.008


@dataclass
class Troubles:
    """Plans the troubles of `days` and lets them happen; `region_down` is the day without AWS."""

    year: Year
    days: int
    happened: list[tuple[datetime, str]] = field(default_factory=list)
    region_down: tuple[datetime, datetime] | None = None

    def begin(self) -> None:
        """Put every trouble into the kernel's queue."""
        world = self.year.world
        start, fate = world.kernel.now(), world.fate
        outage = int(fate.between("region", 0.3, 0.9) * self.days)
        for day in range(self.days):
            at = start + day * DAY
            if day == outage:
                self.region_down = (at, at + DAY)
                self._weather(at, DAY, "no AWS", NO_AWS)
            elif fate.draw(f"day {day}") < 0.7:
                kind = fate.choice(f"day {day} weather", list(BAD))
                begins = at + fate.between(f"day {day} begins", 0, 20) * HOUR
                self._weather(begins, fate.between(f"day {day} lasts", 0.5, 4) * HOUR, kind, BAD[kind])
            if fate.draw(f"day {day} down") < DOWN:
                self._platform_down(at, day)
            if fate.draw(f"day {day} lost") < LOST:
                self._during(at, DAY, "events are lost", lambda: self._lose(0.5), lambda: self._lose(0))
            for number, account in enumerate(self.year.accounts):
                if fate.draw(f"day {day} token {number}") < ENDED:
                    ends = at + fate.between(f"day {day} token {number} at", 0, 24) * HOUR
                    self._at(ends, f"the token of {account.name} is refused", partial(self.year.refuse, account))

    def _platform_down(self, at: datetime, day: int) -> None:
        world = self.year.world
        name = world.fate.choice(f"day {day} which", sorted(HOSTS))
        begins = at + world.fate.between(f"day {day} down at", 0, 20) * HOUR
        lasts = world.fate.between(f"day {day} down for", 0.5, 8) * HOUR
        down = world.platforms.down
        self._during(begins, lasts, f"{name} is down", lambda: down.add(name), lambda: down.discard(name))

    def _lose(self, chance: float) -> None:
        self.year.world.events_lost = chance

    def _weather(self, at: datetime, lasts: timedelta, name: str, weather: Weather) -> None:
        def ends() -> None:
            if self.year.world.calls.weather is weather:
                self._turn(CALM)

        self._during(at, lasts, name, lambda: self._turn(weather), ends)

    def _turn(self, weather: Weather) -> None:
        self.year.world.calls.weather = weather

    def _during(
        self, at: datetime, lasts: timedelta, name: str, begins: Callable[[], None], ends: Callable[[], None]
    ) -> None:
        self._at(at, name, begins)
        self.year.world.kernel.at(at + lasts, ends)

    def _at(self, at: datetime, name: str, act: Callable[[], None]) -> None:
        def happen() -> None:
            self.happened.append((at, name))
            act()

        self.year.world.kernel.at(at, happen)
