"""From wall-clock slots to instants; pure, over `zoneinfo`."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.personas.persona import Persona, Slot, Weekday
from shutterpost.runtime.values import Value, WallTime

_DAY = timedelta(days=1)
# Zones have moved by up to a whole day (Samoa, 2011), so a wall date may lie that far from its UTC date.
_REACH = timedelta(days=2)


class SlotInstant(Value):
    """One coming slot: the instant (UTC), and the wall time (naive, as written) and zone that were meant."""

    run_at: datetime
    wall_time: WallTime
    zone: str


def coming_slots(persona: Persona, after: datetime, until: datetime) -> list[SlotInstant]:
    """`persona`'s slots with `after < run_at <= until` (aware), earliest first, without blackout dates.

    A wall time in a gap becomes the first instant after it; a wall time that occurs twice, the first of the two. Jitter
    moves the wall time. Slots of a paused persona are included.
    """
    zone = ZoneInfo(persona.zone)
    found: dict[datetime, SlotInstant] = {}
    for day in _days(after, until):
        for slot in persona.slots:
            if not _falls_on(slot, day):
                continue
            wall = _put_off(persona, datetime.combine(day, slot.at))
            if wall.date() in persona.blackout_dates:
                continue
            run_at = instant_of(wall, zone)
            if after < run_at <= until:
                found.setdefault(run_at, SlotInstant(run_at=run_at, wall_time=wall, zone=persona.zone))
    return [found[run_at] for run_at in sorted(found)]


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) meant by the naive `wall` time in `zone`; gaps and folds as in `coming_slots`."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_between(before, instant, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first whole second in (before, after] that has `after`'s offset."""
    offset = after.astimezone(zone).utcoffset()
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return before + timedelta(seconds=high)


def _put_off(persona: Persona, wall: datetime) -> datetime:
    """`wall` with the persona's jitter, which its id and the slot alone decide."""
    digest = hashlib.sha256("\n".join((persona.persona_id, wall.isoformat())).encode()).digest()
    return wall + timedelta(seconds=int.from_bytes(digest[:8]) % (60 * persona.jitter_minutes + 1))


def _days(after: datetime, until: datetime) -> Iterator[date]:
    day, last = (after.astimezone(UTC) - _REACH).date(), (until.astimezone(UTC) + _REACH).date()
    while day <= last:
        yield day
        day += _DAY


def _falls_on(slot: Slot, day: date) -> bool:
    return slot.weekdays == "daily" or tuple(Weekday)[day.weekday()] in slot.weekdays
