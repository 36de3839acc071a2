"""`shutterpost doctor`: whether everything stands ready, thing by thing, and what to do where it does not."""

from collections.abc import Iterator
from datetime import UTC, datetime

import typer

from shutterpost.console import telling
from shutterpost.console.asking import AsJson, leave, reach_of
from shutterpost.console.findings import EXITS, Finding, Level, worst_of
from shutterpost.runtime.refusals import Refusal

_MARKS = {
    Level.GREEN: ("✓", "green"),
    Level.YELLOW: ("!", "yellow"),
    Level.RED: ("✗", "red"),
    Level.UNCHECKED: ("–", "dim"),
}


def doctor(context: typer.Context, *, json_: AsJson = None) -> None:
    """Look whether everything stands ready: credentials, stack, timers, alarms, accounts, quotas, clock; ends with the
    worst: 0 for green, 6 for yellow, 1 for red."""
    as_json = telling.for_machines(as_json=json_)
    findings = []
    for one in _examined(context, datetime.now(UTC)):
        findings.append(one)
        if not as_json:
            _say(one)
    worst = worst_of(one.level for one in findings)
    told = {"worst": worst, "findings": [one.model_dump(mode="json") for one in findings]}
    telling.answer(told, lambda: telling.say(f"All in all: {worst}.", style="bold"), as_json=as_json)
    leave(EXITS[worst])


def _examined(context: typer.Context, now: datetime) -> Iterator[Finding]:
    from shutterpost.console.examination import Examination

    try:
        reach = reach_of(context)
    except Refusal as refusal:
        yield Finding(check="deployment", level=Level.RED, found=refusal.detail)
        return
    yield from Examination(reach, now)


def _say(one: Finding) -> None:
    mark, style = _MARKS[one.level]
    telling.marked(mark, style, f"{one.check}: {one.found}")
    if one.do:
        telling.say(f"    → {one.do}")
