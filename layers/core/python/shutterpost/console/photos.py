"""`shutterpost photos`: folders in, captions and tags in, the library out, what looks alike, renditions anew."""

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from shutterpost.console import telling
from shutterpost.console.deployment import DeploymentUnknown, Reach
from shutterpost.console.importing import FolderImport
from shutterpost.console.journal import Journal
from shutterpost.console.tables import annotations, lines, write_photos

photos = typer.Typer(help="A persona's library.", no_args_is_help=True)
PersonaId = Annotated[str, typer.Option("--persona", help="Id or name of the persona.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, as it is when the output is no terminal.")]
_SQS_BATCH = 10


@photos.command("import")
def import_folder(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="What to import, with all below it.")],
    *,
    persona: PersonaId,
    json_: AsJson = False,
    patience: Annotated[float, typer.Option(help="Seconds to wait for news of what was sent.")] = 900,
) -> None:
    """Import a folder: in parallel, and after a kill from where it was; repeating it sends nothing twice."""
    reach = _reach(context)
    persona_id = _persona_id(reach, persona)
    with telling.progress("sending") as progress:
        report = FolderImport(
            bucket=reach.client("s3"),
            bucket_name=reach.deployment.bucket,
            listing=reach,
            persona_id=persona_id,
            folder=folder,
            journal=Journal(_journal(reach, persona_id, folder)),
            progress=progress,
            patience=patience,
        )()
    told = report.told()
    if _for_machines(asked=json_):
        telling.as_json(told)
    else:
        telling.import_report(told)
    if report.waiting:
        telling.ERRORS.print(f"{len(report.waiting)} files are still under way; the same command waits on.")
        raise typer.Exit(1)


@photos.command()
def annotate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, JSON or JSON lines.")],
    *,
    persona: PersonaId,
) -> None:
    """Give photos captions, keywords, ratings and credits from a table; what it says is believed before all else."""
    reach = _reach(context)
    persona_id = _persona_id(reach, persona)
    rows = annotations(file)
    key = f"analyses/{persona_id}/annotations-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
    reach.client("s3").put_object(Bucket=reach.deployment.bucket, Key=key, Body=lines(rows))
    telling.as_json({"rows": len(rows), "key": key})


@photos.command()
def export(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Argument(help="A .csv or .jsonl file; else standard output, as JSON lines.")
    ] = None,
    *,
    persona: PersonaId,
) -> None:
    """Write the whole library: what is known of each photo."""
    reach = _reach(context)
    found = reach.pages(f"/personas/{_persona_id(reach, persona)}/photos", "photos")
    if out is None:
        write_photos(found, sys.stdout, as_csv=False)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        count = write_photos(found, file, as_csv=out.suffix.lower() == ".csv")
    telling.ERRORS.print(f"{count} photos written to {out}.")


@photos.command()
def duplicates(context: typer.Context, *, persona: PersonaId, json_: AsJson = False) -> None:
    """Show which photos look alike, and bursts."""
    reach = _reach(context)
    told = reach.get(f"/personas/{_persona_id(reach, persona)}/photos/duplicates")
    if _for_machines(asked=json_):
        telling.as_json(told)
    else:
        telling.duplicates_report(told)


@photos.command()
def remake(
    context: typer.Context,
    *,
    persona: PersonaId,
    source: Annotated[str, typer.Option(help="Take in another bucket's photos: s3://BUCKET/PREFIX.")] = "",
) -> None:
    """Import again what lies in the bucket: photos that were there before, and renditions whose rules have changed."""
    reach = _reach(context)
    persona_id = _persona_id(reach, persona)
    if source:
        telling.as_json({"copied": _copy(reach, source, persona_id)})
        return
    queue = reach.deployment.queue_url
    if queue is None:
        raise DeploymentUnknown("This deployment's description names no import queue (queue_url).")
    keys = _keys(reach, reach.deployment.bucket, f"photos/{persona_id}/")
    telling.as_json({"asked_for": sum(_send(reach, queue, batch) for batch in _batches(keys))})


def _copy(reach: Reach, source: str, persona_id: str) -> int:
    """Copy, inside AWS, what lies at `source`; each copy is imported like any drop."""
    bucket, _, prefix = source.removeprefix("s3://").partition("/")
    s3, count = reach.client("s3"), 0
    for key in _keys(reach, bucket, prefix):
        path = key.removeprefix(prefix).lstrip("/") or key.rpartition("/")[2]
        s3.copy({"Bucket": bucket, "Key": key}, reach.deployment.bucket, f"photos/{persona_id}/{path}")
        count += 1
    return count


def _keys(reach: Reach, bucket: str, prefix: str) -> Iterator[str]:
    for page in reach.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        yield from (item["Key"] for item in page.get("Contents", ()) if not item["Key"].endswith("/"))


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(keys, _SQS_BATCH)):
        yield batch


def _send(reach: Reach, queue: str, keys: list[str]) -> int:
    entries = [{"Id": str(number), "MessageBody": json.dumps({"key": key})} for number, key in enumerate(keys)]
    answer = reach.client("sqs").send_message_batch(QueueUrl=queue, Entries=entries)
    return len(answer.get("Successful", ()))


def _persona_id(reach: Reach, wanted: str) -> str:
    """The id of the persona of that id or name; ids that name no persona are the API's to refuse."""
    for one in reach.pages("/personas", "personas"):
        if wanted in {one["persona_id"], one["name"]}:
            return str(one["persona_id"])
    return wanted


def _journal(reach: Reach, persona_id: str, folder: Path) -> Path:
    home = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    what = "\n".join((reach.deployment.bucket, persona_id, str(folder.resolve())))
    return home / "shutterpost" / f"import-{hashlib.sha256(what.encode()).hexdigest()[:16]}.jsonl"


def _for_machines(*, asked: bool) -> bool:
    return asked or not telling.OUT.is_terminal


def _reach(context: typer.Context) -> Reach:
    reach: Any = context.obj.reach()
    if not isinstance(reach, Reach):
        raise TypeError("The deployment was not chosen.")
    return reach
