"""A connection's circuit breaker: no attempts after repeated failures, then one probe. Pure."""

from datetime import datetime, timedelta

from shutterpost.runtime.values import Value


class BreakerRules(Value):
    """Opens after `failures` in a row within `window`; after `cooldown` it admits one probe, for `patience`."""

    failures: int
    window: timedelta
    cooldown: timedelta
    patience: timedelta = timedelta(minutes=10)


class Circuit(Value):
    """Consecutive failures; `opened_at` while the breaker is open, with the admitted `probe`."""

    failures: tuple[datetime, ...] = ()
    opened_at: datetime | None = None
    probe: str | None = None
    probe_at: datetime | None = None

    def open_until(self, schedule_id: str, rules: BreakerRules, now: datetime) -> datetime | None:
        """The instant of the schedule's next attempt, or `None` for now; a half-open circuit admits it as the probe."""
        if self.opened_at is None:
            return None
        half_open_at = self.opened_at + rules.cooldown
        if now < half_open_at:
            return half_open_at
        if self.probe in {None, schedule_id} or self.probe_at is None:
            return None
        probe_ends_at = self.probe_at + rules.patience
        return probe_ends_at if now < probe_ends_at else None

    def let_through(self, schedule_id: str, now: datetime) -> "Circuit":
        if self.opened_at is None or self.probe == schedule_id:
            return self
        return self.model_copy(update={"probe": schedule_id, "probe_at": now})

    def failed(self, schedule_id: str, rules: BreakerRules, now: datetime) -> "Circuit":
        """The circuit after a failed attempt; an open circuit counts only its probe's failure, which reopens it."""
        if self.opened_at is not None:
            return Circuit(opened_at=now) if self.probe == schedule_id else self
        failures = (*(at for at in self.failures if at > now - rules.window), now)
        return Circuit(opened_at=now) if len(failures) >= rules.failures else Circuit(failures=failures)
