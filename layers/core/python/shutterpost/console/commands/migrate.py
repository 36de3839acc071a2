"""`shutterpost photos history|analyses`: imports the history and the analyses of another publisher."""

import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import ExitCode
from shutterpost.console.client.lookup import (
    batches,
    find_connection_ids,
    find_persona,
    only_connection_id,
    persona_path,
)
from shutterpost.console.commands.arguments import AsJson, DryRun, PersonaName, api_client, leave
from shutterpost.console.commands.photos import photos
from shutterpost.console.output import render

CsvFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header.")]
Folder = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="The folder of the photos, to identify each by its content."),
]
# The model of fluffy-train's image_embed.
_MODEL = "clip-vit-b-32"
_BATCH_SIZE, _MAX_SHOWN = 100, 20


@photos.command(epilog="Example: shutterpost photos history posted.csv --connection instagram --dry-run")
def history(
    context: typer.Context,
    file: CsvFile,
    *,
    persona_name: PersonaName = None,
    connection: Annotated[
        list[str] | None,
        typer.Option(
            "--connection", "-c", help="The connection of the posts; repeatable. Default: the only connection."
        ),
    ] = None,
    folder: Folder = None,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Mark photos as posted by a CSV file of another publisher's posts, so that they are not posted again. A repeat
    changes nothing. Ends with 1 if rows were refused."""
    from shutterpost.console.imports.foreign_csv import read_history

    api = api_client(context)
    persona = find_persona(api, persona_name)
    read = read_history(file, persona=persona["name"], folder=folder)
    connection_ids = find_connection_ids(api, persona, connection) or [only_connection_id(api, persona)]
    rows = [(number, {**row, "connection_id": each}) for number, row in read.rows.items() for each in connection_ids]
    report = MigrationReport(rows=len(read.rows) + len(read.broken), left_out=read.left_out, dry_run=dry_run)
    report.refuse("row-broken", read.broken)
    query = {"dry_run": "true"} if dry_run else {}
    with render.progress("recording") as progress:
        for done, batch in enumerate(batches(rows, _BATCH_SIZE), start=1):
            # The key allows a retry after a lost response.
            body = {"rows": [row for _, row in batch]}
            response = api.post(f"{persona_path(persona)}/history", body, key=uuid.uuid4().hex, **query)
            for (number, _), result in zip(batch, response.body["rows"], strict=True):
                report.add(number, result)
            progress(min(done * _BATCH_SIZE, len(rows)), len(rows))
    _respond(report, f"{report.recorded} recorded, {report.known} of them already known", as_json=json_)


@photos.command(epilog="Example: shutterpost photos analyses photo_analyses.csv --folder ~/Pictures")
def analyses(
    context: typer.Context,
    file: CsvFile,
    *,
    persona_name: PersonaName = None,
    folder: Folder = None,
    model: Annotated[str, typer.Option(help="The model of the vectors in the column embedding.")] = _MODEL,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Import scores, objects, captions and vectors from a CSV file of analyses. Ends with 1 if rows were refused."""
    from shutterpost.console.imports.csv_files import json_lines
    from shutterpost.console.imports.foreign_csv import read_analyses

    api = api_client(context)
    persona = find_persona(api, persona_name)
    read = read_analyses(file, persona=persona["name"], model=model, folder=folder)
    report = MigrationReport(rows=len(read.rows) + len(read.broken), left_out=read.left_out, dry_run=dry_run)
    report.refuse("row-broken", read.broken)
    report.recorded = len(read.rows)
    if read.rows and not dry_run:
        report.key = f"analyses/{persona['persona_id']}/analyses-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
        body = json_lines(read.rows.values())
        api.client("s3").put_object(Bucket=api.deployment.bucket, Key=report.key, Body=body)
    _respond(report, f"{report.recorded} analyses uploaded; the import applies them in a moment", as_json=json_)


@dataclass
class MigrationReport:
    rows: int
    left_out: Counter[str]
    dry_run: bool
    recorded: int = 0
    known: int = 0
    key: str | None = None
    refused: list[Json] = field(default_factory=list)

    def refuse(self, kind: str, broken: dict[int, str]) -> None:
        self.refused += [{"row": number, "kind": kind, "detail": why} for number, why in broken.items()]

    def add(self, number: int, result: Json) -> None:
        if result["kind"] is not None:
            self.refused.append({"row": number, "kind": result["kind"], "detail": result["detail"]})
            return
        self.recorded += 1
        self.known += result["known"]

    def document(self) -> Json:
        key = {"key": self.key} if self.key else {}
        counts = {"rows": self.rows, "recorded": self.recorded, "known": self.known, "dry_run": self.dry_run}
        return {**counts, **key, "left_out": dict(self.left_out), "refused": self.refused}


def _respond(report: MigrationReport, summary: str, *, as_json: bool | None) -> None:
    def show() -> None:
        render.line(f"{summary}." if not report.dry_run else f"Dry run, nothing was changed: {summary}.")
        if report.left_out:
            counts = ", ".join(f"{count} {why}" for why, count in report.left_out.items())
            render.line(f"Left out: {counts}.", style="dim")
        shown = [(each["row"], each["kind"], each["detail"]) for each in report.refused[:_MAX_SHOWN]]
        render.table(("row", "refused", "why"), shown, empty="No row was refused.")
        if len(report.refused) > _MAX_SHOWN:
            render.line(f"And {len(report.refused) - _MAX_SHOWN} more; --json lists all.")

    render.respond(report.document(), show, as_json=as_json)
    if report.refused:
        render.error(f"{len(report.refused)} rows were refused; correct them and repeat the command. [rows-refused]")
        leave(ExitCode.REFUSED)
