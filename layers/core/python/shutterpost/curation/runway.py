"""The runway: how long a stock of photos lasts. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from shutterpost.runtime.values import Value

CRITICAL = timedelta(days=7)


class RunwayLevel(StrEnum):
    """No photos left, at most `CRITICAL`, less than the persona's `runway_days`, or enough."""

    EXHAUSTED = "exhausted"
    CRITICAL = "critical"
    LOW = "low"
    READY = "ready"


class Stock(Value):
    """`lasts_until` is the first slot (UTC) without a photo, `None` if it was not reached; `days` are whole days.

    `provisional` of the `photos` have a provisional score. `not_allowed` more photos have one, but the persona's
    `allow_provisional` is false.
    """

    theme: str | None = None
    photos: int
    provisional: int = 0
    not_allowed: int = 0
    lasts_until: datetime | None
    days: int | None
    level: RunwayLevel


def stock_of(
    photos: int, slots: Sequence[datetime], *, now: datetime, low: timedelta, share: float = 1, theme: str | None = None
) -> Stock:
    """How long `photos` last if they fill `share` (above 0, up to 1) of the coming `slots`."""
    served = int(photos / share)
    until = slots[served] if served < len(slots) else None
    left = until - now if until is not None else None
    if left is None or left > max(low, CRITICAL):
        level = RunwayLevel.READY
    elif photos == 0:
        level = RunwayLevel.EXHAUSTED
    else:
        level = RunwayLevel.CRITICAL if left <= CRITICAL else RunwayLevel.LOW
    return Stock(
        theme=theme, photos=photos, lasts_until=until, days=left.days if left is not None else None, level=level
    )
