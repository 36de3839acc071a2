"""The search that must notice every broken rule: in random histories, and in the stories of the rule.

python -m tests.simulation.mutants                  break one after the other, and count the histories until found
python -m tests.simulation.mutants --only NAME      that one alone
python -m tests.simulation.mutants --stories        only whether each rule's stories fail without it
"""

import argparse
import gc
import inspect
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from tests.simulation import test_defects, test_extras, test_kinds, test_missed_slots, test_rules
from tests.simulation.aims import AIMS, CHANNEL_AIMS
from tests.simulation.breaks import RULES, broken
from tests.simulation.deployment import deployment
from tests.simulation.finding import Finding
from tests.simulation.history import Deploy, live
from tests.simulation.run import BATCH, without_collection
from tests.simulation.stories import rules_of

MOST = 300
# Broken, this changes nothing that a history can show: other rules do its work. Its story calls it directly.
SEEN_BY_STORIES = frozenset({"an-old-revision-is-over"})


def search(rule: str, first: int, most: int) -> tuple[int, list[Finding]]:
    """Live through up to `most` histories from the seed `first` on with `rule` broken: how many it took, and what was
    found in the last."""
    aim = (AIMS | CHANNEL_AIMS)[rule]
    with deployment() as deploy:
        for number in range(most):
            with broken(rule):
                findings = live(deploy, first + number, aim=aim).findings
            if findings and (defects := live(deploy, first + number, aim=aim).findings):
                raise RuntimeError(f"seed {first + number} breaks a promise with every rule in force: {defects}")
            if findings:
                return number + 1, findings
            if number % BATCH == 0:
                gc.collect()
    return most, []


def failing_stories(rule: str) -> dict[str, bool]:
    """The stories that guard `rule`, and whether each fails without it."""
    with deployment() as deploy, broken(rule):
        return {story.__name__: _fails(story, deploy) for story in _stories() if rule in rules_of(story)}


def _stories() -> Iterator[Callable[..., None]]:
    for module in (test_defects, test_rules, test_missed_slots, test_kinds, test_extras):
        yield from (story for name, story in vars(module).items() if name.startswith("test_"))


def _fails(story: Callable[..., None], deploy: Deploy) -> bool:
    """Whether any case of the story fails."""
    for case in _cases(story):
        with pytest.MonkeyPatch.context() as patch:
            given: dict[str, Any] = {"deploy": deploy, "monkeypatch": patch, **case}
            wanted = inspect.signature(story).parameters
            try:
                story(**{name: value for name, value in given.items() if name in wanted})
            except (Exception, pytest.fail.Exception):  # noqa: BLE001 - however the story fails
                return True
    return False


def _cases(story: Callable[..., None]) -> Iterator[dict[str, Any]]:
    """The arguments of each case, as pytest reads them from the story's marks."""
    marks = [mark for mark in getattr(story, "pytestmark", ()) if mark.name == "parametrize"]
    for values in itertools.product(*(mark.args[1] for mark in marks)):
        case: dict[str, Any] = {}
        for mark, value in zip(marks, values, strict=True):
            names = mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0]
            case |= dict(zip(names, value if len(names) > 1 else (value,), strict=True))
        yield case


def judged(rule: str, most: int) -> tuple[str, bool]:
    """How `rule` was found broken, and whether that is enough."""
    stories = failing_stories(rule)
    green = [name for name, fails in stories.items() if not fails]
    summary = f"{len(stories) - len(green)} of {len(stories)} stories fail"
    summary += f" (not {', '.join(green)})" if green else ""
    if rule in SEEN_BY_STORIES or not most:
        return summary, bool(stories) and not green
    number, findings = search(rule, 0, most)
    how = (
        f"history {number} finds {findings[0].wrong}: {findings[0].rule}"
        if findings
        else f"SURVIVES {number} histories"
    )
    return f"{how}, {summary}", bool(findings) and bool(stories) and not green


def main(arguments: list[str] | None = None) -> int:
    """Break each rule, print how long it took to notice, and fail where one survives."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description="Break every rule.")
    parser.add_argument("--only", choices=sorted(RULES), action="append", help="break this rule alone")
    parser.add_argument("--stories", action="store_true", help="run the stories alone, without random histories")
    parser.add_argument("--most", type=int, default=MOST, help="give up after so many histories")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    names = options.only or list(RULES)
    most = 0 if options.stories else options.most
    survivors = []
    with ProcessPoolExecutor(options.jobs, initializer=without_collection) as pool:
        waiting = {name: pool.submit(judged, name, most) for name in names}
        for name, future in waiting.items():
            summary, enough = future.result()
            print(f"{name}: {summary}{'' if enough else ' NOT ENOUGH'}", flush=True)  # noqa: T201
            survivors += [] if enough else [name]
    print(f"mutants: rules={len(names)} found={len(names) - len(survivors)} survive={len(survivors)}")  # noqa: T201
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
