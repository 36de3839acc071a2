"""The picture of a persona's year: a calendar of squares, a week a column, as SVG."""

from datetime import date, timedelta
from html import escape

from tests.year.report import PersonaYear, SlotEnd, by_day

CELL, LEFT, TOP = 14, 36, 40
WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
COLOURS = {"posted": "#2f7d4f", "partly": "#9ccf9f", "empty": "#e3a857", "unexplained": "#c0392b"}
MEANINGS = {"posted": "all posted", "partly": "partly", "empty": "empty, explained", "unexplained": "unexplained"}


def svg(year: PersonaYear) -> str:
    """The calendar; each square names its slots and reasons."""
    days = by_day(year)
    first = min(days) - timedelta(days=min(days).weekday())
    width = LEFT + ((max(days) - first).days // 7 + 1) * CELL + 10
    height = TOP + 7 * CELL + 30
    title = f"{year.persona.name}: {year.posted} of {len(year.slots)} slots posted, {min(days)} to {max(days)}"
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="9">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="14" font-size="12">{escape(title)}</text>',
        *(f'<text x="4" y="{TOP + row * CELL + 10}">{name}</text>' for row, name in enumerate(WEEKDAYS) if name),
    ]
    month = 0
    for day in sorted(days):
        column = (day - first).days // 7
        if day.month != month and day.day <= 7:
            month = day.month
            parts.append(f'<text x="{LEFT + column * CELL}" y="{TOP - 6}">{day:%b}</text>')
        parts.append(_square(day, days[day], column))
    for number, (kind, colour) in enumerate(COLOURS.items()):
        left, top = LEFT + number * 110, TOP + 7 * CELL + 10
        parts.append(f'<rect x="{left}" y="{top}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{left + 14}" y="{top + 9}">{MEANINGS[kind]}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _square(day: date, slots: list[SlotEnd], column: int) -> str:
    left, top = LEFT + column * CELL, TOP + day.weekday() * CELL
    title = "; ".join("posted" if slot.posted else slot.reason or "unexplained" for slot in slots)
    return (
        f'<rect x="{left}" y="{top}" width="{CELL - 2}" height="{CELL - 2}" rx="2" fill="{COLOURS[kind_of(slots)]}">'
        f"<title>{day}: {escape(title)}</title></rect>"
    )


def kind_of(slots: list[SlotEnd]) -> str:
    """How a day is coloured."""
    if any(not slot.posted and not slot.reason for slot in slots):
        return "unexplained"
    if all(slot.posted for slot in slots):
        return "posted"
    return "partly" if any(slot.posted for slot in slots) else "empty"
