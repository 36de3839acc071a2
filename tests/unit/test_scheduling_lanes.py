"""A lane gives each post its instant; a circuit opens after failures in a row."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shutterpost.scheduling import BreakerRules, Lane, LaneRules
from shutterpost.scheduling.circuit_breaker import Circuit

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
RULES = LaneRules(spacing=MINUTE, quota=3, window=DAY)
HOUR = timedelta(hours=1)
BREAKER = BreakerRules(posts=3, window=HOUR, cooldown=5 * MINUTE, longest=HOUR)


def booked(lane: Lane, name: str, wanted: datetime = NOON) -> Lane:
    return lane.book(name, wanted, RULES, NOON)


def at(lane: Lane, name: str) -> datetime:
    result = lane.booked(name)
    assert result is not None
    return result.at


def test_first_post_gets_its_own_instant_and_the_next_one_its_distance() -> None:
    lane = booked(booked(Lane(), "a"), "b")

    assert at(lane, "a") == NOON
    assert at(lane, "b") == NOON + MINUTE


def test_post_fits_between_two_that_leave_room() -> None:
    lane = booked(booked(Lane(), "a"), "b", NOON + 2 * MINUTE)

    assert at(booked(lane, "c", NOON + MINUTE), "c") == NOON + MINUTE


def test_post_over_the_quota_waits_until_the_first_leaves_the_window() -> None:
    lane = Lane()
    for name in "abcd":
        lane = booked(lane, name)

    assert at(lane, "c") == NOON + 2 * MINUTE
    assert at(lane, "d") == NOON + DAY


def test_post_planned_earlier_respects_the_windows_that_come_after_it() -> None:
    lane = Lane()
    for name in "abc":
        lane = booked(lane, name, NOON + DAY / 2)

    assert at(booked(lane, "d"), "d") == NOON + DAY / 2 + DAY


def test_booking_stays_where_it_was_kept_and_moves_where_it_was_not() -> None:
    lane = booked(booked(Lane(), "a"), "b")

    assert lane.book("b", NOON, RULES, NOON, keep=NOON + MINUTE) == lane
    assert at(lane.release("a").book("b", NOON, RULES, NOON), "b") == NOON


def test_booking_given_back_frees_its_instant() -> None:
    lane = booked(Lane(), "a").release("a")

    assert at(booked(lane, "b"), "b") == NOON


def test_lane_that_is_full_takes_nothing_before_its_end() -> None:
    lane = booked(Lane(), "a", NOON - timedelta(hours=20)).accepted("a").full(RULES, NOON, pause=DAY)

    assert at(booked(lane, "b"), "b") == NOON + timedelta(hours=4)


def test_bookings_count_until_they_leave_the_window() -> None:
    lane = Lane()
    for name, wanted in (("a", NOON), ("b", NOON + MINUTE), ("c", NOON + 2 * MINUTE)):
        lane = booked(lane, name, wanted)

    just_before = lane.book("d", NOON, RULES, NOON + DAY - MINUTE)
    at_the_end = lane.book("d", NOON, RULES, NOON + DAY)
    assert [booking.schedule_id for booking in just_before.bookings] == ["a", "b", "c", "d"]
    assert [booking.schedule_id for booking in at_the_end.bookings] == ["d", "b", "c"]


def test_a_kept_booking_moves_if_another_instant_is_kept_or_wanted() -> None:
    lane = booked(Lane(), "a", NOON + MINUTE)

    assert at(lane.book("a", NOON, RULES, NOON, keep=NOON), "a") == NOON
    assert at(lane.book("a", NOON + 2 * MINUTE, RULES, NOON, keep=NOON + MINUTE), "a") == NOON + 2 * MINUTE
    assert lane.book("a", NOON + MINUTE, RULES, NOON, keep=NOON + MINUTE) == lane
    assert lane.book("b", NOON, RULES, NOON, keep=NOON).booked("a") == lane.booked("a")


def test_without_a_quota_only_the_spacing_counts() -> None:
    lane, rules = Lane(), LaneRules(spacing=MINUTE, quota=None, window=DAY)
    for name in "abcde":
        lane = lane.book(name, NOON, rules, NOON)
    assert [booking.at - NOON for booking in lane.bookings] == [number * MINUTE for number in range(5)]


def test_a_lane_is_full_for_the_pause_at_most_and_counts_only_posts_of_the_window() -> None:
    def full_until(*counted: datetime) -> timedelta:
        lane = Lane()
        for number, instant in enumerate(counted):
            lane = lane.book(str(number), instant, RULES, instant).accepted(str(number))
        until = lane.full(RULES, NOON, pause=HOUR).full_until
        assert until is not None
        return until - NOON

    assert full_until() == HOUR
    assert booked(Lane(), "a", NOON - DAY + MINUTE).full(RULES, NOON, pause=HOUR).full_until == NOON + HOUR
    assert full_until(NOON - DAY + 10 * MINUTE) == 10 * MINUTE
    assert full_until(NOON - DAY) == HOUR
    assert full_until(NOON) == HOUR
    assert full_until(NOON - DAY + 40 * MINUTE, NOON - DAY + 20 * MINUTE) == 20 * MINUTE


def test_a_schedule_without_a_booking_is_behind_all_that_began() -> None:
    lane = booked(Lane(), "a")
    assert lane.booked("b") is None
    assert lane.ahead_of("b") == 0
    assert lane.begin("a").ahead_of("b") == 1
    assert lane.begin("b") == lane.wait("b") == lane
    assert lane.accepted("b") == lane
    assert lane.release("b") == lane


def test_only_what_the_platform_does_not_count_yet_is_ahead() -> None:
    lane = booked(booked(booked(Lane(), "a"), "b"), "c").begin("a").begin("b").begin("c")

    assert lane.ahead_of("c") == 2
    assert lane.accepted("a").ahead_of("c") == 1
    assert lane.ahead_of("a") == 0


def test_posts_use_the_quota_in_the_order_in_which_they_began() -> None:
    lane = booked(booked(Lane(), "a"), "b").begin("b").begin("a")
    assert (lane.ahead_of("a"), lane.ahead_of("b")) == (1, 0)
    assert lane.begin("b") == lane

    moved = lane.book("b", NOON + HOUR, RULES, NOON)
    assert at(moved, "b") == NOON + HOUR
    assert (moved.ahead_of("a"), moved.ahead_of("b")) == (1, 0)

    waiting = lane.wait("b")
    assert waiting.ahead_of("a") == 0
    assert waiting.begin("b").ahead_of("b") == 1


@given(st.lists(st.integers(min_value=0, max_value=3 * 86_400), max_size=25))
def test_every_plan_keeps_distance_and_quota(offsets: list[int]) -> None:
    lane = Lane()
    for number, offset in enumerate(offsets):
        lane = booked(lane, str(number), NOON + timedelta(seconds=offset))

    instants = [booking.at for booking in lane.bookings]
    assert len(instants) == len(offsets)
    assert instants == sorted(instants)
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(instants))
    assert all(later - earlier >= DAY for earlier, later in zip(instants, instants[3:], strict=False))
    assert all(at(lane, str(n)) >= NOON + timedelta(seconds=offset) for n, offset in enumerate(offsets))


def fail(circuit: Circuit, name: str, at: datetime) -> Circuit:
    """The circuit after a failed attempt of the schedule `name` of the post of that name."""
    return circuit.failed(name, name, BREAKER, at, reason=f"{name} was refused")


def failing(*names: str, circuit: Circuit | None = None) -> Circuit:
    """The circuit after a failure of each, a minute apart."""
    circuit = circuit or Circuit()
    for number, name in enumerate(names):
        circuit = fail(circuit, name, NOON + number * MINUTE)
    return circuit


def test_circuit_opens_for_minutes_after_failures_of_different_posts() -> None:
    closed, opened = failing("a", "b"), failing("a", "b", "c")

    assert closed.open_until("d", BREAKER, NOON + 2 * MINUTE) is None
    assert opened.open_until("d", BREAKER, NOON + 3 * MINUTE) == NOON + 7 * MINUTE
    assert opened.open_until("d", BREAKER, NOON + 7 * MINUTE) is None
    assert opened.reason == "c was refused"


def test_tries_of_one_post_never_open_the_circuit() -> None:
    assert failing(*"aaaaaaaa").opened_at is None
    assert failing("a", "b", "a", "b", "a").opened_at is None


def test_failures_further_apart_than_the_window_leave_it_closed() -> None:
    circuit = fail(failing("a", "b"), "c", NOON + 3 * HOUR)

    assert circuit.opened_at is None
    assert [failure.post_id for failure in circuit.failed_posts] == ["c"]


def test_failures_that_an_earlier_release_stored_are_not_counted() -> None:
    stored = {"failures": [NOON.isoformat()] * 4}

    assert fail(Circuit.model_validate(stored), "a", NOON).opened_at is None


def test_half_open_circuit_lets_one_through_for_a_while() -> None:
    later = NOON + 2 * HOUR
    circuit = failing("a", "b", "c").let_through("probe", later)

    assert circuit.open_until("probe", BREAKER, later) is None
    assert circuit.open_until("other", BREAKER, later) == later + BREAKER.patience
    assert circuit.open_until("other", BREAKER, later + BREAKER.patience) is None


def test_probe_decides_whether_the_circuit_opens_anew() -> None:
    later = NOON + 2 * HOUR
    probing = failing("a", "b", "c").let_through("probe", later)

    assert fail(probing, "straggler", later) == probing
    assert fail(probing, "probe", later).open_until("b", BREAKER, later) == later + 10 * MINUTE
    assert Lane(circuit=probing).accepted("probe").circuit == Circuit()


def test_each_failed_probe_doubles_the_wait_up_to_an_hour() -> None:
    circuit, at, waits = failing("a", "b", "c"), NOON + 2 * MINUTE, []
    for number in range(60):
        until = circuit.open_until("probe", BREAKER, at)
        assert until is not None
        waits.append(until - at)
        # From then on, the retry of a post that waited in its execution counts as the probe.
        probing = circuit.let_through("probe", until) if number % 2 else circuit
        circuit, at = fail(probing, "probe", until), until

    assert waits[:6] == [5 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, HOUR, HOUR]
    assert set(waits[5:]) == {HOUR}


def test_a_probe_that_was_let_through_keeps_its_time_and_place() -> None:
    opened, later = failing("a", "b", "c"), NOON + HOUR
    probing = opened.let_through("probe", later)

    assert (probing.probe, probing.probe_at) == ("probe", later)
    assert probing.let_through("probe", later + MINUTE) == probing
    assert opened.admit("urgent").let_through("urgent", later).probe is None
    assert Circuit().let_through("probe", later) == Circuit()
    assert opened.half_open_at(BREAKER) == NOON + 7 * MINUTE
    assert Circuit().half_open_at(BREAKER) is None


def test_a_request_is_remembered_once_and_beside_others() -> None:
    requested = failing("a", "b", "c").admit("x").admit("y").admit("x")

    assert requested.requested == ("x", "y")
    assert fail(requested, "x", NOON + 3 * MINUTE).requested == ("y",)
    reopened = fail(requested.let_through("probe", NOON + HOUR), "probe", NOON + HOUR)
    assert (reopened.requested, reopened.reopened, reopened.reason) == (("x", "y"), 1, "probe was refused")
    assert reopened.opened_at == NOON + HOUR


def test_a_failure_counts_for_an_hour() -> None:
    first = fail(Circuit(), "a", NOON)

    assert [item.post_id for item in fail(first, "b", NOON + HOUR - MINUTE).failed_posts] == ["a", "b"]
    assert [item.post_id for item in fail(first, "b", NOON + HOUR).failed_posts] == ["b"]
    assert [item.at for item in fail(first, "a", NOON + MINUTE).failed_posts] == [NOON + MINUTE]


def test_operators_request_passes_an_open_circuit_until_it_fails() -> None:
    opened = failing("a", "b", "c")
    admitted = opened.admit("urgent")

    assert admitted.open_until("urgent", BREAKER, NOON + 3 * MINUTE) is None
    assert admitted.open_until("other", BREAKER, NOON + 3 * MINUTE) == NOON + 7 * MINUTE
    assert fail(admitted, "urgent", NOON + 3 * MINUTE) == opened
    assert Circuit().admit("urgent") == Circuit()
