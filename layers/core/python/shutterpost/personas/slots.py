"""Conversion of wall-clock slots to instants. Pure."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.personas.choices import PersonaStatus
from shutterpost.personas.persona import Persona, Slot, Weekday
from shutterpost.runtime.values import Value, WallTime

_DAY = timedelta(days=1)
# A zone can change by a whole day (Samoa, 2011), so a wall date can differ that much from its UTC date.
_REACH = timedelta(days=2)
# The nightly arming explains slots of the last three days, so that it may fail twice in a row.
EXPLAINED_FOR = timedelta(days=3)
_SLOT_RULES = ("zone", "slots", "blackout_dates", "jitter_minutes", "status")


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


def announced_slots(persona: Persona, after: datetime, until: datetime) -> list[datetime]:
    """The slots in the window (as in `coming_slots`) by the rules that applied at the time, earliest first.

    Slots of earlier rules are known for `EXPLAINED_FOR`; a paused persona announces none.
    """
    past = [slot_at for slot_at in persona.past_slots if after < slot_at <= until]
    if persona.status is not PersonaStatus.ACTIVE:
        return past
    return past + [slot.run_at for slot in coming_slots(persona, max(after, persona.slots_since), until)]


def with_past_slots(changed: Persona, before: Persona, now: datetime) -> Persona:
    """`changed` with the slots that the rules `before` announced until `now`, if its own rules give others."""
    known = {"slots_since": before.slots_since, "past_slots": before.past_slots}
    if any(getattr(changed, rule) != getattr(before, rule) for rule in _SLOT_RULES):
        known = {"slots_since": now, "past_slots": tuple(announced_slots(before, now - EXPLAINED_FOR, now))}
    return changed.model_copy(update=known)


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
