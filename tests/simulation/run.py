"""Many histories on all cores, or one of them told as a story.

python -m tests.simulation.run --histories 2000     seeds 0 to 1999: counts, coverage, and the seed of each finding
python -m tests.simulation.run --seed 17            that history again, shrunk to what its finding needs
--channels bluesky,mastodon                         histories of these channels; `all`: of every channel
--also 'move post,swap'                             histories in which people do this too
"""

import argparse
import contextlib
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count

from tests.simulation.actions import ACTS, ON_REQUEST
from tests.simulation.coverage import Cell, Hits, aim_at, never_hit, table
from tests.simulation.deployment import deployment
from tests.simulation.faults import Aim, operations_also, operations_of
from tests.simulation.figures import NAMES, Figures
from tests.simulation.finding import Finding
from tests.simulation.history import Deploy, live
from tests.simulation.setting import KINDS, Kind, channel_of
from tests.simulation.shrink import shrunk, story_of

BATCH = 10
# What a run did not meet is searched for in histories from this seed on, and in so many at most.
SEARCHED, MOST_SEARCHED = 10_000_000, 40
# A search that was bounded in time may take so much longer.
SEARCH_SECONDS = 60
# A long run prints its sum after so many histories.
TOLD_EVERY = 500


@dataclass
class Sum:
    """What some histories came to."""

    histories: int = 0
    calls: int = 0
    hits: Hits = field(default_factory=Counter)
    figures: Figures = field(default_factory=Figures)
    findings: list[tuple[int, Finding]] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Sum") -> None:
        """Count `other` in."""
        self.histories += other.histories
        self.calls += other.calls
        self.hits += other.hits
        self.figures.add(other.figures)
        self.findings += other.findings
        self.errors += other.errors

    @property
    def faults(self) -> int:
        """Calls that went wrong."""
        return sum(number for (_, fault, _), number in self.hits.items() if fault != "none")

    def __str__(self) -> str:
        """The last line."""
        wrong = Counter(finding.wrong for seed, finding in self._once())
        kinds = " ".join(f"{name}={wrong[kind]}" for kind, name in NAMES.items())
        return f"simulate: histories={self.histories} calls={self.calls} faults={self.faults} {kinds}"

    def _once(self) -> set[tuple[int, Finding]]:
        return set(self.findings)

    def failed(self) -> bool:
        """Whether anything was found."""
        return bool(self.findings or self.errors)


_deploy: list[Deploy] = []
_also: list[str] = []
_open = contextlib.ExitStack()


def without_collection() -> None:
    """Collect garbage only when asked to: a collection between batches is enough, and a history takes a third less."""
    gc.freeze()
    gc.disable()


def _start_worker(also: Sequence[str]) -> None:
    os.nice(5)
    _also.extend(also)
    _deploy.append(_open.enter_context(deployment()))
    without_collection()


def _lived(seeds: Sequence[int], kinds: Sequence[Kind], aim: Aim | None = None) -> Sum:
    """The histories of `seeds`, one after the other."""
    summed = Sum()
    for seed in seeds:
        try:
            history = live(_deploy[0], seed, aim=aim, kinds=kinds, also=_also)
        except Exception as error:  # noqa: BLE001 - the simulation's own error must name its seed
            summed.errors.append((seed, repr(error)))
            continue
        findings = [(seed, finding) for finding in history.findings]
        summed.add(Sum(1, history.calls, history.hits, history.figures, findings))
    gc.collect()
    return summed


def _searched(cell: Cell, kinds: Sequence[Kind], until: float | None) -> Sum:
    """Histories until an operation meets its fault, or until it is too late."""
    summed = Sum()
    for seed in range(SEARCHED, SEARCHED + MOST_SEARCHED):
        if until is not None and time.monotonic() > until:
            break
        summed.add(_lived([seed], kinds, aim_at(cell)))
        if cell not in never_hit(summed.hits, [cell[0]]):
            break
    return summed


def _batches(first: int, histories: int, until: float | None) -> Iterator[Sequence[int]]:
    for start in range(first, first + histories, BATCH) if histories else count(first, BATCH):
        if until is not None and time.monotonic() > until:
            return
        yield range(start, min(start + BATCH, first + histories) if histories else start + BATCH)


