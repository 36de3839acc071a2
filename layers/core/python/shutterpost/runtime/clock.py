"""Time as a port: flows ask a `Clock`, pure code takes `now` as an argument."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What tells the time and waits."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Return when `duration` has passed; at once where it is not positive."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        """Return when `duration` has passed; at once where it is not positive."""
        time.sleep(max(0.0, duration.total_seconds()))


def iso(instant: datetime) -> str:
    """UTC text of fixed width with milliseconds, so that text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
