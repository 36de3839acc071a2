"""An account's lane: publish times that keep spacing and quota. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from shutterpost.runtime.values import Value
from shutterpost.scheduling.circuit_breaker import Circuit


class LaneRules(Value):
    spacing: timedelta
    quota: int | None
    window: timedelta


class Booking(Value):
    """A schedule's publish time; `counted` when the platform has the post and counts it towards its quota.

    `turn` is its place in the order in which posts use the quota, given when its execution begins.
    """

    schedule_id: str
    at: datetime
    counted: bool = False
    turn: int | None = None


class Lane(Value):
    bookings: tuple[Booking, ...] = ()
    full_until: datetime | None = None
    circuit: Circuit = Circuit()

    def booked(self, schedule_id: str) -> Booking | None:
        return next((booking for booking in self.bookings if booking.schedule_id == schedule_id), None)

    def book(
        self, schedule_id: str, wanted: datetime, rules: LaneRules, now: datetime, *, keep: datetime | None = None
    ) -> "Lane":
        """The lane with a booking at `wanted`, or at the first later instant that the rules allow.

        A booking at `keep` stays if it is not before `wanted`. Bookings older than the window are dropped.
        """
        own = self.booked(schedule_id)
        others = [booking for booking in self.bookings if booking is not own and booking.at > now - rules.window]
        taken = [booking.at for booking in others]
        wanted = max(wanted, self.full_until or wanted)
        if own is not None and own.at == keep and keep >= wanted and _fits(taken, own.at, rules):
            return self
        turn = own.turn if own is not None else None
        booking = Booking(schedule_id=schedule_id, at=_earliest(taken, wanted, rules), turn=turn)
        return self._with((*others, booking))

    def release(self, schedule_id: str) -> "Lane":
        return self._with(booking for booking in self.bookings if booking.schedule_id != schedule_id)

    def accepted(self, schedule_id: str) -> "Lane":
        """The lane after the platform accepted the schedule's post: the booking is counted and the circuit closed."""
        bookings = tuple(
            booking.model_copy(update={"counted": True}) if booking.schedule_id == schedule_id else booking
            for booking in self.bookings
        )
        return self.model_copy(update={"bookings": bookings, "circuit": Circuit()})

    def begin(self, schedule_id: str) -> "Lane":
        """The lane in which the schedule's booking has a turn, behind all others unless it has one already."""
        turns = [booking.turn for booking in self.bookings if booking.turn is not None]
        own = self.booked(schedule_id)
        return self if own is None or own.turn is not None else self._with_turn(own, max(turns, default=0) + 1)

    def wait(self, schedule_id: str) -> "Lane":
        """The lane in which the schedule's booking has no turn."""
        own = self.booked(schedule_id)
        return self if own is None else self._with_turn(own, None)

    def ahead_of(self, schedule_id: str) -> int:
        """The number of bookings with an earlier turn that the platform does not count yet."""
        own = self.booked(schedule_id)
        turns = [booking.turn for booking in self.bookings if not booking.counted and booking.turn is not None]
        return sum(turn < own.turn for turn in turns) if own is not None and own.turn is not None else len(turns)

    def full(self, rules: LaneRules, now: datetime, *, pause: timedelta) -> "Lane":
        """The lane after a quota refusal: full until the oldest counted post leaves the window, at most for `pause`."""
        counted = [
            booking.at for booking in self.bookings if booking.counted and now - rules.window < booking.at <= now
        ]
        until = min(counted) + rules.window if counted else now + pause
        return self.model_copy(update={"full_until": min(until, now + pause)})

    def _with_turn(self, own: Booking, turn: int | None) -> "Lane":
        turned = own.model_copy(update={"turn": turn})
        return self._with(turned if booking is own else booking for booking in self.bookings)

    def _with(self, bookings: Iterable[Booking]) -> "Lane":
        return self.model_copy(update={"bookings": tuple(sorted(bookings, key=lambda booking: booking.at))})


def _earliest(taken: Sequence[datetime], wanted: datetime, rules: LaneRules) -> datetime:
    """The first instant from `wanted` that fits: `wanted` itself, or the end of a spacing or window."""
    ends = {at + step for at in taken for step in (rules.spacing, rules.window) if at + step > wanted}
    return next(at for at in sorted({wanted, *ends}) if _fits(taken, at, rules))


def _fits(taken: Sequence[datetime], at: datetime, rules: LaneRules) -> bool:
    place = bisect_left(taken, at)
    if any(abs(neighbour - at) < rules.spacing for neighbour in taken[max(0, place - 1) : place + 1]):
        return False
    if rules.quota is None:
        return True
    around = [*taken[max(0, place - rules.quota) : place], at, *taken[place : place + rules.quota]]
    return all(late - early >= rules.window for early, late in zip(around, around[rules.quota :], strict=False))
