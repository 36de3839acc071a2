"""Times as an operator types them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from shutterpost.console.client.times import TimeUnclear, ZoneUnknown, load_zone, parse_date, parse_since, parse_time
from tests.support.builders import NOW

PARIS = "Europe/Paris"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18:30", "2026-03-01T18:30:00"),
        ("9:15", "2026-03-02T09:15:00"),
        ("7pm", "2026-03-01T19:00:00"),
        ("7:45 AM", "2026-03-02T07:45:00"),
        ("12am", "2026-03-02T00:00:00"),
        ("noon", "2026-03-02T12:00:00"),
        ("midnight", "2026-03-02T00:00:00"),
        ("today 09:15", "2026-03-01T09:15:00"),
        ("Tomorrow 18:30:15", "2026-03-02T18:30:15"),
        ("tomorrow at 7 pm", "2026-03-02T19:00:00"),
        ("tomorrow", "2026-03-02T12:00:00"),
        ("tomorrow noon", "2026-03-02T12:00:00"),
        ("sun 12:00", "2026-03-08T12:00:00"),
        ("Sunday 14:00", "2026-03-01T14:00:00"),
        ("wed 00:00", "2026-03-04T00:00:00"),
        ("next monday", "2026-03-02T12:00:00"),
        ("next sunday 14:00", "2026-03-08T14:00:00"),
        ("in 10 minutes", "2026-03-01T13:10:00+01:00"),
        ("in an hour", "2026-03-01T14:00:00+01:00"),
        ("in 2 days", "2026-03-03T13:00:00+01:00"),
        ("2026-05-01", "2026-05-01T12:00:00"),
        ("2026-05-01 18:30", "2026-05-01T18:30:00"),
        ("2026-05-01T10:00:00+02:00", "2026-05-01T10:00:00+02:00"),
    ],
)
def test_parse_time_returns_the_next_time_in_the_zone(text: str, value: str) -> None:
    assert parse_time(text, PARIS, NOW).value == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "25:00",
        "13pm",
        "someday 10:00",
        "10",
        "soon",
        "\0",
        "9999-12-31T23:59-12:00",
        "0001-01-01T00:00",
        "in 999999 weeks",
    ],
)
def test_parse_time_refuses_an_invalid_time_with_examples(text: str) -> None:
    with pytest.raises(TimeUnclear, match="tomorrow 18:30"):
        parse_time(text, PARIS, NOW)


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("tomorrow 18:30", "Mon 02 Mar 2026 18:30 CET (Europe/Paris)"),
        ("2026-10-25 02:30", "Sun 25 Oct 2026 02:30 CEST (Europe/Paris); the first of two 02:30"),
        ("2026-03-29 02:30", "Sun 29 Mar 2026 03:00 CEST (Europe/Paris); 02:30 does not exist"),
    ],
)
def test_a_parsed_time_is_described_in_full_with_a_clock_change(text: str, full: str) -> None:
    assert parse_time(text, PARIS, NOW).text.startswith(full)


def test_a_repeated_local_time_means_the_first_of_the_two() -> None:
    repeated = parse_time("2026-10-25T02:30", PARIS, NOW + timedelta(days=1))
    assert repeated.instant == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", ["PST", "Mars/Olympus", "", "../etc", "Europe", "a\0b", "x" * 300])
def test_load_zone_refuses_names_that_are_no_zone(name: str) -> None:
    with pytest.raises(ZoneUnknown, match="Europe/Berlin"):
        load_zone(name)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("24h", NOW - timedelta(days=1)),
        ("2 d", NOW - timedelta(days=2)),
        ("90 minutes ago", NOW - timedelta(minutes=90)),
        ("09:00", NOW.replace(hour=8)),
        ("23:00", NOW.replace(hour=22) - timedelta(days=1)),
        ("2026-02-27", datetime(2026, 2, 26, 23, 0, tzinfo=UTC)),
        ("2026-02-01T00:00:00+00:00", NOW.replace(month=2, hour=0)),
    ],
)
def test_parse_since_returns_a_past_instant(text: str, since: datetime) -> None:
    assert parse_since(text, PARIS, NOW) == since


@pytest.mark.parametrize("text", ["2026-04-01T09:00", "999999w", "tomorrow", "long ago"])
def test_parse_since_refuses_what_is_not_in_the_past(text: str) -> None:
    with pytest.raises(TimeUnclear):
        parse_since(text, PARIS, NOW)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        (None, date(2026, 3, 1)),
        ("2026-04-05", date(2026, 4, 5)),
        ("tomorrow", date(2026, 3, 2)),
        ("next mon", date(2026, 3, 2)),
        ("sunday", date(2026, 3, 1)),
    ],
)
def test_parse_date_returns_the_day(text: str | None, day: date) -> None:
    assert parse_date(text, PARIS, NOW) == day


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "", "18:30", "9999-99-99"])
def test_parse_date_refuses_an_invalid_date(text: str) -> None:
    with pytest.raises(TimeUnclear):
        parse_date(text, PARIS, NOW)
