"""One history: a setting, a storm in which everybody acts and everything may fail, and a calm in which it must end."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial

from shutterpost.personas import coming_slots
from tests.simulation.actions import act, favourites_of
from tests.simulation.aims import aim_of
from tests.simulation.fate import Fate
from tests.simulation.faults import Aim, Weather, operations_also, operations_of
from tests.simulation.figures import Figures, figures_of
from tests.simulation.finding import Finding
from tests.simulation.oracle import Oracle
from tests.simulation.persons import People
from tests.simulation.setting import OWNER, Kind, Setting, furnish, reconnect, start_of, weather_of
from tests.simulation.shown import every_schedule
from tests.simulation.world import CALM, SYNC, World

Deploy = Callable[..., World]
STORM = timedelta(hours=30)
AFTERWARDS = timedelta(hours=30)
AT_MOST = timedelta(days=14)
# Notices are examined more rarely than in a deployment, and the slots of the next hours with them.
NOTIFY_HOURS = 6


@dataclass
class History:
    """What a seed led to."""

    seed: int
    findings: list[Finding]
    fired: list[str]
    hits: Counter[tuple[str, str, str]]
    calls: int
    story: list[tuple[datetime, str]]
    figures: Figures = field(default_factory=Figures)


def live(
    deploy: Deploy,
    seed: int,
    muted: frozenset[str] = frozenset(),
    aim: Aim | None = None,
    kinds: Sequence[Kind] = (),
    *,
    also: Sequence[str] = (),
) -> History:
    """Run the history of `seed`, without what is `muted`, and judge it. Without `aim` the seed draws it.

    `kinds` are those of the connections; without them they are Instagram's and Buffer's, and a seed is the history that
    it was before there were others. `also` are actions that people favour too.
    """
    fate = Fate(seed, muted)
    aim = aim or aim_of(fate, kinds)
    kinds = (aim and aim.kinds) or kinds
    fate.fixed = aim.draws if aim else {}
    weather, favourites = weather_of(fate, (*operations_of(kinds), *operations_also(also))), favourites_of(fate)
    if aim is not None:
        weather, favourites = replace(weather, focus=aim.focus, focused=aim.focused), aim.actions
    favourites = (*favourites, *also)
    world = deploy(seed, start_of(fate), CALM, muted)
    world.fate.fixed = fate.fixed
    setting = furnish(world, kinds)
    people = People(world, setting)
    oracle = Oracle(world, setting, people)
    oracle.watch()
    _storm(world, people, weather, favourites)
    oracle.calm_begins()
    _calm(world, setting)
    findings = oracle.findings()
    return History(
        seed=seed,
        findings=findings,
        fired=list(world.fate.fired),
        hits=world.calls.hits,
        calls=world.calls.made,
        story=world.story,
        figures=figures_of(oracle, findings),
    )


def _storm(world: World, people: People, weather: Weather, favourites: tuple[str, ...]) -> None:
    fate, start = world.fate, world.kernel.now()
    world.crons(start + STORM + AFTERWARDS + AT_MOST)
    world.event("arm at first", world.arm, timedelta(seconds=60))
    for hour in range(NOTIFY_HOURS, 30, NOTIFY_HOURS):
        notify = partial(world.notify, daily=hour == NOTIFY_HOURS)
        world.event(f"notify {hour}", notify, SYNC, at=start + timedelta(hours=hour, minutes=45))
    world.calls.weather = weather
    hours = [start + timedelta(hours=hour) for hour in range(1, 28)]
    slots = [slot.run_at for persona in people.setting.personas for slot in coming_slots(persona, start, start + STORM)]
    for number in range(fate.choice("acts", (0, 2, 4, 8, 16))):
        anchor = fate.choice(f"act {number} when", slots if slots and fate.draw(f"act {number} slot") < 0.6 else hours)
        spread = fate.between(f"act {number} off", -1200, 1200)
        # Nobody pauses or breaks anything once all is put right.
        at = min(max(start, anchor + timedelta(seconds=spread)), start + STORM - timedelta(minutes=5))
        act(people, number, at, favourites)
    world.kernel.run_until(start + STORM)


def _calm(world: World, setting: Setting) -> None:
    """Nothing fails any more, what was paused or broken is put right, and everything has time to end."""
    world.calls.weather = replace(CALM)
    world.tell("calm from here on")
    world.stores.pauses.resume(OWNER)
    for channel in setting.channels:
        world.platforms.take_token(channel.kind, channel.token)
        reconnect(world, channel)
    end = world.kernel.now() + AFTERWARDS
    world.kernel.run_until(end)
    last = max((schedule.run_at for schedule in every_schedule(world) if schedule.is_open), default=end)
    world.kernel.run_until(min(max(end, last + AFTERWARDS), end + AT_MOST))
