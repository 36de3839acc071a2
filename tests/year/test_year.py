"""The first weeks of a year with every test run; `make year` lives through the whole."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from shutterpost.personas import Slot, coming_slots, new_persona
from tests.simulation.deployment import deployment
from tests.simulation.history import Deploy
from tests.year.picture import COLOURS, svg
from tests.year.report import YearReport, slots_of
from tests.year.run import live
from tests.year.setting import PLANS


@pytest.fixture(scope="module")
def weeks() -> YearReport:
    """Twenty days of a year, with a small library."""
    with deployment() as deploy:
        return _weeks(deploy)


def _weeks(deploy: Deploy) -> YearReport:
    return live(deploy, 1, days=20, photos=200, note=lambda _: None)


def test_every_slot_is_posted_or_explained(weeks: YearReport) -> None:
    assert weeks.findings == []
    assert [record.unexplained for record in weeks.personas] == [[], [], []]
    assert sum(record.posted for record in weeks.personas) > 60
    assert list(weeks.lines())[-1].startswith("year: slots=79 posted=")


def test_each_square_of_the_picture_is_a_day(weeks: YearReport) -> None:
    record = weeks.personas[0]
    picture = svg(record)
    assert picture.count("<title>") == len({slot.day for slot in record.slots})
    # Once in the legend, and nowhere in the calendar.
    assert picture.count(COLOURS["unexplained"]) == 1


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_slots_are_where_the_product_has_them_in_gap_and_fold(plan) -> None:
    start = datetime(2027, 11, 1, tzinfo=UTC)
    slots = tuple(Slot(at=at) for at in plan.slots)
    persona = new_persona(owner="owner", name=plan.name, zone=plan.zone, now=start, slots=slots)
    until = start + timedelta(days=366)
    own = [at for _, at in slots_of(persona, until)]
    assert own == [slot.run_at for slot in coming_slots(persona, start + timedelta(hours=1), until)]


def test_a_slot_in_a_gap_is_the_first_instant_after_it() -> None:
    start = datetime(2027, 3, 27, 12, tzinfo=UTC)
    persona = new_persona(owner="owner", name="A", zone="Europe/Berlin", now=start, slots=(Slot(at=time(2, 30)),))
    [(day, at), *_] = slots_of(persona, start + timedelta(days=2))
    assert (day, at.astimezone(ZoneInfo("Europe/Berlin")).time()) == (date(2027, 3, 28), time(3))
