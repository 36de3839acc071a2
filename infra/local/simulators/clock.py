"""The simulated clock: real time by default, shifted, frozen or advanced by control calls."""

from datetime import UTC, datetime, timedelta


class SimulatedClock:
    """Aware UTC instants. Running: real time plus an offset. Frozen: one instant until `advance` or `set`."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self._frozen_at: datetime | None = None

    @property
    def frozen(self) -> bool:
        return self._frozen_at is not None

    def now(self) -> datetime:
        return self._frozen_at if self._frozen_at is not None else datetime.now(UTC) + self._offset

    def set(self, at: datetime | None = None, *, frozen: bool) -> None:
        """Set the clock to `at` (aware; `None` keeps it), frozen or running."""
        target = self.now() if at is None else at
        if target.tzinfo is None:
            raise ValueError("the clock needs an instant with a zone")
        target = target.astimezone(UTC)
        self._frozen_at = target if frozen else None
        self._offset = target - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Advance by `seconds`, which may be negative; a frozen clock stays frozen."""
        step = timedelta(seconds=seconds)
        if self._frozen_at is not None:
            self._frozen_at += step
        else:
            self._offset += step

    def reset(self) -> None:
        self._offset = timedelta(0)
        self._frozen_at = None
