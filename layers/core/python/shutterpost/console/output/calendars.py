"""A week and a month on a terminal."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shutterpost.console import Json
from shutterpost.console.output import render
from shutterpost.console.output.holds import held_because
from shutterpost.console.output.post_texts import name_of

MARKS = {
    "success": "✓",
    "failed": "✗",
    "unknown": "?",
    "cancelled": "−",
    "skipped": "−",
    "pending": "…",
    "queued": "·",
    "processing": "»",
}
HELD = "‖"
LEGEND = (
    "✓ posted   · queued   ‖ held   » processing   … awaiting review   ? unknown   ✗ failed   − cancelled or skipped"
)
_STYLES = {"success": "green", "failed": "red", "unknown": "red", "pending": "yellow"}


def week_table(entries: Iterable[Json], first: date, persona: Json) -> None:
    """Print a week with one line per schedule, empty days included."""
    from rich.table import Table
    from rich.text import Text

    entries = list(entries)
    held = ("held because",) if any(entry["held"] for entry in entries) else ()
    table = Table(
        "day", "at", "", "channel", "photo", "what", "post", *held, box=None, pad_edge=False, title_justify="left"
    )
    table.title = f"{persona['name']}, week of {first:%d %b %Y} ({persona['zone']})"
    by_day = _by_day(entries)
    for number in range(7):
        day = first + timedelta(days=number)
        for index, entry in enumerate(by_day.get(day) or (None,)):
            name = f"{day:%a %d %b}" if index == 0 else ""
            if entry is None:
                table.add_row(name)
                continue
            mark = Text(_mark(entry), style=_STYLES.get(entry["status"], ""))
            what = render.shorten(entry["title"] or entry["caption"])
            table.add_row(
                name,
                f"{_local(entry):%H:%M}",
                mark,
                entry["channel"],
                name_of(entry),
                what,
                entry["post_id"],
                *([held_because([entry])] if held else []),
            )
    render.out().print(table)
    render.line(LEGEND, style="dim")


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


def _mark(entry: Json) -> str:
    return HELD if entry["held"] else MARKS[entry["status"]]


def _by_day(entries: Iterable[Json]) -> dict[date, list[Json]]:
    by_day: dict[date, list[Json]] = defaultdict(list)
    for entry in entries:
        by_day[_local(entry).date()].append(entry)
    return by_day


def _local(entry: Json) -> datetime:
    return datetime.fromisoformat(entry["local_time"])
