"""Wall-clock slots become instants, also at changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shutterpost.personas import PersonaStatus, Slot, Weekday, announced_slots, coming_slots, instant_of
from shutterpost.personas.slots import with_past_slots
from tests.support.builders import a_persona

ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"]
DAY = timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        ("Europe/Paris", "2026-01-15T09:00:00", "2026-01-15T08:00:00"),
        ("Europe/Paris", "2026-07-15T09:00:00", "2026-07-15T07:00:00"),
        # The gap: 02:00-03:00 does not exist; 03:00 is 01:00 UTC.
        ("Europe/Paris", "2026-03-29T02:30:00", "2026-03-29T01:00:00"),
        ("Europe/Paris", "2026-03-29T02:00:00", "2026-03-29T01:00:00"),
        ("Europe/Paris", "2026-03-29T03:00:00", "2026-03-29T01:00:00"),
        # The fold: 02:30 comes twice; the first is summer time.
        ("Europe/Paris", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("America/New_York", "2026-03-08T02:59:59", "2026-03-08T07:00:00"),
        # Half an hour is lost here, and a whole day there.
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:30:00"),
        ("Pacific/Apia", "2011-12-30T09:00:00", "2011-12-30T10:00:00"),
    ],
)
def test_a_wall_time_means_one_instant(zone, wall, instant):
    assert instant_of(datetime.fromisoformat(wall), ZoneInfo(zone)) == at(instant)


def test_slots_on_weekdays_and_daily_come_in_order():
    persona = a_persona(slots=[{"at": "18:30:15", "weekdays": ["mon", "fri"]}, {"at": "09:00"}])
    slots = coming_slots(persona, at("2026-01-11T23:00"), at("2026-01-13T23:00"))
    assert [slot.run_at for slot in slots] == [
        at("2026-01-12T08:00"),
        at("2026-01-12T17:30:15"),
        at("2026-01-13T08:00"),
    ]
    assert slots[1].wall_time == datetime(2026, 1, 12, 18, 30, 15)  # noqa: DTZ001 - wall time
    assert {slot.zone for slot in slots} == {"Europe/Paris"}


def test_the_window_holds_its_end_and_not_its_beginning():
    persona = a_persona(zone="UTC")
    nine = at("2026-01-12T09:00")
    assert coming_slots(persona, nine, nine + timedelta(hours=1)) == []
    assert [slot.run_at for slot in coming_slots(persona, nine - timedelta(hours=1), nine)] == [nine]


def test_slots_that_a_gap_throws_together_are_one():
    persona = a_persona(slots=[{"at": "02:15"}, {"at": "02:45"}, {"at": "03:00"}])
    slots = coming_slots(persona, at("2026-03-29T00:00"), at("2026-03-29T12:00"))
    assert [slot.run_at for slot in slots] == [at("2026-03-29T01:00")]


@given(
    st.sampled_from(ZONES),
    st.times().map(lambda moment: moment.replace(microsecond=0)),
    st.dates(date(2005, 1, 1), date(2037, 1, 1)),
)
def test_no_instant_is_earlier_than_its_wall_time_and_windows_add_up(zone, moment, day):
    persona = a_persona(zone=zone, slots=[{"at": moment}])
    start = datetime.combine(day, time(), UTC)
    middle, end = start + 3 * DAY, start + 7 * DAY
    whole = coming_slots(persona, start, end)
    assert coming_slots(persona, start, middle) + coming_slots(persona, middle, end) == whole
    # A zone that skips a day has one slot less in a week, thrown together with the next.
    assert 6 <= len(whole) <= 8
    for slot in whole:
        shown = slot.run_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert shown >= slot.wall_time
        if shown != slot.wall_time:
            before = (slot.run_at - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            assert before < slot.wall_time


def test_weekdays_are_those_of_the_wall_date():
    persona = a_persona(zone="Pacific/Auckland", slots=[{"at": "06:00", "weekdays": [Weekday.MON]}])
    slots = coming_slots(persona, at("2026-01-10T00:00"), at("2026-01-13T00:00"))
    assert [slot.run_at for slot in slots] == [at("2026-01-11T17:00")]


@pytest.mark.parametrize(
    "fields",
    [{"at": "09:00+01:00"}, {"at": "09:00:00.5"}, {"at": "25:00"}, {"at": "09:00", "weekdays": []}],
)
def test_a_slot_is_a_plain_wall_time_on_some_day(fields):
    with pytest.raises(ValidationError):
        Slot.model_validate(fields)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "CET+1"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(ValidationError, match="IANA time zone"):
        a_persona(zone=zone)


def test_no_slot_falls_on_a_blackout_date_of_the_wall():
    persona = a_persona(zone="Pacific/Auckland", slots=[{"at": "06:00"}], blackout_dates=["2026-01-12"])
    slots = coming_slots(persona, at("2026-01-10T18:00"), at("2026-01-13T00:00"))
    assert [slot.wall_time.day for slot in slots] == [13]


@given(st.integers(1, 180), st.sampled_from(ZONES))
def test_the_jitter_of_a_slot_is_always_the_same(minutes, zone):
    plain = a_persona(zone=zone, slots=[{"at": "09:00"}, {"at": "18:00"}])
    jittery = plain.model_copy(update={"jitter_minutes": minutes})
    start, end = at("2026-05-01T00:00"), at("2026-05-15T00:00")
    slots = coming_slots(jittery, start - DAY, end)
    assert slots == coming_slots(jittery, start - DAY, start) + coming_slots(jittery, start, end)
    put_off, meant = (
        [slot.wall_time for slot in coming_slots(item, start - DAY, end) if 2 < slot.wall_time.day < 13]
        for item in (jittery, plain)
    )
    offsets = [wall - plain_wall for wall, plain_wall in zip(put_off, meant, strict=True)]
    assert all(timedelta(0) <= offset <= timedelta(minutes=minutes) for offset in offsets)
    assert len(set(offsets)) > 1


def test_slots_are_announced_by_the_rules_of_their_time():
    daily = a_persona(zone="UTC", slots=[{"at": "13:00"}])
    start = daily.slots_since
    assert announced_slots(daily, start - DAY, start + DAY) == [at("2026-03-01T13:00:00")]
    evening = daily.model_copy(update={"slots": (Slot(at=time(20)),)})
    moved = with_past_slots(evening, daily, at("2026-03-02T14:00:00"))
    expected = [at(f"2026-03-0{day}:00:00") for day in ("1T13", "2T13", "2T20", "3T20")]
    assert announced_slots(moved, start - DAY, start + 2 * DAY + timedelta(hours=9)) == expected
    assert announced_slots(moved, at("2026-03-01T13:00:00"), at("2026-03-02T20:00:00")) == expected[1:3]
    rested = with_past_slots(
        moved.model_copy(update={"status": PersonaStatus.PAUSED}), moved, at("2026-03-03T00:00:00")
    )
    assert announced_slots(rested, start, start + 4 * DAY) == expected[:3]
    awake = with_past_slots(
        rested.model_copy(update={"status": PersonaStatus.ACTIVE}), rested, at("2026-03-05T13:30:00")
    )
    assert awake.past_slots == (at("2026-03-02T20:00:00"),)
    assert announced_slots(awake, start, at("2026-03-06T00:00:00")) == [*awake.past_slots, at("2026-03-05T20:00:00")]


@pytest.mark.parametrize("rules", [{"late_grace_minutes": 5}, {"veto_hours": 3}, {"default_caption": "Out there."}])
def test_a_change_of_other_rules_leaves_the_slots_as_they_were_announced(rules):
    daily = a_persona(zone="UTC", slots=[{"at": "13:00"}])
    changed = with_past_slots(daily.model_copy(update=rules), daily, daily.slots_since + DAY)
    assert (changed.slots_since, changed.past_slots) == (daily.slots_since, ())
