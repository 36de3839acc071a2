"""A week and a month on a terminal."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from shutterpost.console import Json
from shutterpost.console.output import render
from shutterpost.console.output.holds import held_because
from shutterpost.console.output.post_texts import name_of, short_id, where_of

MARKS = {
    "success": "✓",
    "failed": "✗",
    "unknown": "?",
    "cancelled": "−",
    "skipped": "−",
    "pending": "…",
    "queued": "·",
    "processing": "»",
    "foreseen": "○",
}
HELD = "‖"
LEGEND = (
    "✓ posted   · queued   ‖ held   » processing   … awaiting review   ? unknown   ✗ failed   − cancelled or skipped"
    "   ○ foreseen for the slot, not picked yet"
)
_WEEK_COLUMNS = ("day", "at", "", "channel", "photo", "what", "post", "held because")
_STYLES = {"success": "green", "failed": "red", "unknown": "red", "pending": "yellow", "foreseen": "dim"}


def week_table(entries: Iterable[Json], first: date, persona: Json) -> None:
    """Print a week with one line per schedule, empty days included."""
    by_day = _by_day(entries)
    rows: list[Sequence[str]] = []
    for number in range(7):
        day = first + timedelta(days=number)
        for index, entry in enumerate(by_day.get(day) or (None,)):
            name = f"{day:%a %d %b}" if index == 0 else ""
            rows.append((name, *_cells(entry)) if entry else (name, *[""] * (len(_WEEK_COLUMNS) - 1)))
    title = f"{persona['name']}, week of {first:%d %b %Y} ({persona['zone']})"
    styles = {mark: _STYLES[status] for status, mark in MARKS.items() if status in _STYLES}
    render.table(_WEEK_COLUMNS, rows, title=title, styles=styles)
    render.line(LEGEND, style="dim")


def _cells(entry: Json) -> tuple[str, ...]:
    return (
        f"{_local(entry):%H:%M}",
        _mark(entry),
        where_of(entry),
        name_of(entry),
        entry["title"] or entry["caption"],
        short_id(entry["post_id"]),
        held_because([entry]),
    )


def month_table(entries: Iterable[Json], first: date, persona: Json) -> None:
    """Print a month as a grid: each day with its times and their status marks."""
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    table = Table(*names, box=SIMPLE, show_lines=True, title_justify="left")
    table.title = f"{persona['name']}, {first:%B %Y} ({persona['zone']})"
    by_day = _by_day(entries)
    for week in Calendar().monthdatescalendar(first.year, first.month):
        cells = []
        for day in week:
            cell = Text(f"{day.day:>2}" if day.month == first.month else "")
            for entry in by_day.get(day, ()):
                style = _STYLES.get(entry["status"], "")
                cell.append(f"\n{_local(entry):%H:%M}{_mark(entry)}", style=style)
            cells.append(cell)
        table.add_row(*cells)
    render.out().print(table)
    render.line(LEGEND, style="dim")


def foreseen_entry(slot: Json) -> Json:
    name = slot["name"] or "no photo"
    empty: Json = {"channel": "", "post_id": "", "photo_ids": [], "title": None, "held": None}
    what = slot["theme"] if slot["photo_id"] else slot["reason"]
    return {**empty, "status": "foreseen", "local_time": slot["local_time"], "photo_names": [name], "caption": what}


def _mark(entry: Json) -> str:
    return HELD if entry["held"] else MARKS[entry["status"]]


def _by_day(entries: Iterable[Json]) -> dict[date, list[Json]]:
    by_day: dict[date, list[Json]] = defaultdict(list)
    for entry in entries:
        by_day[_local(entry).date()].append(entry)
    for day in by_day.values():
        day.sort(key=_local)
    return by_day


def _local(entry: Json) -> datetime:
    return datetime.fromisoformat(entry["local_time"])
