"""What a wall time means in a zone, found out by going through the minutes: the oracle for slot resolution.

Shares nothing with the resolution under test but the zone database, and asks that only which wall time an instant
shows. All changes of clocks from 2025 to 2030 lie on whole minutes, so that whole minutes show all there is.
"""

import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from shutterpost.personas import instant_of

FIRST, LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# How far around a change wall times are tried, and how far their instants are looked for.
AROUND, WITHIN = 4, 30
Change = tuple[datetime, timedelta, timedelta]


@lru_cache
def zones() -> tuple[str, ...]:
    """Every IANA zone of the database, aliases too."""
    return tuple(sorted(zoneinfo.available_timezones() - {"localtime"}))


def changes(zone: str) -> tuple[Change, ...]:
    """Each change of the zone's clocks: its first minute (UTC), and the offsets before and after it."""
    known, zone_infos, at, before = ZoneInfo(zone), [], FIRST, _offset(FIRST, ZoneInfo(zone))
    while at < LAST:
        following = at + 24 * HOUR
        after = _offset(following, known)
        if after != before:
            minute = next(m for m in range(24 * 60 + 1) if _offset(at + m * MINUTE, known) != before)
            zone_infos.append((at + minute * MINUTE, before, after))
        at, before = following, after
    return tuple(zone_infos)


def differences(zone: str, *, every_minutes: int = 1) -> Iterator[str]:
    """Wall times around the changes of `zone` that are resolved otherwise than counting says, and a second on each side
    of the gap or fold; zones without a change are tried on one day."""
    for change in changes(zone) or ((FIRST, _offset(FIRST, ZoneInfo(zone)), _offset(FIRST, ZoneInfo(zone))),):
        at, before, after = change
        first_wall = (at + min(before, after)).replace(tzinfo=None) - AROUND * HOUR
        minutes = range(0, 2 * AROUND * 60 + int(abs(after - before) / MINUTE), every_minutes)
        edges = [
            (at + offset).replace(tzinfo=None) + timedelta(seconds=s) for offset in (before, after) for s in (-1, 0, 1)
        ]
        for wall in [*(first_wall + minute * MINUTE for minute in minutes), *edges]:
            meant, counted = instant_of(wall, ZoneInfo(zone)), _counted(wall, change)
            if meant != counted:
                yield f"{zone}: {wall} is {meant}, counted {counted}"


def _counted(wall: datetime, change: Change) -> datetime:
    """The first instant that shows `wall`, or where none does the first that shows more."""
    minute, seconds = wall.replace(second=0), timedelta(seconds=wall.second)
    shown, highest = _shown(change)
    if minute in shown:
        return shown[minute] + seconds
    later = bisect_left(highest, minute, key=lambda pair: pair[0])
    return highest[later][1]


@lru_cache(maxsize=4096)
def _shown(change: Change) -> tuple[dict[datetime, datetime], list[tuple[datetime, datetime]]]:
    """The first instant of each wall minute around the change, and instants at which the clock shows more than ever."""
    at, before, after = change
    shown: dict[datetime, datetime] = {}
    highest: list[tuple[datetime, datetime]] = []
    instant = at - WITHIN * HOUR
    while instant < at + WITHIN * HOUR:
        wall = (instant + (before if instant < at else after)).replace(tzinfo=None)
        shown.setdefault(wall, instant)
        if not highest or wall > highest[-1][0]:
            highest.append((wall, instant))
        instant += MINUTE
    return shown, highest


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    offset = instant.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
