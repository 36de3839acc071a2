"""Plan files: a persona's planned posts as rows of JSON or CSV, to export, edit and import."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona, instant_of
from shutterpost.runtime.refusals import Invalid
from shutterpost.runtime.values import Extras
from shutterpost.scheduling import PostDetails, Posts, Schedule, Schedules

MAX_ROWS = 100
# Columns whose cells hold several values, separated by spaces.
_LISTS = ("with_photos", "connection_ids", "hashtags", "tags")


class PlanMalformed(Invalid):
    """The table cannot be read."""

    kind = "plan-malformed"


class PlanTooLong(Invalid):
    """There are more rows than a request may have."""

    kind = "plan-too-long"


class PlanRow(PhotoRequest):
    """A row of a plan: a photo to post, or with `post_id` a planned post, as exported and perhaps edited."""

    post_id: str | None = Field(default=None, max_length=64)


COLUMNS = tuple(name for name in PlanRow.model_fields if name not in {"metadata", "extras"})


def export_plan(
    schedules: Schedules, posts: Posts, persona: Persona, window: tuple[datetime, datetime]
) -> tuple[PlanRow, ...]:
    """The open schedules with `start <= run_at < end` of `window`, one row per post and time. Raises `PlanTooLong`."""
    planned = schedules.between(persona.persona_id, *window)
    waiting = sorted((item for item in planned if item.is_open and item.run_at < window[1]), key=_row_key)
    groups = [list(group) for _, group in groupby(waiting, key=_row_key)]
    if len(groups) > MAX_ROWS:
        raise PlanTooLong(f"The plan has {len(groups)} rows, more than {MAX_ROWS}; narrow the range.", field="to")
    return tuple(row_of(posts.details(group[0].post_id), group) for group in groups)


def to_csv(rows: Iterable[PlanRow]) -> str:
    """`rows` as CSV (RFC 4180) with a header of `COLUMNS`; lists are separated by spaces, absent values are empty."""
    text = StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS)
    table.writeheader()
    for row in rows:
        cells = row.model_dump(mode="json", include=set(COLUMNS))
        table.writerow(cells | {name: " ".join(cells[name]) for name in _LISTS})
    return text.getvalue()


def from_csv(text: str) -> list[dict[str, Any]]:
    """The rows of a CSV table with any of `COLUMNS`, without empty cells. Raises `PlanMalformed` or `PlanTooLong`."""
    return list(_cells(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)))


def _cells(table: "csv.DictReader[str]") -> Iterator[dict[str, Any]]:
    try:
        unknown = sorted(set(table.fieldnames or ()) - set(COLUMNS))
        if unknown or not table.fieldnames:
            raise PlanMalformed(f"The first line names the columns, any of: {', '.join(COLUMNS)}.", field="columns")
        for number, row in enumerate(table, start=1):
            if number > MAX_ROWS:
                raise PlanTooLong(f"A request has at most {MAX_ROWS} rows; send the rest in another.", field="rows")
            if None in row:
                raise PlanMalformed(f"Row {number} has more cells than there are columns.", field=f"rows.{number}")
            filled = {name: cell for name, cell in row.items() if cell}
            yield filled | {name: filled[name].split() for name in _LISTS if name in filled}
    except csv.Error as error:
        raise PlanMalformed(f"Line {table.line_num} is not valid CSV: {error}.", field="rows") from None


def _row_key(schedule: Schedule) -> tuple[datetime, str]:
    return schedule.run_at, schedule.post_id


def row_of(details: PostDetails, schedules: Sequence[Schedule]) -> PlanRow:
    """The row of a post's schedules that have one time."""
    post, first = details.post, schedules[0]
    wall = datetime.fromisoformat(first.wall_time)
    # A repeated wall time means the first of its two instants; the second is exported as an instant.
    unambiguous = instant_of(wall, ZoneInfo(first.zone)) == first.run_at
    return PlanRow(
        post_id=post.post_id,
        photo=next(iter(post.photo_ids), None),
        with_photos=post.photo_ids[1:],
        connection_ids=tuple(sorted(schedule.connection_id for schedule in schedules)),
        at=wall if unambiguous else first.run_at,
        zone=first.zone,
        caption=post.base_caption,
        hashtags=post.hashtags,
        tags=post.tags,
        metadata=post.metadata,
        extras=post.extras or Extras(),
        language=post.language,
        alt_text=next((variant.alt_text for variant in details.variants if variant.alt_text), None),
        title=post.title,
        cycle=post.cycle,
    )
