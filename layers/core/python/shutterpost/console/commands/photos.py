"""`shutterpost photos`: imports folders, lists and annotates photos, exports the library."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from shutterpost.console import Json
from shutterpost.console.client.exit_codes import ExitCode, OptionMissing
from shutterpost.console.client.lookup import (
    batches,
    find_persona,
    find_photo,
    find_rejected,
    persona_path,
    take,
)
from shutterpost.console.client.state_files import state_file_for
from shutterpost.console.commands.arguments import (
    AsJson,
    Limit,
    PersonaName,
    PhotoName,
    api_client,
    command_group,
    complete_photos,
    finite,
    leave,
)
from shutterpost.console.output import render
from shutterpost.console.output.photo_tables import show_duplicates, show_import, show_photo, show_photos, show_similar
from shutterpost.console.output.post_texts import short_id

photos = command_group("A persona's library.")
PhotoNames = Annotated[
    list[str], typer.Argument(autocompletion=complete_photos, help="Ids or file names of photos, one or more.")
]


RejectedNames = Annotated[list[str], typer.Argument(help="File names or keys of rejected files, one or more.")]
_BATCH = 100


@photos.command("import", epilog="Example: shutterpost photos import ~/Pictures/best --persona nature")
def import_folder(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="The folder, with its subfolders.")],
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
    patience: Annotated[
        float, typer.Option(min=0, max=86_400, callback=finite, help="Seconds to wait for the next result.")
    ] = 900,
) -> None:
    """Import a folder. An interrupted import continues where it stopped; a repeat uploads nothing twice."""
    from shutterpost.console.imports.importing import FolderImport
    from shutterpost.console.imports.upload_manifest import UploadManifest

    api = api_client(context)
    persona_id = find_persona(api, persona_name)["persona_id"]
    manifest = state_file_for("import", api.deployment.bucket, persona_id, str(folder.resolve()), suffix=".jsonl")
    with render.progress("uploading") as progress:
        report = FolderImport(
            bucket=api.client("s3"),
            bucket_name=api.deployment.bucket,
            api=api,
            persona_id=persona_id,
            folder=folder,
            manifest=UploadManifest(manifest),
            progress=progress,
            patience=patience,
        )()
    document = report.document()
    render.respond(document, lambda: show_import(document), as_json=json_)
    if report.waiting:
        render.note(f"{len(report.waiting)} files are not imported yet; the same command continues to wait for them.")
        leave(ExitCode.REFUSED)


@photos.command("list", epilog="Example: shutterpost photos list --unposted --limit 10")
def list_(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    unposted: Annotated[bool, typer.Option("--unposted", help="Only photos without a post, best score first.")] = False,
    limit: Limit = 50,
    json_: AsJson = None,
) -> None:
    """List photos of the library; `export` writes all of it."""
    api = api_client(context)
    query = {"unposted": "true"} if unposted else {}
    listed = take(api.pages(f"{persona_path(find_persona(api, persona_name))}/photos", "photos", **query), limit)
    render.respond({"photos": listed}, lambda: show_photos(listed), as_json=json_)


@photos.command(epilog="Example: shutterpost photos show dunes.jpg")
def show(context: typer.Context, photo: PhotoName, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """Show a photo: names, scores, captions, renditions, and similar photos."""
    api = api_client(context)
    persona = find_persona(api, persona_name)
    details = find_photo(api, persona, photo)
    groups = api.get(f"{persona_path(persona)}/photos/duplicates")["groups"]
    document = {**details, "looks_like": _similar(groups, details["photo_id"])}
    render.respond(document, lambda: show_photo(document), as_json=json_)


@photos.command(epilog="Example: shutterpost photos edit dunes.jpg --caption 'A still morning.' --rating 4")
def edit(
    context: typer.Context,
    names: PhotoNames,
    *,
    persona_name: PersonaName = None,
    caption: Annotated[
        str | None, typer.Option(help="Its caption; an empty one returns to what its files state.")
    ] = None,
    alt_text: Annotated[str | None, typer.Option(help="A description of the picture for screen readers.")] = None,
    focus: Annotated[
        str | None, typer.Option(help="What a crop keeps, such as 0.3,0.6: x and y from 0 to 1 from the top left.")
    ] = None,
    keyword: Annotated[list[str] | None, typer.Option("--keyword", help="A keyword; repeatable.")] = None,
    rating: Annotated[int | None, typer.Option(min=-1, max=5, help="From -1 to 5.")] = None,
    theme: Annotated[str | None, typer.Option(help="Its theme, which analyses then leave.")] = None,
    kept_with: Annotated[
        list[str] | None, typer.Option("--kept-with", help="A look-alike that is no duplicate of it; repeatable.")
    ] = None,
    json_: AsJson = None,
) -> None:
    """Change what is stated about photos; it wins over their files and analyses, also over later ones."""
    given: Json = {"caption": caption, "alt_text": alt_text, "keywords": keyword, "rating": rating, "theme": theme}
    given["focus"] = None if focus is None else _place(focus)
    given["kept_with"] = _ids(context, persona_name, kept_with) if kept_with else None
    change = {name: value for name, value in given.items() if value is not None}
    if not change:
        raise OptionMissing("There is nothing to change; shutterpost photos edit --help lists the options.")
    _change(context, names, persona_name, change, as_json=json_)


@photos.command("keep-out", epilog="Example: shutterpost photos keep-out dunes-2.jpg --reason 'Looks like dunes.jpg.'")
def keep_out(
    context: typer.Context,
    names: PhotoNames,
    *,
    persona_name: PersonaName = None,
    reason: Annotated[str | None, typer.Option(help="Why; photos explain shows it.")] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Let picks have them again.")] = False,
    json_: AsJson = None,
) -> None:
    """Keep photos out of picks, carousels, reposts and the runway; they can still be posted by hand."""
    if (reason is None) is not undo:
        raise OptionMissing("Use either --reason or --undo.", field="reason")
    _change(context, names, persona_name, {"kept_out": reason}, as_json=json_)


def _ids(context: typer.Context, persona_name: str | None, names: list[str]) -> list[str]:
    api = api_client(context)
    persona = find_persona(api, persona_name)
    return [find_photo(api, persona, name)["photo_id"] for name in names]


def _place(text: str) -> list[float]:
    try:
        x, y = (float(number) for number in text.split(","))
    except ValueError:
        raise OptionMissing(f"Write the focus as two numbers, such as 0.3,0.6, not {text}.", field="focus") from None
    return [x, y]


def _change(
    context: typer.Context, names: list[str], persona_name: str | None, change: Json, *, as_json: bool | None
) -> None:
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/photos"
    results: list[Json] = []
    for batch in batches(names, _BATCH):
        results += api.patch(path, {"photos": batch, "change": change}).body["results"]
    rows = [(short_id(each["photo_id"] or ""), each["photo"], each["detail"] or "changed") for each in results]
    render.respond({"results": results}, lambda: render.table(("id", "photo", "result"), rows), as_json=as_json)
    if any(each["kind"] for each in results):
        leave(ExitCode.REFUSED)


@photos.command("open", epilog="Example: shutterpost photos open dunes.jpg")
def open_(
    context: typer.Context,
    photo: PhotoName,
    *,
    persona_name: PersonaName = None,
    link: Annotated[bool, typer.Option("--link", help="Print the link, do not open it.")] = False,
    json_: AsJson = None,
) -> None:
    """Show a photo in the browser, by a signed link that works for 15 minutes. Without a terminal, print the link."""
    from shutterpost.console.client.bucket import sign_link

    api = api_client(context)
    details = find_photo(api, find_persona(api, persona_name), photo)
    document = {"photo_id": details["photo_id"], "names": details["names"], "url": sign_link(api, details)}
    opened = not link and json_ is None and sys.stdout.isatty() and typer.launch(document["url"]) == 0
    if not opened:
        render.respond(document, lambda: render.line(document["url"]), as_json=json_)


@photos.command(epilog="Example: shutterpost photos rejected --json | jq -r '.rejected[].reason' | sort | uniq -c")
def rejected(
    context: typer.Context, *, persona_name: PersonaName = None, limit: Limit = 50, json_: AsJson = None
) -> None:
    """List rejected files with the reason and what to do."""
    api = api_client(context)
    listed = take(api.pages(f"{persona_path(find_persona(api, persona_name))}/rejected", "rejected"), limit)
    rows = [(each["reason"], each["summary"]) for each in listed]
    render.respond(
        {"rejected": listed},
        lambda: render.table(("reason", "file, cause and remedy"), rows, empty="No file was rejected."),
        as_json=json_,
    )


@photos.command(epilog="Example: shutterpost photos retry dune.tif")
def retry(
    context: typer.Context, files: RejectedNames, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Import rejected files again, for example after the reason is gone."""
    document = _on_rejected(context, "retry", files, persona_name)
    message = f"Imported again in a moment: {_names(document)}. 'photos rejected' lists what stays."
    render.respond(document, lambda: render.line(message), as_json=json_)


