"""Conversion of wall-clock slots to instants. Pure."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.personas.persona import Persona, Slot, Weekday
from shutterpost.runtime.values import Value, WallTime

_DAY = timedelta(days=1)
# A zone can change by a whole day (Samoa, 2011), so a wall date can differ that much from its UTC date.
_REACH = timedelta(days=2)


class SlotInstant(Value):
    """A slot on a date: its instant (UTC), and its naive wall time in `zone`."""

    run_at: datetime
    wall_time: WallTime
    zone: str


def coming_slots(persona: Persona, after: datetime, until: datetime) -> list[SlotInstant]:
    """`persona`'s slots with `after < run_at <= until` (aware), earliest first, without blackout dates.

    A wall time in a DST gap gives the first instant after it, an ambiguous one its first. Jitter moves the wall time.
    """
    zone = ZoneInfo(persona.zone)
    slots: dict[datetime, SlotInstant] = {}
    for day in _days(after, until):
        for slot in persona.slots:
            if not _falls_on(slot, day):
                continue
            wall = _with_jitter(persona, datetime.combine(day, slot.at))
            if wall.date() in persona.blackout_dates:
                continue
            run_at = instant_of(wall, zone)
            if after < run_at <= until:
                slots.setdefault(run_at, SlotInstant(run_at=run_at, wall_time=wall, zone=persona.zone))
    return [slots[run_at] for run_at in sorted(slots)]


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of the naive `wall` time in `zone`; DST gaps and folds as in `coming_slots`."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_between(before, instant, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def _with_jitter(persona: Persona, wall: datetime) -> datetime:
    digest = hashlib.sha256("\n".join((persona.persona_id, wall.isoformat())).encode()).digest()
    return wall + timedelta(seconds=int.from_bytes(digest[:8]) % (60 * persona.jitter_minutes + 1))


def _days(after: datetime, until: datetime) -> Iterator[date]:
    day, last = (after.astimezone(UTC) - _REACH).date(), (until.astimezone(UTC) + _REACH).date()
    while day <= last:
        yield day
        day += _DAY


def _falls_on(slot: Slot, day: date) -> bool:
    return slot.weekdays == "daily" or tuple(Weekday)[day.weekday()] in slot.weekdays
