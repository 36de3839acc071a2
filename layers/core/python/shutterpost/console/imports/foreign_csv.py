"""Reads CSV files of another publisher's posts and analyses, with the columns of fluffy-train and common aliases."""

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

from shutterpost.console.imports.csv_files import BrokenTable, read_text
from shutterpost.photos.analyses.analysis import BrokenAnalysis, analysis_of, file_name

Row = Mapping[str, str]
_PHOTO = ("sha256", "path", "photo", "file", "filename", "file_name", "photo_path")
_IDS = ("provider_post_id", "external_post_id", "external_id", "instagram_post_id", "buffer_post_id")
_URLS = ("external_url", "permalink", "url")
# fluffy-train publishes at once and may leave a live post as `scheduled` without `posted_at`.
_WHEN = ("posted_at", "published_at", "scheduled_at", "updated_at", "created_at")
_PUBLISHED, _PUBLISHING = {"posted", "published", "success"}, {"posting", "publishing", "processing"}
_SCORES = ("aesthetic_score", "sharpness_score", "exposure_score")


@dataclass
class ForeignRows:
    """Usable rows by number (from 1), broken rows with the error, and counts of the rows left out by reason."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    broken: dict[int, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def read_history(file: Path, *, persona: str, folder: Path | None = None) -> ForeignRows:
    """The posts of `persona` as rows for the API's history, without their connection.

    A post counts as published by its status, or if it has the platform's id or a publish time; one that was being
    published is broken, as an operator must check it. Times without an offset are UTC. A photo is identified by the
    SHA-256 of the file at its path or in `folder`, else by file name. Raises `BrokenTable`.
    """
    result = ForeignRows()
    for number, row in _rows(file):
        status = row.get("status", "").lower()
        if row.get("persona", persona).casefold() != persona.casefold():
            result.left_out["of another persona"] += 1
        elif status in _PUBLISHING and not _is_published(row):
            result.broken[number] = f"{status}: check whether it is live, and replace it with posted or failed"
        elif status and status not in _PUBLISHED and not _is_published(row):
            result.left_out[f"not published: {status}"] += 1
        else:
            try:
                result.rows[number] = _posted(row, folder)
            except ValueError as error:
                result.broken[number] = str(error)
    return result


def read_analyses(file: Path, *, persona: str, model: str, folder: Path | None = None) -> ForeignRows:
    """Validated analyses of `persona`; `model` is the model of vectors that name none.

    Rows without an aesthetic score are left out. Photos are identified as in `read_history`. Raises `BrokenTable`.
    """
    result = ForeignRows()
    for number, row in _rows(file):
        if row.get("persona", persona).casefold() != persona.casefold():
            result.left_out["of another persona"] += 1
        elif not row.get("aesthetic_score"):
            result.left_out["without an aesthetic score"] += 1
        else:
            try:
                result.rows[number] = _analysis(row, model, folder)
            except (ValueError, BrokenAnalysis) as error:
                result.broken[number] = error.detail if isinstance(error, BrokenAnalysis) else str(error)
    return result


def _rows(file: Path) -> Iterator[tuple[int, Row]]:
    table = csv.DictReader(io.StringIO(read_text(file), newline=""))
    try:
        if not any(_plain(name) in _PHOTO for name in table.fieldnames or ()):
            names = ", ".join(_PHOTO)
            raise BrokenTable(f"{file.name} has no photo column; use one of {names}.")
        for number, row in enumerate(table, start=1):
            yield number, {_plain(name): cell.strip() for name, cell in row.items() if isinstance(cell, str)}
    except csv.Error as error:
        raise BrokenTable(f"{file.name} cannot be read: {error}.") from error


def _is_published(row: Row) -> bool:
    return bool(_first(row, _IDS) or row.get("posted_at"))


def _posted(row: Row, folder: Path | None) -> dict[str, Any]:
    named = _photo(row, folder)
    values = {
        "photo": named.get("sha256") or named["photo"],
        "posted_at": _instant(_first(row, _WHEN)).isoformat(),
        "caption": row.get("caption", ""),
        "external_id": _first(row, _IDS),
        "external_url": _first(row, _URLS),
    }
    return {name: value for name, value in values.items() if value}


def _analysis(row: Row, model: str, folder: Path | None) -> dict[str, Any]:
    values: dict[str, Any] = _photo(row, folder)
    values |= {name: float(row[name]) for name in _SCORES if row.get(name)}
    objects = json.loads(row["detected_objects"]) if row.get("detected_objects") else None
    values["detected_objects"] = list(objects) if isinstance(objects, dict) else objects
    values["caption"] = row.get("caption")
    values["theme"] = row.get("theme") or row.get("cluster")
    if row.get("embedding"):
        values["embedding"] = [float(number) for number in json.loads(row["embedding"])]
        values["embedding_model"] = row.get("embedding_model") or model
    values = {name: value for name, value in values.items() if value not in (None, "", [])}
    analysis_of(values)
    return values


def _photo(row: Row, folder: Path | None) -> dict[str, Any]:
    if row.get("sha256"):
        return {"sha256": row["sha256"].lower()}
    path = _first(row, _PHOTO)
    if not path:
        raise ValueError("no photo is named")
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
        instant = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        raise ValueError(f"{text!r} is no publish time") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _first(row: Row, names: tuple[str, ...]) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _plain(name: str | None) -> str:
    return (name or "").strip().lower()
