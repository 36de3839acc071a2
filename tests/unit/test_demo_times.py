"""The demo's times mean the instants that it waits for, also when the clocks change."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from infra.local.demo_run import ZONE, post_time, slot_wall
from shutterpost.flows.planning.scheduled_time import parse_scheduled_time
from shutterpost.personas import Slot, coming_slots
from tests.support.builders import a_persona

BACK, FORWARD = datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 3, 29, 1, tzinfo=UTC)
AROUND = [change + timedelta(minutes=minutes) for change in (BACK, FORWARD) for minutes in range(-90, 120, 15)]


@pytest.mark.parametrize("now", AROUND, ids=str)
def test_slot_and_post_come_at_the_instants_that_the_demo_waits_for(now: datetime) -> None:
    ahead = now + timedelta(seconds=20)
    wall, zone = slot_wall(ahead)
    persona = a_persona(zone=zone, slots=(Slot(at=wall.time()),))

    assert coming_slots(persona, now, now + timedelta(days=1))[0].run_at == ahead
    at = datetime.fromisoformat(post_time(ahead, ZoneInfo(ZONE)))
    assert parse_scheduled_time(at, ZONE, now).run_at == ahead


def test_demo_shows_times_of_its_zone_outside_the_repeated_hour() -> None:
    assert [slot_wall(BACK + timedelta(minutes=minutes))[1] for minutes in (-1, 0, 59, 60)] == [
        ZONE,
        "UTC",
        "UTC",
        ZONE,
    ]