@photos.command(epilog="Example: shutterpost photos forget dune.tif")
def forget(
    context: typer.Context, files: RejectedNames, *, persona_name: PersonaName = None, json_: AsJson = None
) -> None:
    """Delete rejected files from the bucket, which has no other copy of them."""
    document = _on_rejected(context, "forget", files, persona_name)
    render.respond(document, lambda: render.line(f"Deleted: {_names(document)}."), as_json=json_)


@photos.command(epilog="Example: shutterpost photos annotate captions.csv")
def annotate(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, JSON or JSON lines.")],
    *,
    persona_name: PersonaName = None,
    json_: AsJson = None,
) -> None:
    """Set captions, keywords, ratings and credits from a file; they take precedence over all other sources."""
    from shutterpost.console.imports.csv_files import json_lines, read_annotations

    rows = read_annotations(file)
    api = api_client(context)
    persona_id = find_persona(api, persona_name)["persona_id"]
    key = f"analyses/{persona_id}/annotations-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
    api.client("s3").put_object(Bucket=api.deployment.bucket, Key=key, Body=json_lines(rows))
    document = {"rows": len(rows), "key": key}
    message = f"{len(rows)} rows uploaded; the import applies them in a moment."
    render.respond(document, lambda: render.line(message), as_json=json_)


