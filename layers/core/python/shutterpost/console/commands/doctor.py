"""`shutterpost doctor`: checks the deployment and proposes repairs."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from shutterpost.console.checks.findings import EXIT_CODES, Finding, Severity, worst_of
from shutterpost.console.client.state_files import state_file
from shutterpost.console.commands.arguments import AsJson, api_client, leave
from shutterpost.console.output import render
from shutterpost.runtime.refusals import Refusal

_MARKS = {
    Severity.GREEN: ("✓", "green"),
    Severity.YELLOW: ("!", "yellow"),
    Severity.RED: ("✗", "red"),
    Severity.UNCHECKED: ("–", "dim"),
}


def doctor(
    context: typer.Context,
    *,
    trials: Annotated[
        bool,
        typer.Option("--try", help="Also use import, CDN, SSM, workflow, timers and Instagram's fetch once."),
    ] = False,
    json_: AsJson = None,
) -> None:
    """Check credentials, stack, timers, alarms, accounts, quotas and clock; ends with 0 if all checks are green, 6 if
    one is yellow, 1 if one is red. With --try it also uses each part of the deployment once and removes what it made:
    do so after the first deploy."""
    as_json = render.wants_json(as_json=json_)
    findings = []
    for finding in _examine(context, datetime.now(UTC), trials=trials):
        findings.append(finding)
        if not as_json:
            _show(finding)
    worst = worst_of(finding.level for finding in findings)
    document = {"worst": worst, "findings": [asdict(finding) for finding in findings]}
    render.respond(document, lambda: render.line(f"Result: {worst}.", style="bold"), as_json=as_json)
    leave(EXIT_CODES[worst])


def clear_state(*, json_: AsJson = None) -> None:
    """Delete the console's files on this machine: upload manifests, saved watches, cached addresses."""
    files = sorted(path for path in state_file("").glob("*") if path.is_file())
    for path in files:
        path.unlink()
    document = {"folder": str(state_file("")), "deleted": [path.name for path in files]}
    message = f"{len(files)} files deleted in {document['folder']}."
    render.respond(document, lambda: render.line(message), as_json=json_)


def _examine(context: typer.Context, now: datetime, *, trials: bool) -> Iterator[Finding]:
    from shutterpost.console.checks.examination import Examination

    try:
        api = api_client(context)
    except Refusal as refusal:
        yield Finding(check="deployment", level=Severity.RED, found=refusal.detail)
        return
    yield from Examination(api, now, trials=trials)


def _show(finding: Finding) -> None:
    mark, style = _MARKS[finding.level]
    render.marked_line(mark, style, f"{finding.check}: {finding.found}")
    if finding.do:
        render.line(f"    → {finding.do}")
