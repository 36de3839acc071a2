"""Parses times as an operator types them, in a persona's zone."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shutterpost.console.output.times import format_full
from shutterpost.runtime.refusals import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME_HELP = "18:30, 7pm, noon, 'tomorrow 18:30', 'next mon 9am', 'in 10 minutes' or 2026-11-22T18:30."
_EXAMPLES = "18:30, 7pm, 'tomorrow 18:30', 'sat 09:00', 'in 10 minutes', 2026-11-22T18:30 or a time with an offset"
_CLOCK = r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d))?)?\s*(?P<half>[ap]m)?|(?P<named>noon|midnight)"
_LOCAL = re.compile(
    rf"(?:(?P<day>today|tomorrow|(?:(?:next|this|on)\s+)?(?!noon|midnight)[a-z]+|\d{{4}}-\d\d-\d\d)(?:\s+at)?)?\s*(?:{_CLOCK})?"
)
_IN = re.compile(r"in\s+(?:(?P<count>\d{1,6})|an?)\s*(?P<unit>m|h|d|w)[a-z]*")
_AGO = re.compile(r"(?P<count>\d{1,6})\s*(?P<unit>m|h|d|w)[a-z]*(?:\s+ago)?")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_DAY = timedelta(days=1)
_NAMED = {"noon": time(12), "midnight": time(0)}
_NOON_HOUR = 12


class TimeUnclear(Invalid):
    kind = "time-unclear"


class ZoneUnknown(Invalid):
    kind = "zone-unknown"


@dataclass(frozen=True)
class ParsedTime:
    """A time as the API takes it (local, or with an offset), its instant, and its full text for a message."""

    value: str
    instant: datetime
    text: str


def load_zone(name: str) -> ZoneInfo:
    """The time zone with that IANA name. Raises `ZoneUnknown`."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        detail = f"{name!r} is no IANA time zone; use a name such as Europe/Berlin, America/Los_Angeles or UTC."
        raise ZoneUnknown(detail, field="zone") from None


def parse_time(text: str, zone: str, now: datetime, *, day_at: time = _NAMED["noon"]) -> ParsedTime:
    """The next time after `now` that `text` names; a day without a time means `day_at`.

    A local time that a clock change skips means the first instant after it, one that it repeats the first of the
    two, as in the API. Raises `TimeUnclear` and `ZoneUnknown`.
    """
    info = load_zone(zone)
    try:
        at = _parse(" ".join(text.lower().split()), now.astimezone(info), day_at)
        instant = at if at.tzinfo else _resolve(at, info)
        return ParsedTime(at.isoformat(), instant.astimezone(UTC), _describe(at, instant, zone))
    except (ValueError, OverflowError):
        raise TimeUnclear(f"{text!r} is no valid time; use {_EXAMPLES}.", field="at") from None


def parse_since(text: str, zone: str, now: datetime) -> datetime:
    """The past instant that `text` names: `24h`, `7d`, a time of day, or a date. Raises as `parse_time`."""
    try:
        ago = _AGO.fullmatch(text.strip().lower())
        at = now - int(ago["count"]) * _UNITS[ago["unit"]] if ago else None
    except OverflowError:
        raise TimeUnclear(f"{text!r} is too long ago; use a span such as 7d.", field="since") from None
    if at is None:
        at = parse_time(text, zone, now, day_at=time(0)).instant
        if at > now and re.match(r"\d{1,2}(?::|\s*[ap]m)|noon|midnight", text.strip().lower()):
            at -= _DAY
    if at > now:
        raise TimeUnclear(f"{text!r} is in the future; use a past time, such as --since 24h.", field="since")
    return at


def parse_date(text: str | None, zone: str, now: datetime) -> date:
    """The date that `text` names (ISO 8601, `today`, `tomorrow`, a weekday), by default today. Raises `TimeUnclear`."""
    today = now.astimezone(load_zone(zone)).date()
    if text is None:
        return today
    try:
        day = _day(" ".join(text.lower().split()))
        parsed = day(today, today) if day else None
    except (ValueError, OverflowError):
        parsed = None
    if parsed is None:
        raise TimeUnclear(f"{text!r} is no valid date; use 2026-11-22, today or a weekday.", field="on")
    return parsed


def _parse(text: str, here: datetime, day_at: time) -> datetime:
    if span := _IN.fullmatch(text):
        return (here + int(span["count"] or 1) * _UNITS[span["unit"]]).replace(microsecond=0)
    match = _LOCAL.fullmatch(text)
    day = _day(match["day"] or "") if match else None
    if match is None or not text or (match["day"] and day is None):
        return datetime.fromisoformat(text.upper())
    clock = _clock(match, day_at)
    local = here.replace(tzinfo=None)
    if day is None:
        at = datetime.combine(local.date(), clock)
        return at if at > local else at + _DAY
    # A weekday's time that has passed today means the one in a week.
    earliest = local.date() if clock > local.time() else local.date() + _DAY
    return datetime.combine(day(local.date(), earliest), clock)


def _day(text: str) -> Callable[[date, date], date] | None:
    name = text.removeprefix("on ").removeprefix("this ")
    if name in {"today", "tomorrow"}:
        return lambda today, _: today + (_DAY if name == "tomorrow" else timedelta(0))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", name):
        named = date.fromisoformat(name)
        return lambda *_: named
    weekday = name.removeprefix("next ")
    if weekday[:3] not in DAYS or not _FULL_DAYS[DAYS.index(weekday[:3])].startswith(weekday):
        return None
    number = DAYS.index(weekday[:3])
    if weekday != name:
        return lambda today, _: _on_or_after(today + _DAY, number)
    return lambda _, earliest: _on_or_after(earliest, number)


def _on_or_after(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % len(DAYS))


def _clock(match: re.Match[str], day_at: time) -> time:
    if match["named"]:
        return _NAMED[match["named"]]
    if match["hour"] is None:
        return day_at
    hour, minute, second = (int(match[name] or 0) for name in ("hour", "minute", "second"))
    if match["half"]:
        if not 1 <= hour <= _NOON_HOUR:
            raise ValueError(hour)
        hour = hour % _NOON_HOUR + (_NOON_HOUR if match["half"] == "pm" else 0)
    elif match["minute"] is None:
        raise ValueError("a bare number")
    return time(hour, minute, second)


def _resolve(local: datetime, zone: ZoneInfo) -> datetime:
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    # In a gap, the offset before it and the one after it give the two sides of the change.
    before, after = local.replace(tzinfo=zone, fold=1).astimezone(UTC), instant
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        offset = middle.astimezone(zone).utcoffset()
        if offset == before.astimezone(zone).utcoffset():
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def _describe(at: datetime, instant: datetime, zone: str) -> str:
    text = format_full(instant, zone)
    local = instant.astimezone(ZoneInfo(zone))
    if at.tzinfo is None and local.replace(tzinfo=None) != at:
        return f"{text}; {at:%H:%M} does not exist on that day, because the clocks go forward"
    if at.tzinfo is None and local.utcoffset() != local.replace(fold=1).utcoffset():
        return f"{text}; the first of two {at:%H:%M}, because the clocks go back"
    return text
