"""`shutterpost photos history|analyses`: moving over from another publisher, so that nothing goes out again and no
score is lost."""

import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from shutterpost.console.client.api_client import ApiClient
from shutterpost.console.client.arguments import (
    AsJson,
    Json,
    Persona,
    api_client,
    connections_of,
    leave,
    path_of,
    persona_of,
)
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.commands.photos import photos
from shutterpost.console.commands.posts import DryRun, WordMissing
from shutterpost.console.output import render

Table = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV with a header.")]
Folder = Annotated[
    Path | None,
    typer.Option(exists=True, file_okay=False, help="Where the photos of the table lie, to know each by its bytes."),
]
# What fluffy-train's image_embed makes.
_MODEL = "clip-vit-b-32"
_BATCH, _SHOWN = 100, 20


@photos.command(epilog="Example: shutterpost photos history posted.csv --connection instagram --dry-run")
def history(
    context: typer.Context,
    file: Table,
    *,
    persona: Persona = None,
    connection: Annotated[
        list[str] | None,
        typer.Option("--connection", "-c", help="Where they went out; repeatable. Default: the only one."),
    ] = None,
    folder: Folder = None,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Mark photos as posted by a table of what went out elsewhere, so that none goes out there again; repeating it
    changes nothing. Ends with 1 where rows were refused."""
    from shutterpost.console.imports.foreign_csv import history as read_history

    reach = api_client(context)
    whose = persona_of(reach, persona)
    read = read_history(file, persona=whose["name"], folder=folder)
    targets = connections_of(reach, whose, connection) or [_only_connection(reach, whose)]
    rows = [(number, {**row, "connection_id": one}) for number, row in read.rows.items() for one in targets]
    told = _Moved(rows=len(read.rows) + len(read.broken), left_out=read.left_out, dry_run=dry_run)
    told.refuse("row-broken", read.broken)
    query = {"dry_run": "true"} if dry_run else {}
    path = f"{path_of(whose)}/history"
    with render.progress("recording") as progress:
        for done, batch in enumerate(_batches(rows), start=1):
            # With a key a lost answer may be asked for again.
            key = uuid.uuid4().hex
            answer: Json = reach.post(path, {"rows": [row for _, row in batch]}, key=key, **query).body
            for (number, _), kept in zip(batch, answer["rows"], strict=True):
                told.count(number, kept)
            progress(min(done * _BATCH, len(rows)), len(rows))
    _answer(told, f"{told.recorded} recorded, {told.known} of them before", as_json=json_)


@photos.command(epilog="Example: shutterpost photos analyses photo_analyses.csv --folder ~/Pictures")
def analyses(
    context: typer.Context,
    file: Table,
    *,
    persona: Persona = None,
    folder: Folder = None,
    model: Annotated[str, typer.Option(help="What made the vectors of the column embedding.")] = _MODEL,
    dry_run: DryRun = False,
    json_: AsJson = None,
) -> None:
    """Bring scores, objects, captions and vectors from a table of analyses; the import joins them to their photos.
    Ends with 1 where rows were refused."""
    from shutterpost.console.imports.csv_files import lines
    from shutterpost.console.imports.foreign_csv import analyses as read_analyses

    reach = api_client(context)
    whose = persona_of(reach, persona)
    read = read_analyses(file, persona=whose["name"], model=model, folder=folder)
    told = _Moved(rows=len(read.rows) + len(read.broken), left_out=read.left_out, dry_run=dry_run)
    told.refuse("row-broken", read.broken)
    told.recorded = len(read.rows)
    if read.rows and not dry_run:
        told.key = f"analyses/{whose['persona_id']}/analyses-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
        body = lines(read.rows.values())
        reach.client("s3").put_object(Bucket=reach.deployment.bucket, Key=told.key, Body=body)
    _answer(told, f"{told.recorded} analyses sent; they count in a moment", as_json=json_)


class _Moved:
    """What became of a table's rows."""

    def __init__(self, *, rows: int, left_out: Counter[str], dry_run: bool) -> None:
        self.rows = rows
        self.left_out = left_out
        self.dry_run = dry_run
        self.recorded = 0
        self.known = 0
        self.key: str | None = None
        self.refused: list[Json] = []

    def refuse(self, kind: str, broken: dict[int, str]) -> None:
        """Rows that cannot be read."""
        self.refused += [{"row": number, "kind": kind, "detail": why} for number, why in broken.items()]

    def count(self, number: int, kept: Json) -> None:
        """What the API answered to a row."""
        if kept["kind"] is not None:
            self.refused.append({"row": number, "kind": kept["kind"], "detail": kept["detail"]})
            return
        self.recorded += 1
        self.known += kept["known"]

    def told(self) -> Json:
        """The report."""
        key = {"key": self.key} if self.key else {}
        counts = {"rows": self.rows, "recorded": self.recorded, "known": self.known, "dry_run": self.dry_run}
        return {**counts, **key, "left_out": dict(self.left_out), "refused": self.refused}


def _answer(told: _Moved, words: str, *, as_json: bool | None) -> None:
    def people() -> None:
        render.say(f"{words}." if not told.dry_run else f"A dry run, nothing was changed: {words}.")
        if told.left_out:
            counted = ", ".join(f"{count} {why}" for why, count in told.left_out.items())
            render.say(f"Left out: {counted}.", style="dim")
        shown = [(one["row"], one["kind"], one["detail"]) for one in told.refused[:_SHOWN]]
        render.table(("row", "refused", "why"), shown, empty="Nothing was refused.")
        if len(told.refused) > _SHOWN:
            render.say(f"And {len(told.refused) - _SHOWN} more; --json tells all.")

    render.answer(told.told(), people, as_json=as_json)
    if told.refused:
        render.wrong(f"{len(told.refused)} rows were refused; mend what they say and repeat it whole. [rows-refused]")
        leave(Exit.REFUSED)


def _only_connection(reach: ApiClient, persona: Json) -> str:
    found = reach.get(f"{path_of(persona)}/connections")["connections"]
    if len(found) != 1:
        known = ", ".join(f"{one['display_name']} ({one['channel']})" for one in found)
        detail = f"Say with --connection where they went out: {known}." if found else "Connect the account first."
        raise WordMissing(detail, field="connection")
    return str(found[0]["connection_id"])


def _batches(rows: list[tuple[int, Json]]) -> Iterator[list[tuple[int, Json]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
