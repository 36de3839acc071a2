"""Parses and checks the time of a post."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shutterpost.flows.refusals import TimeInPast, TimeInvalid, TimeTooFar
from shutterpost.personas import instant_of
from shutterpost.runtime.settings import MAX_FUTURE_DAYS
from shutterpost.runtime.values import Value

# The longest horizon that a deployment can have.
MAX_FUTURE = timedelta(days=MAX_FUTURE_DAYS)


class ScheduledTime(Value):
    """The instant (UTC), with its wall time and IANA zone."""

    run_at: datetime
    wall_time: str
    zone: str


def parse_scheduled_time(at: datetime | None, zone_name: str, now: datetime) -> ScheduledTime:
    """The instant of `at`: a local time, an instant with an offset, `None` for now. Raises `TimeInvalid`."""
    zone = _zone(zone_name)
    if at is None:
        return ScheduledTime(run_at=now, wall_time=_wall(now, zone), zone=str(zone))
    if at.tzinfo is None:
        return ScheduledTime(run_at=instant_of(at, zone), wall_time=at.isoformat(), zone=str(zone))
    run_at = at.astimezone(UTC)
    return ScheduledTime(run_at=run_at, wall_time=_wall(run_at, zone), zone=str(zone))


def check_ahead(when: ScheduledTime, now: datetime, max_future: timedelta, *, may_be_past: bool = False) -> None:
    """Raise `TimeInPast` for past times (unless allowed), `TimeTooFar` for times after the horizon `max_future`."""
    if not may_be_past and when.run_at < now - timedelta(seconds=1):
        detail = f"{when.wall_time} in {when.zone} has passed; choose a later time, or leave it out."
        raise TimeInPast(detail, field="at")
    if when.run_at > now + max_future:
        raise TimeTooFar(f"Posts can be planned up to {max_future.days} days ahead.", field="at")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise TimeInvalid(f"{name!r} is no IANA zone; use a name such as Europe/Paris or UTC.", field="zone") from None


def _wall(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()