@photos.command(epilog="Example: shutterpost photos export library.csv")
def export(
    context: typer.Context,
    out: Annotated[
        Path | None, typer.Argument(help="A .csv or .jsonl file. Default: JSON lines on standard output.")
    ] = None,
    *,
    persona_name: PersonaName = None,
) -> None:
    """Write the properties of every photo of the library."""
    from shutterpost.console.imports.csv_files import write_photos

    api = api_client(context)
    library = api.pages(f"{persona_path(find_persona(api, persona_name))}/photos", "photos")
    if out is None:
        write_photos(library, sys.stdout, as_csv=False)
        return
    with out.open("w", encoding="utf-8", newline="") as file:
        count = write_photos(library, file, as_csv=out.suffix.lower() == ".csv")
    render.note(f"{count} photos written to {out}.")


@photos.command(epilog="Example: shutterpost photos duplicates")
def duplicates(context: typer.Context, *, persona_name: PersonaName = None, json_: AsJson = None) -> None:
    """List groups of similar photos, and bursts."""
    api = api_client(context)
    report = api.get(f"{persona_path(find_persona(api, persona_name))}/photos/duplicates")
    render.respond(report, lambda: show_duplicates(report), as_json=json_)


@photos.command(epilog="Example: shutterpost photos similar dunes.jpg --unposted")
def similar(
    context: typer.Context,
    photo: Annotated[
        str | None, typer.Argument(autocompletion=complete_photos, help="A photo to compare with.")
    ] = None,
    *,
    persona_name: PersonaName = None,
    vector: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help='Instead of a photo: JSON, {"model":…, "vector":[…]}.'),
    ] = None,
    unposted: Annotated[bool, typer.Option("--unposted", help="Only photos without a post.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many at most.")] = 10,
    json_: AsJson = None,
) -> None:
    """List the photos most similar to a photo, or to a vector such as one of words, by the imported vectors."""
    from shutterpost.console.imports.csv_files import read_vector

    if (photo is None) == (vector is None):
        raise OptionMissing("Name a photo, or give a file with --vector.", field="vector")
    api = api_client(context)
    persona = find_persona(api, persona_name)
    path = f"{persona_path(persona)}/photos"
    if vector is not None:
        report = api.post(f"{path}/search", {**read_vector(vector), "limit": limit, "unposted": unposted}).body
    else:
        photo_id = find_photo(api, persona, photo or "")["photo_id"]
        report = api.get(f"{path}/{photo_id}/similar", limit=str(limit), unposted=str(unposted).lower())
    render.respond(report, lambda: show_similar(report), as_json=json_)


