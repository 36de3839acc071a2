"""Times as people type and read them, in a persona's zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shutterpost.runtime.refusals import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORMS = "18:30, 'tomorrow 18:30', 'sat 09:00', 2026-11-22T18:30 or one with an offset"
_WORDS = re.compile(r"(?:(?P<day>[a-z]+)\s+)?(?P<at>\d{1,2}:\d\d(?::\d\d)?)", re.IGNORECASE)
_WEEK = 7


class TimeUnclear(Invalid):
    """A time that cannot be read."""

    kind = "time-unclear"


def meant(text: str, zone: str, now: datetime) -> str:
    """The time `text` means, as the API takes it: local in `zone`, or with the offset that was given.

    A bare time is the next such one after `now`; with a weekday it is that day's next, with `today` or `tomorrow`
    that day's. Raises `TimeUnclear`.
    """
    found = _WORDS.fullmatch(text.strip())
    try:
        if found is None:
            return datetime.fromisoformat(text.strip()).isoformat()
        here = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        at = time.fromisoformat(found["at"].rjust(len("00:00:00") if found["at"].count(":") > 1 else len("00:00"), "0"))
        return _on((found["day"] or "").lower(), at, here).isoformat()
    except ValueError:
        raise TimeUnclear(f"{text!r} is no time; write {_FORMS}.", field="at") from None


def _on(day: str, at: time, here: datetime) -> datetime:
    today = datetime.combine(here.date(), at)
    if day in {"today", "tomorrow"}:
        return today + timedelta(days=day == "tomorrow")
    if not day:
        return today if today > here else today + timedelta(days=1)
    if day[:3] not in DAYS:
        raise ValueError(day)
    found = today + timedelta(days=(DAYS.index(day[:3]) - here.weekday()) % _WEEK)
    return found if found > here else found + timedelta(days=_WEEK)


def shown(instant: str | None, zone: str) -> str:
    """An instant (ISO 8601) on the clocks of `zone`: `Sat 21 Nov 2026 18:30`."""
    return f"{datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)):%a %d %b %Y %H:%M}" if instant else ""


def day_of(text: str | None, zone: str) -> date:
    """The date `text` (ISO 8601) says, else today's in `zone`. Raises `TimeUnclear`."""
    if text is None:
        return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise TimeUnclear(f"{text!r} is no date; write 2026-11-22.", field="on") from None


def instant(text: str, zone: str, now: datetime) -> str:
    """The instant `text` means (see `meant`), with an offset; of a local time that a clock shows twice the first.

    Raises `TimeUnclear`.
    """
    at = datetime.fromisoformat(meant(text, zone, now))
    return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC).isoformat()
