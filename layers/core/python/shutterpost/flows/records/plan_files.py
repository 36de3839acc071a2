"""Plans as tables: what a persona is to post, as rows to take elsewhere, edit and bring back; JSON or CSV."""

import csv
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.post_photo import PhotoRequest, post_photo
from shutterpost.personas import Persona, instant_of
from shutterpost.runtime.refusals import Invalid, Refusal
from shutterpost.runtime.values import Value
from shutterpost.scheduling import PostDetails, Schedule

MAX_ROWS = 100
COLUMNS = tuple(PhotoRequest.model_fields)
# Several of them stand in one cell, separated by spaces.
_LISTS = ("connection_ids", "tags")


class PlanMalformed(Invalid):
    """The table cannot be read."""

    kind = "plan-malformed"


class PlanTooLong(Invalid):
    """There are more rows than one request carries."""

    kind = "plan-too-long"


class PlannedRow(Value):
    """What became of one row (from 1): the post it opened or found, or why it was refused."""

    row: int
    post_id: str | None = None
    kind: str | None = None
    detail: str | None = None


def import_plan(
    scheduler: PostCreator, persona: Persona, rows: Sequence[PhotoRequest], *, dry_run: bool
) -> tuple[PlannedRow, ...]:
    """Open a post per row; a row that was brought before finds its post. A row refused keeps no other back.

    With `dry_run` everything is checked and nothing written.
    """
    return tuple(_plan(scheduler, persona, number, row, dry_run=dry_run) for number, row in enumerate(rows, start=1))


def export_plan(scheduler: PostCreator, persona: Persona, start: datetime, end: datetime) -> tuple[PhotoRequest, ...]:
    """What is to go out with `start <= run_at < end`, one row per post and time. Raises `PlanTooLong`."""
    found = scheduler.schedules.between(persona.persona_id, start, end)
    waiting = sorted((one for one in found if one.is_open and one.run_at < end), key=_row_key)
    groups = [list(together) for _, together in groupby(waiting, key=_row_key)]
    if len(groups) > MAX_ROWS:
        raise PlanTooLong(f"There are {len(groups)} rows, and one answer has {MAX_ROWS}; narrow the range.", field="to")
    return tuple(_row(scheduler.posts.details(group[0].post_id), group) for group in groups)


def to_csv(rows: Iterable[PhotoRequest]) -> str:
    """`rows` as CSV (RFC 4180) with a head of `COLUMNS`; lists are separated by spaces, what is absent is empty."""
    text = StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for row in rows:
        cells = row.model_dump(mode="json")
        table.writerow(cells | {name: " ".join(cells[name]) for name in _LISTS})
    return text.getvalue()


def from_csv(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV table with any of `COLUMNS`, without empty cells. Raises `PlanMalformed` or `PlanTooLong`."""
    return list(_cells(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)))


def _cells(table: "csv.DictReader[str]") -> Iterator[dict[str, Any]]:
    try:
        strange = sorted(set(table.fieldnames or ()) - set(COLUMNS))
        if strange or not table.fieldnames:
            raise PlanMalformed(f"The first line names the columns, any of: {', '.join(COLUMNS)}.", field="columns")
        for number, row in enumerate(table, start=1):
            if number > MAX_ROWS:
                raise PlanTooLong(f"One request brings up to {MAX_ROWS} rows; send the rest in another.", field="rows")
            if None in row:
                raise PlanMalformed(f"Row {number} has more cells than there are columns.", field=f"rows.{number}")
            filled = {name: cell for name, cell in row.items() if cell}
            yield filled | {name: filled[name].split() for name in _LISTS if name in filled}
    except csv.Error as error:
        raise PlanMalformed(f"Line {table.line_num} is no CSV: {error}.", field="rows") from None


def _plan(scheduler: PostCreator, persona: Persona, number: int, row: PhotoRequest, *, dry_run: bool) -> PlannedRow:
    request_key = "plan#" + hashlib.sha256(row.model_dump_json().encode()).hexdigest()[:16]
    try:
        details = post_photo(scheduler, persona, row, request_key=request_key, dry_run=dry_run)
    except Refusal as refusal:
        return PlannedRow(row=number, kind=refusal.kind, detail=refusal.detail)
    return PlannedRow(row=number, post_id=details.post.post_id)


def _row_key(schedule: Schedule) -> tuple[datetime, str]:
    return schedule.run_at, schedule.post_id


def _row(details: PostDetails, together: Sequence[Schedule]) -> PhotoRequest:
    post, first = details.post, together[0]
    wall = datetime.fromisoformat(first.wall_time)
    # A wall time that comes twice means the first; the second can only be told by its instant.
    tells = instant_of(wall, ZoneInfo(first.zone)) == first.run_at
    return PhotoRequest(
        photo=post.photo_ids[0],
        connection_ids=tuple(sorted(one.connection_id for one in together)),
        at=wall if tells else first.run_at,
        zone=first.zone,
        caption=post.base_caption,
        tags=post.tags,
        alt_text=next((one.alt_text for one in details.variants if one.alt_text), None),
        title=post.title,
        cycle=post.cycle,
    )