def simulate(
    histories: int,
    *,
    first: int,
    jobs: int,
    seconds: float | None,
    kinds: Sequence[Kind] = (),
    searches: bool = True,
    also: Sequence[str] = (),
) -> Sum:
    """Run `histories` (0: as many as fit into `seconds`) from the seed `first` on, then what meets missing faults."""
    until = time.monotonic() + seconds if seconds else None
    total = Sum()
    with ProcessPoolExecutor(jobs, initializer=_start_worker, initargs=(also,)) as pool:
        batches = _batches(first, histories, until)
        waiting = [pool.submit(_lived, batch, kinds) for _, batch in zip(range(jobs * 2), batches, strict=False)]
        while waiting:
            done = waiting.pop(0).result()
            _add(total, done)
            if total.histories % TOLD_EVERY == 0:
                print(f"so far: {total}", flush=True)  # noqa: T201
            waiting += [pool.submit(_lived, batch, kinds) for batch in [next(batches, None)] if batch is not None]
        operations = (*operations_of(kinds), *operations_also(also))
        missing = never_hit(total.hits, operations) if searches else []
        search_until = until and until + SEARCH_SECONDS
        for searched in pool.map(_searched, missing, [kinds] * len(missing), [search_until] * len(missing)):
            _add(total, searched)
    return total


def _add(total: Sum, done: Sum) -> None:
    total.add(done)
    for seed, finding in done.findings:
        print(f"{finding.wrong.upper()}: seed {seed}: {finding.rule}: {finding.words}", flush=True)  # noqa: T201


def kinds_of(names: str) -> tuple[Kind, ...]:
    """The kinds of channels, named with commas between them. Raises `ArgumentTypeError`."""
    channels = {channel_of(kind) for kind in KINDS}
    wanted = channels if names == "all" else set(names.split(","))
    if unknown := wanted - channels:
        raise argparse.ArgumentTypeError(
            f"no channel {', '.join(sorted(unknown))}; there are {', '.join(sorted(channels))}"
        )
    return tuple(kind for kind in KINDS if channel_of(kind) in wanted)


def _actions_of(names: str) -> tuple[str, ...]:
    if unknown := set(names.split(",")) - {*ACTS, *ON_REQUEST}:
        raise argparse.ArgumentTypeError(f"no action {', '.join(sorted(unknown))}")
    return tuple(names.split(","))


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and fail where anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.run", description="Live through histories.")
    parser.add_argument("--histories", type=int, default=0, help="how many; 0: as many as fit into --seconds")
    parser.add_argument("--seconds", type=float, help="begin no further history after so long")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="tell this history, shrunk to what its finding needs")
    parser.add_argument("--channels", type=kinds_of, default=(), help="of these channels, by commas; or all")
    parser.add_argument("--no-search", action="store_true", help="leave out the search for faults that were not met")
    parser.add_argument("--also", type=_actions_of, default=(), help="actions, by commas, that people do too")
    parser.add_argument("--whole", action="store_true", help="with --seed: do not shrink it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    if options.seed is not None:
        with deployment() as deploy:
            tell = live if options.whole else shrunk
            history = tell(deploy, options.seed, kinds=options.channels, also=options.also)
        print(story_of(history))  # noqa: T201
        return 1 if history.findings else 0
    if not options.histories and not options.seconds:
        parser.error("say --histories or --seconds")
    kinds, bounds = options.channels, {"first": options.first, "jobs": options.jobs, "seconds": options.seconds}
    searches = not options.no_search
    total = simulate(options.histories, kinds=kinds, also=options.also, searches=searches, **bounds)
    operations = (*operations_of(kinds), *operations_also(options.also))
    missing = ", ".join(f"{operation} {fault}" for operation, fault in never_hit(total.hits, operations))
    print(table(total.hits, operations))  # noqa: T201
    print(f"never met: {missing or 'nothing'}")  # noqa: T201
    for seed, error in total.errors:
        print(f"ERROR: seed {seed}: {error}")  # noqa: T201
    for line in total.figures.lines():
        print(line)  # noqa: T201
    print(total)  # noqa: T201
    return 1 if total.failed() else 0


if __name__ == "__main__":
    sys.exit(main())
