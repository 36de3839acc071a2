"""`shutterpost photos`: folders in, captions and tags in, the library out; what is there, what looks alike, what could
not be used."""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shutterpost.console.client.api_client import ApiClient, segment
from shutterpost.console.client.arguments import (
    AsJson,
    Json,
    Limit,
    Persona,
    api_client,
    leave,
    limited,
    path_of,
    persona_of,
)
from shutterpost.console.client.exit_codes import Exit
from shutterpost.console.imports.state_files import state_file
from shutterpost.console.output import render
from shutterpost.console.output.photo_tables import show_duplicates, show_import, show_photo, show_photos

photos = typer.Typer(help="A persona's library.", no_args_is_help=True)
_BUCKET = "s3://BUCKET/PREFIX"


@photos.command("import", epilog="Example: shutterpost photos import ~/Pictures/best --persona nature")
def import_folder(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="What to import, with all below it.")],
    *,
    persona: Persona = None,
    json_: AsJson = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for news of what was sent.")] = 900,
) -> None:
    """Import a folder: in parallel, and after a kill from where it was; repeating it sends nothing twice."""
    from shutterpost.console.imports.importing import FolderImport
    from shutterpost.console.imports.upload_manifest import UploadManifest

    reach = api_client(context)
    persona_id = persona_of(reach, persona)["persona_id"]
    with render.progress("sending") as progress:
        report = FolderImport(
            bucket=reach.client("s3"),
            bucket_name=reach.deployment.bucket,
            listing=reach,
            persona_id=persona_id,
            folder=folder,
            journal=UploadManifest(_journal(reach, persona_id, folder)),
            progress=progress,
            patience=patience,
        )()
    told = report.told()
    render.answer(told, lambda: show_import(told), as_json=json_)
    if report.waiting:
        render.note(f"{len(report.waiting)} files are still under way; the same command waits on.")
        leave(Exit.REFUSED)


@photos.command("list", epilog="Example: shutterpost photos list --unposted --limit 10")
def list_(
    context: typer.Context,
    *,
    persona: Persona = None,
    unposted: Annotated[bool, typer.Option("--unposted", help="Only those no post has taken, best first.")] = False,
    limit: Limit = 50,
    json_: AsJson = None,
) -> None:
    """List photos of the library; `export` writes all of it."""
    reach = api_client(context)
    query = {"unposted": "true"} if unposted else {}
    found = limited(reach.pages(f"{path_of(persona_of(reach, persona))}/photos", "photos", **query), limit)
    render.answer({"photos": found}, lambda: show_photos(found), as_json=json_)


@photos.command(epilog="Example: shutterpost photos show dunes.jpg")
def show(
    context: typer.Context,
    photo: Annotated[str, typer.Argument(help="Id of a photo, its first 8 or more digits, or a file name.")],
    *,
    persona: Persona = None,
    json_: AsJson = None,
) -> None:
    """Show a photo: its names, scores, captions, renditions, and what looks like it."""
    reach = api_client(context)
    path = path_of(persona_of(reach, persona))
    found: Json = reach.get(f"{path}/photos/{segment(photo)}")
    groups = reach.get(f"{path}/photos/duplicates")["groups"]
    told = {**found, "looks_like": _alike(groups, found["photo_id"])}
    render.answer(told, lambda: show_photo(told), as_json=json_)


@photos.command(epilog="Example: shutterpost photos rejected --json | jq -r '.rejected[].reason' | sort | uniq -c")
def rejected(context: typer.Context, *, persona: Persona = None, limit: Limit = 50, json_: AsJson = None) -> None:
    """List what was dropped and could not be used, with the reason and what to do."""
    reach = api_client(context)
    found = limited(reach.pages(f"{path_of(persona_of(reach, persona))}/rejected", "rejected"), limit)
    rows = [(one["key"].partition("/")[2].partition("/")[2], one["reason"], one["what_to_do"]) for one in found]
    render.answer(
        {"rejected": found},
        lambda: render.table(("file", "reason", "what to do"), rows, empty="Nothing was rejected."),
        as_json=json_,
    )


@photos.command(epilog="Example: shutterpost photos annotate captions.csv")
def annotate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, JSON or JSON lines.")],
    *,
    persona: Persona = None,
    json_: AsJson = None,
) -> None:
    """Give photos captions, keywords, ratings and credits from a table; what it says is believed before all else."""
    from shutterpost.console.imports.csv_files import annotations, lines

    rows = annotations(file)
    reach = api_client(context)
    persona_id = persona_of(reach, persona)["persona_id"]
    key = f"analyses/{persona_id}/annotations-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
    reach.client("s3").put_object(Bucket=reach.deployment.bucket, Key=key, Body=lines(rows))
    told = {"rows": len(rows), "key": key}
    render.answer(told, lambda: render.say(f"{len(rows)} rows sent; they count in a moment."), as_json=json_)


@photos.command(epilog="Example: shutterpost photos export library.csv")
def export(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Argument(help="A .csv or .jsonl file; else standard output, as JSON lines.")
    ] = None,
    *,
    persona: Persona = None,
) -> None:
    """Write the whole library: what is known of each photo."""
    from shutterpost.console.imports.csv_files import write_photos

    reach = api_client(context)
    found = reach.pages(f"{path_of(persona_of(reach, persona))}/photos", "photos")
    if out is None:
        write_photos(found, sys.stdout, as_csv=False)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        count = write_photos(found, file, as_csv=out.suffix.lower() == ".csv")
    render.note(f"{count} photos written to {out}.")


@photos.command(epilog="Example: shutterpost photos duplicates")
def duplicates(context: typer.Context, *, persona: Persona = None, json_: AsJson = None) -> None:
    """Show which photos look alike, and bursts."""
    reach = api_client(context)
    told = reach.get(f"{path_of(persona_of(reach, persona))}/photos/duplicates")
    render.answer(told, lambda: show_duplicates(told), as_json=json_)


@photos.command(epilog="Example: shutterpost photos remake --source s3://old-photos/best")
def remake(
    context: typer.Context,
    *,
    persona: Persona = None,
    source: Annotated[str, typer.Option(help=f"Take in another bucket's photos: {_BUCKET}.")] = "",
    json_: AsJson = None,
) -> None:
    """Import again what lies in the bucket: photos that were there before, and renditions whose rules have changed."""
    from shutterpost.console.client.bucket import ask_again, copy_in

    reach = api_client(context)
    persona_id = persona_of(reach, persona)["persona_id"]
    told = {"copied": copy_in(reach, source, persona_id)} if source else {"asked_for": ask_again(reach, persona_id)}
    render.answer(told, lambda: render.facts(told), as_json=json_)


def _alike(groups: list[Json], photo_id: str) -> list[Json]:
    mine: Iterator[list[Json]] = (
        group["photos"] for group in groups if any(one["photo_id"] == photo_id for one in group["photos"])
    )
    return [one for photos_ in mine for one in photos_ if one["photo_id"] != photo_id]


def _journal(reach: ApiClient, persona_id: str, folder: Path) -> Path:
    what = "\n".join((reach.deployment.bucket, persona_id, str(folder.resolve())))
    return state_file(f"import-{hashlib.sha256(what.encode()).hexdigest()[:16]}.jsonl")
