"""A week and a month on a terminal."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shutterpost.console.client.arguments import Json
from shutterpost.console.output import render

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
LEGEND = "✓ out   · to go out   » under way   … waits for you   ? unknown   ✗ failed   − cancelled or skipped"
_STYLES = {"success": "green", "failed": "red", "unknown": "red", "pending": "yellow"}


def week_table(entries: Iterable[Json], first: date, persona: Json) -> None:
    """A week, one line to a schedule, the days without one too."""
    from rich.table import Table
    from rich.text import Text

    table = Table("day", "at", "", "where", "what", "post", box=None, pad_edge=False, title_justify="left")
    table.title = f"{persona['name']}, week of {first:%d %b %Y} ({persona['zone']})"
    by_day = _by_day(entries)
    for number in range(7):
        day = first + timedelta(days=number)
        for place, one in enumerate(by_day.get(day) or (None,)):
            name = f"{day:%a %d %b}" if place == 0 else ""
            if one is None:
                table.add_row(name, *[""] * 5)
                continue
            mark = Text(MARKS[one["status"]], style=_STYLES.get(one["status"], ""))
            what = render.shortened(one["title"] or one["caption"])
            table.add_row(name, f"{_local(one):%H:%M}", mark, one["channel"], what, one["post_id"])
    render.out().print(table)
    render.say(LEGEND, style="dim")


def month_table(entries: Iterable[Json], first: date, persona: Json) -> None:
    """A month as a sheet: in each day the times, with what became of them."""
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
            for one in by_day.get(day, ()):
                style = _STYLES.get(one["status"], "")
                cell.append(f"\n{_local(one):%H:%M}{MARKS[one['status']]}", style=style)
            cells.append(cell)
        table.add_row(*cells)
    render.out().print(table)
    render.say(LEGEND, style="dim")


def _by_day(entries: Iterable[Json]) -> dict[date, list[Json]]:
    found: dict[date, list[Json]] = defaultdict(list)
    for one in entries:
        found[_local(one).date()].append(one)
    return found


def _local(entry: Json) -> datetime:
    return datetime.fromisoformat(entry["local_time"])