@photos.command(epilog="Example: shutterpost photos remake --source s3://old-photos/best")
def remake(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    source: Annotated[str, typer.Option(help="Copy another bucket's photos first: s3://BUCKET/PREFIX.")] = "",
    json_: AsJson = None,
) -> None:
    """Import every file of the bucket again, for example after a change of the rendition rules."""
    from shutterpost.console.client.bucket import copy_from, reimport

    api = api_client(context)
    persona_id = find_persona(api, persona_name)["persona_id"]
    document = {"copied": copy_from(api, source, persona_id)} if source else {"asked_for": reimport(api, persona_id)}
    render.respond(document, lambda: render.details(document), as_json=json_)


@photos.command(epilog="Example: shutterpost photos cluster --count 6 --dry-run")
def cluster(
    context: typer.Context,
    *,
    persona_name: PersonaName = None,
    count: Annotated[int | None, typer.Option(min=2, max=50, help="How many themes. Default: all.")] = None,
    least: Annotated[int, typer.Option(min=2, max=100_000, help="The smallest theme, in photos, without --count.")] = 8,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the themes without assigning them.")] = False,
    json_: AsJson = None,
) -> None:
    """Find themes in the photos' vectors, name them, and assign each photo its theme."""
    from shutterpost.console.imports.clustering import (
        common_words,
        find_clusters,
        photo_from_vector,
        theme_labels,
        vectors_of_main_model,
    )

    api = api_client(context)
    persona = find_persona(api, persona_name)
    vectors = vectors_of_main_model(api.pages(f"{persona_path(persona)}/photos/vectors", "vectors"))
    clusters = find_clusters([photo_from_vector(vector) for vector in vectors], min_size=least, count=count)
    key = None
    if not dry_run and clusters:
        key = f"analyses/{persona['persona_id']}/themes-{datetime.now(UTC):%Y%m%dT%H%M%S}.jsonl"
        api.client("s3").put_object(Bucket=api.deployment.bucket, Key=key, Body=theme_labels(clusters))
    document = {
        "photos": len(vectors),
        "without_theme": len(vectors) - sum(len(each.photo_ids) for each in clusters),
        "themes": [{"name": each.name, "photos": len(each.photo_ids)} for each in clusters],
        "key": key,
    }
    rows = [(each.name, str(len(each.photo_ids)), ", ".join(common_words(each))) for each in clusters]
    empty = "The photos form no cluster; lower --least, or set --count."
    render.respond(document, lambda: render.table(("theme", "photos", "words"), rows, empty=empty), as_json=json_)


def _on_rejected(context: typer.Context, action: str, names: list[str], persona_name: str | None) -> Json:
    api = api_client(context)
    path = f"{persona_path(find_persona(api, persona_name))}/rejected"
    listed = list(api.pages(path, "rejected"))
    keys = [find_rejected(listed, name)["rejected_key"] for name in names]
    answers = [api.post(f"{path}/{action}", {"rejected_keys": batch}).body for batch in batches(keys, _BATCH)]
    return {"files": [file for answer in answers for file in answer["files"]]}


def _names(document: Json) -> str:
    return ", ".join(file["key"].rpartition("/")[2] for file in document["files"])


def _similar(groups: Iterable[Json], photo_id: str) -> list[Json]:
    own = (group["photos"] for group in groups if any(photo["photo_id"] == photo_id for photo in group["photos"]))
    return [photo for photos_ in own for photo in photos_ if photo["photo_id"] != photo_id]
