"""Captions and tags in, the library out: CSV, JSON and JSON lines."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from shutterpost.photos import BrokenAnalysis, annotation_of
from shutterpost.runtime.refusals import Invalid

COLUMNS = ("photo", "sha256", "caption", "keywords", "rating", "credit")
EXPORTED: tuple[str, ...] = (
    "photo_id",
    "names",
    "caption",
    "caption_source",
    "keywords",
    "rating",
    "credit",
    "score",
    "provisional",
)
EXPORTED += ("captured_at", "camera", "width", "height", "format", "alt_text", "withheld", "in_unposted", "taken_by")
_SEPARATED = re.compile(r"\s*[;,|]\s*")


class BrokenTable(Invalid):
    """A file of captions and tags that cannot be used; `members["line"]` is the row, where known."""

    kind = "broken-table"


def annotations(file: Path) -> list[dict[str, Any]]:
    """The rows of a CSV (with a header), JSON or JSON-lines file as annotations. Raises `BrokenTable`.

    Columns are those of `COLUMNS` in any order; `tags` and `file` are other words for keywords and photo. In a CSV
    keywords are separated by semicolons, commas or bars.
    """
    return [_checked(number, row) for number, row in enumerate(_rows(file), start=1)]


def lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """Annotations as the file the import reads."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write_photos(photos: Iterable[dict[str, Any]], out: TextIO, *, as_csv: bool) -> int:
    """Write photos one after the other, as CSV or as JSON lines; how many."""
    count = 0
    writer = csv.writer(out)
    if as_csv:
        writer.writerow(EXPORTED)
    for photo in photos:
        count += 1
        if as_csv:
            writer.writerow([_cell(photo[name]) for name in EXPORTED])
        else:
            out.write(json.dumps(photo, ensure_ascii=False) + "\n")
    return count


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    text = file.read_text("utf-8-sig")
    try:
        if file.suffix.lower() == ".csv":
            yield from csv.DictReader(text.splitlines(keepends=True))
        elif file.suffix.lower() == ".json":
            told = json.loads(text)
            yield from told if isinstance(told, list) else [told]
        else:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except (ValueError, csv.Error) as error:
        raise BrokenTable(f"{file.name} cannot be read: {error}.") from error


def _checked(number: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BrokenTable(f"Row {number} is no object with named fields.", line=number)
    named = {{"tags": "keywords", "file": "photo"}.get(str(name), str(name)): value for name, value in row.items()}
    fields = {name: named[name] for name in COLUMNS if named.get(name) not in (None, "")}
    if isinstance(fields.get("keywords"), str):
        fields["keywords"] = [word for word in _SEPARATED.split(fields["keywords"].strip()) if word]
    if isinstance(fields.get("rating"), str) and re.fullmatch(r"-?\d", fields["rating"].strip()):
        fields["rating"] = int(fields["rating"])
    try:
        annotation = annotation_of(fields)
    except BrokenAnalysis as refusal:
        raise BrokenTable(f"Row {number}: {refusal.detail}", line=number) from refusal
    # Told with its keywords even where there are none, by which the import knows it for an annotation.
    return {"keywords": [], **annotation.model_dump(exclude_defaults=True)}


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
