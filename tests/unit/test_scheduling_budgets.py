"""A lane keeps the budget of a calendar month: posts, and what they cost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.scheduling import Lane, LaneRules, month_start

DAY = timedelta(days=1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DECEMBER, JANUARY = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
RULES = LaneRules(spacing=timedelta(0), quota=None, window=DAY, monthly_posts=2, monthly_cost=100)


def book(lane: Lane, name: str, at: datetime = NOON, *, cost: int = 20, rules: LaneRules = RULES) -> Lane:
    return lane.book(name, at, rules, at, cost=cost)


def at(lane: Lane, name: str) -> datetime:
    booking = lane.booked(name)
    assert booking is not None
    return booking.at


def test_the_post_after_the_last_of_a_month_waits_for_the_next() -> None:
    lane = book(book(book(Lane(), "a"), "b", NOON + DAY), "c", NOON + 2 * DAY)
    assert [at(lane, name) for name in "abc"] == [NOON, NOON + DAY, DECEMBER]
    assert (lane.used_in(NOON).posts, lane.used_in(NOON).cost, lane.used_in(DECEMBER).posts) == (2, 40, 1)


def test_money_is_kept_like_the_number_of_posts() -> None:
    lane = book(book(Lane(), "dear", cost=95), "cheap", cost=5)
    assert at(lane, "cheap") == NOON
    lane = book(book(Lane(), "dear", cost=95), "over", cost=6)
    assert at(lane, "over") == DECEMBER


def test_what_is_released_is_free_again() -> None:
    lane = book(book(book(Lane(), "a"), "b").release("a"), "c")
    assert at(lane, "c") == NOON
    assert lane.used_in(NOON).posts == 2


def test_posts_count_for_the_whole_month_and_not_for_a_window() -> None:
    first = datetime(2026, 11, 1, tzinfo=UTC)
    lane = book(book(book(Lane(), "a", first), "b", first + DAY), "c", NOON)
    assert at(lane, "c") == DECEMBER
    assert at(book(lane, "d", DECEMBER), "d") == DECEMBER
    # Those of past months are dropped.
    assert [each.schedule_id for each in book(lane, "d", DECEMBER + 2 * DAY).bookings] == ["c", "d"]


def test_a_booking_stays_while_its_price_does() -> None:
    lane = book(Lane(), "a")
    assert lane.book("a", NOON, RULES, NOON, keep=NOON, cost=20) is lane
    dearer = lane.book("a", NOON, RULES, NOON, keep=NOON, cost=90)
    assert (at(dearer, "a"), dearer.used_in(NOON).cost) == (NOON, 90)
    over = book(lane, "b", cost=80).book("a", NOON, RULES, NOON, keep=NOON, cost=30)
    assert at(over, "a") == DECEMBER


def test_a_post_that_costs_more_than_a_month_may_never_gets_a_time_of_this_month() -> None:
    assert at(book(Lane(), "a", cost=101), "a") == DECEMBER
    assert at(book(book(Lane(), "a", JANUARY), "b", cost=101), "b") == datetime(2027, 2, 1, tzinfo=UTC)


def test_without_monthly_limits_bookings_are_dropped_after_the_window() -> None:
    rules = RULES.model_copy(update={"monthly_posts": None, "monthly_cost": None})
    lane = book(Lane(), "a", rules=rules)
    assert lane.book("b", NOON + 2 * DAY, rules, NOON + 2 * DAY).booked("a") is None


@pytest.mark.parametrize(
    ("instant", "start", "following"),
    [
        (NOON, datetime(2026, 11, 1, tzinfo=UTC), DECEMBER),
        (DECEMBER, DECEMBER, JANUARY),
        # A month is UTC's, wherever the instant is written.
        (datetime.fromisoformat("2026-12-31T23:30:00-02:00"), JANUARY, datetime(2027, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_month_is_that_of_utc(instant: datetime, start: datetime, following: datetime) -> None:
    assert (month_start(instant), month_start(instant, later=1)) == (start, following)


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 120)), max_size=12))
def test_no_month_is_ever_over_its_budget(posts: list[tuple[int, int]]) -> None:
    lane, now = Lane(), NOON
    for number, (days, cost) in enumerate(posts):
        now += days * timedelta(hours=6)
        lane = lane.book(str(number), now, RULES, now, cost=cost)
    for month in range(24):
        start = month_start(NOON, later=month)
        used = lane.used_in(start)
        fitting = [each for each in lane.bookings if start <= each.at < month_start(start, later=1)]
        assert used.posts <= 2
        assert used.cost <= 100 or len(fitting) == 1
