"""A connection's lane: which instant each post gets, so that a backlog never bursts; and the circuit breaker.

Pure: instants are aware and passed in. The figures (spacing, quota, breaker) are the channel's data.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shutterpost.runtime.values import Value


class LaneRules(Value):
    """At least `spacing` between two posts, at most `quota` of them in any rolling `window`; `None` = no limit."""

    spacing: timedelta
    quota: int | None
    window: timedelta


class BreakerRules(Value):
    """Opens after `failures` in a row within `window`; after `cooldown` one attempt goes through, for `patience`."""

    failures: int
    window: timedelta
    cooldown: timedelta
    patience: timedelta = timedelta(minutes=10)


class Booking(Value):
    """A schedule's instant; `counted` once the platform has the post and counts it itself."""

    schedule_id: str
    at: datetime
    counted: bool = False


class Circuit(Value):
    """Failures in a row; `opened_at` while the breaker is open, with the `probe` that was let through."""

    failures: tuple[datetime, ...] = ()
    opened_at: datetime | None = None
    probe: str | None = None
    probe_at: datetime | None = None

    def open_until(self, schedule_id: str, rules: BreakerRules, now: datetime) -> datetime | None:
        """When the schedule may ask again, or `None` where it may go now; through a half-open circuit as its probe."""
        if self.opened_at is None:
            return None
        half_open_at = self.opened_at + rules.cooldown
        if now < half_open_at:
            return half_open_at
        if self.probe in {None, schedule_id} or self.probe_at is None:
            return None
        given_up_at = self.probe_at + rules.patience
        return given_up_at if now < given_up_at else None

    def let_through(self, schedule_id: str, now: datetime) -> "Circuit":
        """The circuit with the schedule as its probe; the same where it is closed."""
        if self.opened_at is None or self.probe == schedule_id:
            return self
        return self.model_copy(update={"probe": schedule_id, "probe_at": now})

    def failed(self, schedule_id: str, rules: BreakerRules, now: datetime) -> "Circuit":
        """The circuit after a failed attempt; while it is open only its probe's failure counts, and opens it anew."""
        if self.opened_at is not None:
            return Circuit(opened_at=now) if self.probe == schedule_id else self
        failures = (*(one for one in self.failures if one > now - rules.window), now)
        return Circuit(opened_at=now) if len(failures) >= rules.failures else Circuit(failures=failures)


class Lane(Value):
    """Bookings in order of time, the instant before which the platform takes no more, and the circuit."""

    bookings: tuple[Booking, ...] = ()
    full_until: datetime | None = None
    circuit: Circuit = Circuit()

    def booked(self, schedule_id: str) -> Booking | None:
        """The schedule's booking."""
        return next((one for one in self.bookings if one.schedule_id == schedule_id), None)

    def book(
        self, schedule_id: str, wanted: datetime, rules: LaneRules, now: datetime, *, keep: datetime | None = None
    ) -> "Lane":
        """The lane with a booking for the schedule at `wanted`, or as soon after it as the rules allow.

        One that it has at `keep` stays where that is not too early. Bookings older than the window are forgotten.
        """
        own = self.booked(schedule_id)
        others = [one for one in self.bookings if one is not own and one.at > now - rules.window]
        taken = [one.at for one in others]
        wanted = max(wanted, self.full_until or wanted)
        if own is not None and own.at == keep and keep >= wanted and _fits(taken, own.at, rules):
            return self
        booking = Booking(schedule_id=schedule_id, at=_earliest(taken, wanted, rules))
        return self._with((*others, booking))

    def give_back(self, schedule_id: str) -> "Lane":
        """The lane without the schedule's booking."""
        return self._with(one for one in self.bookings if one.schedule_id != schedule_id)

    def taken(self, schedule_id: str) -> "Lane":
        """The lane after the platform took the schedule's post: it is counted there, and the circuit is closed."""
        bookings = tuple(
            one.model_copy(update={"counted": True}) if one.schedule_id == schedule_id else one for one in self.bookings
        )
        return self.model_copy(update={"bookings": bookings, "circuit": Circuit()})

    def ahead_of(self, schedule_id: str) -> int:
        """How many booked posts that the platform does not count yet come before the schedule's."""
        own = self.booked(schedule_id)
        return 0 if own is None else sum(not one.counted and one.at < own.at for one in self.bookings)

    def full(self, rules: LaneRules, now: datetime, *, pause: timedelta) -> "Lane":
        """The lane after the platform refused for its quota: closed until its oldest post leaves the window, for
        `pause` at most."""
        counted = [one.at for one in self.bookings if one.counted and now - rules.window < one.at <= now]
        until = min(counted) + rules.window if counted else now + pause
        return self.model_copy(update={"full_until": min(until, now + pause)})

    def _with(self, bookings: Iterable[Booking]) -> "Lane":
        return self.model_copy(update={"bookings": tuple(sorted(bookings, key=lambda one: one.at))})


def _earliest(taken: Sequence[datetime], wanted: datetime, rules: LaneRules) -> datetime:
    """The first instant from `wanted` on that fits; only the end of a distance or of a window can be it."""
    ends = {at + step for at in taken for step in (rules.spacing, rules.window) if at + step > wanted}
    return next(at for at in sorted({wanted, *ends}) if _fits(taken, at, rules))


def _fits(taken: Sequence[datetime], at: datetime, rules: LaneRules) -> bool:
    """Whether a post at `at` keeps its distance, and every window around it its quota; `taken` is in order."""
    place = bisect_left(taken, at)
    if any(abs(neighbour - at) < rules.spacing for neighbour in taken[max(0, place - 1) : place + 1]):
        return False
    if rules.quota is None:
        return True
    around = [*taken[max(0, place - rules.quota) : place], at, *taken[place : place + rules.quota]]
    return all(late - early >= rules.window for early, late in zip(around, around[rules.quota :], strict=False))
