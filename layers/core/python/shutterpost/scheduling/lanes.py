"""An account's lane: publish times that keep spacing, quota and a monthly budget. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from shutterpost.runtime.values import Value
from shutterpost.scheduling.circuit_breaker import Circuit


class LaneRules(Value):
    """`quota` is the number of posts in `window`; a calendar month (UTC) has `monthly_posts` that cost `monthly_cost`.

    Costs are in thousandths of a US dollar.
    """

    spacing: timedelta
    quota: int | None
    window: timedelta
    monthly_posts: int | None = None
    monthly_cost: int | None = None


class Booking(Value):
    """A schedule's publish time; `counted` when the platform has the post and counts it towards its quota.

    `turn` is its place in the order in which posts use the quota, given when its execution begins. `cost` is in
    thousandths of a US dollar.
    """

    schedule_id: str
    at: datetime
    counted: bool = False
    turn: int | None = None
    cost: int | None = None


class MonthUse(Value):
    """The posts of a calendar month and their cost, in thousandths of a US dollar."""

    posts: int = 0
    cost: int = 0


class Lane(Value):
    bookings: tuple[Booking, ...] = ()
    full_until: datetime | None = None
    circuit: Circuit = Circuit()

    def booked(self, schedule_id: str) -> Booking | None:
        return next((booking for booking in self.bookings if booking.schedule_id == schedule_id), None)

    def book(
        self,
        schedule_id: str,
        wanted: datetime,
        rules: LaneRules,
        now: datetime,
        *,
        keep: datetime | None = None,
        cost: int | None = None,
    ) -> "Lane":
        """The lane with a booking at `wanted`, or at the first later instant that the rules allow.

        A booking at `keep` stays if it is not before `wanted`. Bookings older than the window are dropped, with monthly
        limits those of past months.
        """
        own = self.booked(schedule_id)
        month = month_start(now) if rules.monthly_posts is not None else now
        others = tuple(
            booking
            for booking in self.bookings
            if booking is not own and (booking.at > now - rules.window or booking.at >= month)
        )
        wanted = max(wanted, self.full_until or wanted)
        if own is not None and own.at == keep and keep >= wanted and own.cost == cost and _fits(others, own, rules):
            return self
        booking = Booking(schedule_id=schedule_id, at=wanted, turn=own.turn if own is not None else None, cost=cost)
        return self._with((*others, _earliest(others, booking, rules)))

    def used_in(self, month: datetime) -> MonthUse:
        """The posts of the calendar month (UTC) that are out, unclear or about to be, and what they cost."""
        return _use(self.bookings, month)

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


def month_start(at: datetime, *, later: int = 0) -> datetime:
    """The start of the calendar month (UTC) of `at`, or of the month so much later."""
    years, month = divmod(at.astimezone(UTC).month - 1 + later, 12)
    return datetime(at.astimezone(UTC).year + years, month + 1, 1, tzinfo=UTC)


def _earliest(others: Sequence[Booking], wanted: Booking, rules: LaneRules) -> Booking:
    """`wanted`, or at the first later instant that fits: the end of a spacing or window, or the start of a month."""
    last = max([wanted.at, *(booking.at for booking in others)])
    # Where nothing fits, because the post costs more than a whole month may, no earlier one is left to wait for.
    instants = {wanted.at, month_start(wanted.at, later=1), month_start(last, later=1)}
    instants |= {each.at + step for each in others for step in (rules.spacing, rules.window)}
    moved = [wanted.model_copy(update={"at": at}) for at in sorted(instants) if at >= wanted.at]
    return next((booking for booking in moved if _fits(others, booking, rules)), moved[-1])


def _use(bookings: Iterable[Booking], month: datetime) -> MonthUse:
    start, end = month_start(month), month_start(month, later=1)
    costs = [booking.cost or 0 for booking in bookings if start <= booking.at < end]
    return MonthUse(posts=len(costs), cost=sum(costs))


def _fits(others: Sequence[Booking], booking: Booking, rules: LaneRules) -> bool:
    if rules.monthly_posts is not None and rules.monthly_cost is not None:
        use = _use(others, booking.at)
        if use.posts >= rules.monthly_posts or use.cost + (booking.cost or 0) > rules.monthly_cost:
            return False
    return _is_apart(sorted(each.at for each in others), booking.at, rules)


def _is_apart(taken: Sequence[datetime], at: datetime, rules: LaneRules) -> bool:
    place = bisect_left(taken, at)
    if any(abs(neighbour - at) < rules.spacing for neighbour in taken[max(0, place - 1) : place + 1]):
        return False
    if rules.quota is None:
        return True
    around = [*taken[max(0, place - rules.quota) : place], at, *taken[place : place + rules.quota]]
    return all(late - early >= rules.window for early, late in zip(around, around[rules.quota :], strict=False))
