"""Tables of another publisher, read: what it posted, and what it knew of its photos. Columns are fluffy-train's, and
what others call the same."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shutterpost.console.imports.csv_files import BrokenTable
from shutterpost.photos import BrokenAnalysis, analysis_of, file_name

Row = Mapping[str, str]
_PHOTO = ("sha256", "path", "photo", "file", "filename", "file_name", "photo_path")
_IDS = ("provider_post_id", "external_post_id", "external_id", "instagram_post_id", "buffer_post_id")
_URLS = ("external_url", "permalink", "url")
# fluffy-train publishes at once and may leave a live post as `scheduled` without `posted_at`.
_WHEN = ("posted_at", "published_at", "scheduled_at", "updated_at", "created_at")
_OUT, _UNDER_WAY = {"posted", "published", "success"}, {"posting", "publishing", "processing"}
_SCORES = ("aesthetic_score", "sharpness_score", "exposure_score")


@dataclass
class ForeignRows:
    """The rows that count, with their numbers in the table (from 1), those that cannot be read, and what was left out
    with good reason, counted by it."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def history(file: Path, *, persona: str, folder: Path | None = None) -> ForeignRows:
    """What `persona` posted, by a table of posts: rows for the API's history, without their connection.

    A post is out where its status says so, or where it has the platform's id or the instant it went out; one that was
    under way when its publisher stopped is for a person to look at. Instants without an offset are UTC. Photos are
    named by the SHA-256 of the file at their path, where it lies there or in `folder`, else by file name. Raises
    `BrokenTable`.
    """
    read = ForeignRows()
    for number, row in _rows(file):
        status = row.get("status", "").lower()
        if row.get("persona", persona).casefold() != persona.casefold():
            read.left_out["of another persona"] += 1
        elif status in _UNDER_WAY and not _is_out(row):
            read.broken[number] = f"{status}: look whether it is out, and write posted or failed in its place"
        elif status and status not in _OUT and not _is_out(row):
            read.left_out[f"not out: {status}"] += 1
        else:
            try:
                read.rows[number] = _posted(row, folder)
            except ValueError as error:
                read.broken[number] = str(error)
    return read


def analyses(file: Path, *, persona: str, model: str, folder: Path | None = None) -> ForeignRows:
    """Analyses by a table of them, checked, as the import reads them; `model` made the vectors that name none.

    Rows without an aesthetic score are left out. Photos are named as in `history`. Raises `BrokenTable`.
    """
    read = ForeignRows()
    for number, row in _rows(file):
        if row.get("persona", persona).casefold() != persona.casefold():
            read.left_out["of another persona"] += 1
        elif not row.get("aesthetic_score"):
            read.left_out["without an aesthetic score"] += 1
        else:
            try:
                read.rows[number] = _analysis(row, model, folder)
            except (ValueError, BrokenAnalysis) as error:
                read.broken[number] = error.detail if isinstance(error, BrokenAnalysis) else str(error)
    return read


def _rows(file: Path) -> Iterator[tuple[int, Row]]:
    """Rows by number, with names of columns in lower case and cells without blanks around them."""
    table = csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline=""))
    try:
        if not any(_plain(name) in _PHOTO for name in table.fieldnames or ()):
            names = ", ".join(_PHOTO)
            raise BrokenTable(f"{file.name} has no column that names the photo: one of {names}.")
        for number, row in enumerate(table, start=1):
            yield number, {_plain(name): cell.strip() for name, cell in row.items() if isinstance(cell, str)}
    except csv.Error as error:
        raise BrokenTable(f"{file.name} cannot be read: {error}.") from error


def _is_out(row: Row) -> bool:
    return bool(_first(row, _IDS) or row.get("posted_at"))


def _posted(row: Row, folder: Path | None) -> dict[str, Any]:
    named = _photo(row, folder)
    told = {
        "photo": named.get("sha256") or named["photo"],
        "posted_at": _instant(_first(row, _WHEN)).isoformat(),
        "caption": row.get("caption", ""),
        "external_id": _first(row, _IDS),
        "external_url": _first(row, _URLS),
    }
    return {name: value for name, value in told.items() if value}


def _analysis(row: Row, model: str, folder: Path | None) -> dict[str, Any]:
    told: dict[str, Any] = _photo(row, folder)
    told |= {name: float(row[name]) for name in _SCORES if row.get(name)}
    objects = json.loads(row["detected_objects"]) if row.get("detected_objects") else None
    told["detected_objects"] = list(objects) if isinstance(objects, dict) else objects
    told["caption"] = row.get("caption")
    told["theme"] = row.get("theme") or row.get("cluster")
    if row.get("embedding"):
        told["embedding"] = [float(number) for number in json.loads(row["embedding"])]
        told["embedding_model"] = row.get("embedding_model") or model
    told = {name: value for name, value in told.items() if value not in (None, "", [])}
    analysis_of(told)
    return told


def _photo(row: Row, folder: Path | None) -> dict[str, Any]:
    """How the import knows the row's photo. Raises ValueError."""
    if row.get("sha256"):
        return {"sha256": row["sha256"].lower()}
    path = _first(row, _PHOTO)
    if not path:
        raise ValueError("it names no photo")
    for place in (Path(path), *([folder / path, folder / file_name(path)] if folder else [])):
        if place.is_absolute() or folder:
            digest = _digest(place)
            if digest:
                return {"sha256": digest}
    return {"photo": file_name(path)}


def _digest(file: Path) -> str | None:
    if not file.is_file():
        return None
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise ValueError(f"{text!r} does not tell when it went out") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _plain(name: str | None) -> str:
    return (name or "").strip().lower()
