"""A year in minutes: `python -m tests.year.run --seed 1` lives through it, reports it and draws it.

The report and a picture for each persona are written to `.build/year/`.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from tests.simulation.deployment import deployment
from tests.simulation.fate import Fate
from tests.simulation.history import Deploy
from tests.simulation.oracle import Oracle
from tests.simulation.persons import People
from tests.simulation.world import CALM, SYNC, World
from tests.year.cost import Item, Meter
from tests.year.person import Person
from tests.year.picture import svg
from tests.year.report import YearReport, report
from tests.year.setting import STARTS, Year, from_folder, furnish, made_up
from tests.year.troubles import Troubles

DAY = timedelta(days=1)
DAYS, PHOTOS = 365, 2000
OUT = Path(".build/year")
# After the year everything works, and what was under way has time to end.
AFTERWARDS = timedelta(days=3)
NOTIFY_HOURS = 3
Note = Callable[[str], None]


def live(deploy: Deploy, seed: int, *, days: int, photos: list[dict[str, object]] | int, note: Note) -> YearReport:
    """Live through `days` of the seed's year."""
    start = Fate(seed).choice("start", STARTS)
    world = deploy(seed, start, CALM, frozenset())
    library = made_up(world, photos) if isinstance(photos, int) else photos
    year = furnish(world, library)
    people = People(world, year.setting)
    oracle = Oracle(world, year.setting, people)
    oracle.watch()
    meter = _metered(world)
    end = start + days * DAY
    troubles = Troubles(year, days)
    troubles.begin()
    person = Person(year, troubles.region_down)
    person.begin(days)
    _begin_mails(world, days)
    _arrive(year, days)
    world.crons(end + AFTERWARDS)
    world.event("arm at first", world.arm, timedelta(seconds=60))
    for day in range(0, days, 30):
        world.kernel.run_until(min(start + (day + 30) * DAY, end))
        note(f"day {min(day + 30, days)} of {days}: {world.calls.made} calls, {len(world.account.mail)} mails")
    _calm(year)
    world.kernel.run_until(end + AFTERWARDS)
    result = report(year, person, oracle, seed=seed, until=end, cost=meter.dollars(days))
    result.troubles = Counter(name.partition(" of ")[0] for _, name in troubles.happened)
    return result


def _metered(world: World) -> Meter:
    meter, judged = Meter(world), world.account.tables.written

    def written(before: Item | None, after: Item) -> None:
        judged(before, after)
        meter.written(before, after)

    world.account.tables.written = written
    world.step = meter.step  # type: ignore[method-assign]  # counted on the way
    return meter


def _begin_mails(world: World, days: int) -> None:
    """The events of notices: rarer than in a deployment, which looks every quarter of an hour."""
    midnight = world.kernel.now().replace(hour=0)
    for hour in range(9, (days + 1) * 24, NOTIFY_HOURS):
        at = midnight + timedelta(hours=hour, minutes=45)
        world.event(f"notify {hour}", partial(world.notify, daily=hour % 24 == 0), SYNC, at=at)


def _arrive(year: Year, days: int) -> None:
    """Photos that come in during the year, whoever reads mails."""
    fate, kernel = year.world.fate, year.world.kernel
    arriving = round(len(year.library.photos) * 0.6)
    for number in range(arriving):
        persona = year.setting.personas[number % 3]
        at = kernel.now() + fate.between(f"arrival {number}", 0, days) * DAY
        kernel.at(at, partial(year.stock, persona, 1))


def _calm(year: Year) -> None:
    world = year.world
    world.calls.weather, world.events_lost = CALM, 0.0
    world.platforms.down.clear()
    for account in year.accounts:
        if year.broken_since(account) is not None:
            year.reconnect(account)


def write(result: YearReport, out: Path) -> None:
    """The report, and a picture for each persona."""
    out.mkdir(parents=True, exist_ok=True)
    (out / f"year-{result.seed}.txt").write_text("\n".join(result.lines()) + "\n", "utf-8")
    for item in result.personas:
        (out / f"year-{result.seed}-{item.persona.name.lower()}.svg").write_text(svg(item), "utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write, and fail where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.year.run", description="Live through a year.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--photos", type=Path, help="a folder of your own")
    parser.add_argument("--analyses", type=Path, help="analyses as JSON lines")
    options = parser.parse_args(arguments)
    photos = from_folder(options.photos, options.analyses) if options.photos else PHOTOS
    began = time.monotonic()
    with deployment() as deploy:
        result = live(deploy, options.seed, days=options.days, photos=photos, note=lambda line: _say(line, began))
    write(result, OUT)
    print("\n".join(result.lines()))  # noqa: T201
    print(f"{time.monotonic() - began:.0f} s; report and pictures in {OUT}", file=sys.stderr)  # noqa: T201
    return 1 if result.failed() else 0


def _say(line: str, began: float) -> None:
    print(f"{time.monotonic() - began:5.0f} s  {line}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
