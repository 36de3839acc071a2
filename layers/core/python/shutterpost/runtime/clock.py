"""The `Clock` port of the flows; pure code takes `now` as an argument."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant (aware, UTC)."""
        ...

    def sleep(self, duration: timedelta) -> None:
        """Wait for `duration`; return immediately if it is not positive."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, duration: timedelta) -> None:
        time.sleep(max(0.0, duration.total_seconds()))


def iso(instant: datetime) -> str:
    """UTC text of fixed width, so that text order is time order."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
