"""`shutterpost doctor`: whether everything stands ready, thing by thing, and what to do where it does not."""

from collections.abc import Iterator
from datetime import UTC, datetime

import typer

from shutterpost.console.checks.findings import EXITS, Finding, Severity, worst_of
from shutterpost.console.client.arguments import AsJson, api_client, leave
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Refusal

_MARKS = {
    Severity.GREEN: ("✓", "green"),
    Severity.YELLOW: ("!", "yellow"),
    Severity.RED: ("✗", "red"),
    Severity.UNCHECKED: ("–", "dim"),
}


def doctor(context: typer.Context, *, json_: AsJson = None) -> None:
    """Look whether everything stands ready: credentials, stack, timers, alarms, accounts, quotas, clock; ends with the
    worst: 0 for green, 6 for yellow, 1 for red."""
    as_json = render.for_machines(as_json=json_)
    findings = []
    for one in _examined(context, datetime.now(UTC)):
        findings.append(one)
        if not as_json:
            _say(one)
    worst = worst_of(one.level for one in findings)
    told = {"worst": worst, "findings": [one.model_dump(mode="json") for one in findings]}
    render.answer(told, lambda: render.say(f"All in all: {worst}.", style="bold"), as_json=as_json)
    leave(EXITS[worst])


def _examined(context: typer.Context, now: datetime) -> Iterator[Finding]:
    from shutterpost.console.checks.examination import Examination

    try:
        reach = api_client(context)
    except Refusal as refusal:
        yield Finding(check="deployment", level=Severity.RED, found=refusal.detail)
        return
    yield from Examination(reach, now)


def _say(one: Finding) -> None:
    mark, style = _MARKS[one.level]
    render.marked(mark, style, f"{one.check}: {one.found}")
    if one.do:
        render.say(f"    → {one.do}")
