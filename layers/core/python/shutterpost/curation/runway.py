"""How long a stock of photos lasts; pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from shutterpost.runtime.values import Value

CRITICAL = timedelta(days=7)


class RunwayLevel(StrEnum):
    """How a stock stands: nothing left, a week or less, less than the owner wants to have, or enough."""

    EXHAUSTED = "exhausted"
    CRITICAL = "critical"
    LOW = "low"
    READY = "ready"


class Stock(Value):
    """Photos left, of a theme where it is named; `lasts_until` is the first slot (UTC) that would stay empty, `None`
    where that lies beyond the slots that were looked at; `days` until then, in whole days."""

    theme: str | None = None
    photos: int
    lasts_until: datetime | None
    days: int | None
    level: RunwayLevel


def stock_of(
    photos: int, slots: Sequence[datetime], *, now: datetime, low: timedelta, share: float = 1, theme: str | None = None
) -> Stock:
    """How long `photos` last where they fill `share` (above 0, to 1) of the coming `slots`."""
    served = int(photos / share)
    until = slots[served] if served < len(slots) else None
    left = until - now if until is not None else None
    if left is None or left > max(low, CRITICAL):
        level = RunwayLevel.READY
    elif photos == 0:
        level = RunwayLevel.EXHAUSTED
    else:
        level = RunwayLevel.CRITICAL if left <= CRITICAL else RunwayLevel.LOW
    return Stock(theme=theme, photos=photos, lasts_until=until, days=left.days if left else None, level=level)
