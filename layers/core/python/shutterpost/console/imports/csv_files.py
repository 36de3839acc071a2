"""Reads annotations and writes the library as CSV, JSON and JSON lines."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from shutterpost.photos.analyses.analysis import BrokenAnalysis
from shutterpost.photos.metadata.statements import annotation_of
from shutterpost.runtime.refusals import Invalid

COLUMNS = ("photo", "sha256", "caption", "keywords", "rating", "credit", "alt_text")
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
    """A file that cannot be read; `members["line"]` is the row, if known."""

    kind = "broken-table"


def read_annotations(file: Path) -> list[dict[str, Any]]:
    """The rows of a CSV (with a header), JSON or JSON-lines file as annotations. Raises `BrokenTable`.

    Columns are those of `COLUMNS` in any order; `tags` and `file` are aliases of keywords and photo. In a CSV,
    semicolons, commas or bars separate keywords.
    """
    return [_annotation(number, row) for number, row in enumerate(_rows(file), start=1)]


def read_vector(file: Path) -> dict[str, Any]:
    """The model and the vector of a JSON file. Raises `BrokenTable`."""
    rows = list(_rows(file))
    if len(rows) != 1 or not isinstance(rows[0], dict) or not {"model", "vector"} <= rows[0].keys():
        raise BrokenTable(f'{file.name} has no vector; write {{"model": "NAME", "vector": [0.1, …]}}.')
    return {name: rows[0][name] for name in ("model", "vector")}


def json_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write_photos(photos: Iterable[dict[str, Any]], out: TextIO, *, as_csv: bool) -> int:
    """Write photos as CSV or JSON lines; returns the count."""
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


def read_text(file: Path) -> str:
    """The text of a UTF-8 file. Raises `BrokenTable`."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BrokenTable(f"{file.name} is no text file in UTF-8.") from error


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    text = read_text(file)
    try:
        if file.suffix.lower() == ".csv":
            yield from csv.DictReader(text.splitlines(keepends=True))
        elif file.suffix.lower() == ".json":
            document = json.loads(text)
            yield from document if isinstance(document, list) else [document]
        else:
            yield from (json.loads(line) for line in text.splitlines() if line.strip())
    except (ValueError, csv.Error, RecursionError) as error:
        raise BrokenTable(f"{file.name} cannot be read: {error}.") from error


def _annotation(number: int, row: Any) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise BrokenTable(f"Row {number} is no JSON object.", line=number)
    named = {{"tags": "keywords", "file": "photo"}.get(str(name), str(name)): value for name, value in row.items()}
    fields = {name: named[name] for name in COLUMNS if named.get(name) not in (None, "")}
    if isinstance(fields.get("keywords"), str):
        fields["keywords"] = [keyword for keyword in _SEPARATED.split(fields["keywords"].strip()) if keyword]
    if isinstance(fields.get("rating"), str) and re.fullmatch(r"-?\d", fields["rating"].strip()):
        fields["rating"] = int(fields["rating"])
    try:
        annotation = annotation_of(fields)
    except BrokenAnalysis as refusal:
        raise BrokenTable(f"Row {number}: {refusal.detail}", line=number) from refusal
    # The import recognises an annotation by its keywords, so they are written even if empty.
    return {"keywords": [], **annotation.model_dump(exclude_defaults=True)}


def _cell(value: Any) -> Any:
    return "; ".join(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
