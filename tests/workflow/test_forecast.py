"""The forecast equals the later picks: the same code on a simulated library, then the real flows."""

from datetime import timedelta

from shutterpost.curation import Decision
from tests.support.builders import a_photo
from tests.support.calendar import broken_rules, live_through, settle_in
from tests.support.libraries import stock
from tests.support.system import System


def test_two_months_go_as_planned_on_the_first_day(system: System) -> None:
    personas = settle_in(system, photos=70, only="By Share")
    [outcome] = live_through(system, personas, 60, publish=False)
    planned = {slot.run_at: slot.photo_id for slot in outcome.plan.slots if slot.photo_id}
    assert planned == outcome.picked
    assert len(set(planned.values())) == len(planned) > 50
    assert broken_rules(outcome) == []


def test_a_week_of_three_personas_goes_out_as_planned(system: System) -> None:
    for outcome in live_through(system, settle_in(system, photos=12), 7, publish=True):
        planned = {slot.run_at: slot.photo_id for slot in outcome.plan.slots if slot.photo_id}
        assert planned == outcome.picked
        assert outcome.published == len(planned) == len(outcome.plan.slots)


def test_a_forecast_writes_nothing_and_lists_slots_that_stay_empty(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    stock(system, persona, 4, seed=7)
    before = system.stores.photos.candidates(persona.persona_id, 9)

    plan = system.forecaster.plan(persona, 7)

    assert (len(plan.slots), plan.filled) == (7, 4)
    assert plan.slots[-1].reason == "No unposted photos available to schedule."
    assert system.stores.photos.candidates(persona.persona_id, 9) == before
    assert system.stores.posts.decisions(persona.persona_id, limit=9).decisions == ()


def test_a_slot_that_is_picked_already_stays_as_it_is(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    stock(system, persona, 9, seed=7)
    planner = system.forecaster
    planned = planner.plan(persona, 3)

    first = system.picker.pick(persona.persona_id, planned.slots[0].run_at)
    again = planner.plan(persona, 3)

    assert again.slots[0].post_id == first.post_id
    assert [slot.photo_id for slot in again.slots] == [slot.photo_id for slot in planned.slots]
    assert [slot.name for slot in again.slots] == [slot.name for slot in planned.slots]
    assert again.made_at - planned.made_at < timedelta(minutes=1)


def test_a_forecast_that_is_asked_why_shows_what_the_decision_will(system: System) -> None:
    weights = {"season": 0.5}
    persona = system.add_persona(strategy="weighted_choice", weights=weights)
    system.connect(persona, "instagram")
    stock(system, persona, 9, seed=7)

    short, whole = system.forecaster.plan(persona, 2), system.forecaster.plan(persona, 2, why=True)
    slot = whole.slots[0]
    system.picker.pick(persona.persona_id, slot.run_at)

    [record] = system.stores.posts.decisions(persona.persona_id, limit=9).decisions
    picked, *following = Decision.model_validate(record.body).considered
    assert (slot.photo_id, slot.total, slot.parts) == (picked.photo_id, picked.total, picked.parts)
    assert slot.parts is not None
    assert slot.parts.season > 0
    assert [(each.photo_id, each.total, each.parts) for each in slot.next_in_line] == [
        (each.photo_id, each.total, each.parts) for each in following[:5]
    ]
    assert {(each.parts, each.next_in_line) for each in short.slots} == {(None, ())}


def test_photos_that_a_rule_refuses_are_not_in_line(system: System) -> None:
    persona = system.add_persona(weights={"sharpness_floor": 50.0})
    system.connect(persona, "instagram")
    for name, sharpness in (("a.jpg", 90.0), ("b.jpg", 10.0), ("c.jpg", 80.0)):
        system.stores.photos.record(a_photo(name, persona_id=persona.persona_id, score=8.0, sharpness=sharpness))

    [slot] = system.forecaster.plan(persona, 1, why=True).slots

    assert {slot.name, *(each.name for each in slot.next_in_line)} == {"a.jpg", "c.jpg"}
