"""Lanes and the pause switch in DynamoDB."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.scheduling import Lane, LaneRules, Lanes, Pauses
from shutterpost.scheduling.store.items import Item
from tests.contract.conftest import CreateTable

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULES = LaneRules(spacing=timedelta(minutes=1), quota=50, window=timedelta(days=1))


@pytest.fixture(autouse=True)
def table(new_table: CreateTable) -> str:
    """The table `posts`."""
    return new_table(Item)


def test_lane_begins_empty_and_keeps_what_it_becomes(table: str) -> None:
    lanes = Lanes()
    assert lanes.get("c1") == Lane()

    changed = lanes.change("c1", "owner", lambda lane: lane.book("s1", NOON, RULES, NOON))

    assert lanes.get("c1") == changed
    assert changed.bookings[0].at == NOON
    assert lanes.get("c2") == Lane()


def test_change_that_changes_nothing_writes_nothing(table: str) -> None:
    lanes = Lanes()

    lanes.change("c1", "owner", lambda lane: lane)

    assert not list(Item.query("LANE#c1"))


@pytest.mark.parametrize("new_table", [pytest.param("dynamodb-local", marks=pytest.mark.java)], indirect=True)
def test_booking_at_once_gives_every_schedule_an_instant_of_its_own(table: str) -> None:
    # Not on moto: its conditions do not hold between threads.
    lanes = Lanes()

    def book(number: int) -> None:
        lanes.change("c1", "owner", lambda lane: lane.book(f"s{number}", NOON, RULES, NOON))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(book, range(24)))

    instants = [booking.at for booking in lanes.get("c1").bookings]
    assert instants == [NOON + number * timedelta(minutes=1) for number in range(24)]


def test_pause_holds_for_its_owner_until_resumed(table: str) -> None:
    pauses = Pauses()

    pauses.pause("owner", "Holiday.", NOON)
    pauses.pause("owner", "Still away.", NOON + timedelta(hours=1))
    held, other = pauses.of("owner"), pauses.of("somebody")
    pauses.resume("owner")
    pauses.resume("owner")

    assert held is not None
    assert (held.reason, held.since) == ("Still away.", NOON)
    assert other is None
    assert pauses.of("owner") is None
