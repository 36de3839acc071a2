"""The store of personas."""

from datetime import time, timedelta

import pytest

from shutterpost.personas import (
    NameIsFixed,
    PersonaExists,
    PersonaNotFound,
    Personas,
    PersonaStatus,
    RatioPolicy,
    Slot,
    StaleVersion,
    Weekday,
    persona_id_for,
)
from shutterpost.personas.store import PersonaItem
from tests.contract.conftest import CreateTable
from tests.support.builders import NOW, OWNER, a_persona


@pytest.fixture
def personas(new_table: CreateTable) -> Personas:
    new_table(PersonaItem)
    return Personas()


def test_a_persona_comes_back_as_it_was_created(personas):
    persona = a_persona(
        slots=[{"at": "18:30:15", "weekdays": [Weekday.FRI, Weekday.MON]}, {"at": "09:00"}],
        hashtags=["#forest", "moss"],
        ratio_policy=RatioPolicy.CROP,
        default_caption="Out there.",
        pick_lead_seconds=0,
    )
    assert personas.create(persona) == persona
    assert personas.get(persona.persona_id) == persona
    assert persona.hashtags == ("forest", "moss")
    assert persona.persona_id == persona_id_for(OWNER, "Nature Explorer")
    assert persona.persona_id.startswith("nature-explorer-")


def test_a_name_is_unique_for_its_owner(personas):
    first = personas.create(a_persona("Café  Noir"))
    with pytest.raises(PersonaExists) as refused:
        personas.create(a_persona("Cafe\u0301 Noir", zone="UTC"))
    assert refused.value.members["persona_id"] == first.persona_id
    assert personas.create(a_persona("Café Noir", owner="123456789012/other")).persona_id != first.persona_id
    assert personas.get(first.persona_id) == first


def test_get_refuses_another_owner(personas):
    persona = personas.create(a_persona())
    assert personas.get(persona.persona_id, OWNER) == persona
    with pytest.raises(PersonaNotFound):
        personas.get(persona.persona_id, "123456789012/other")
    with pytest.raises(PersonaNotFound):
        personas.get("nobody-000000")


def test_an_owners_personas_are_listed_page_by_page_by_name(personas):
    for name in ("Cora", "Abel", "Bert"):
        personas.create(a_persona(name))
    personas.create(a_persona("Aaron", owner="123456789012/other"))
    first = personas.list(OWNER, limit=2)
    assert [persona.name for persona in first.personas] == ["Abel", "Bert"]
    rest = personas.list(OWNER, limit=2, cursor=first.cursor)
    assert [persona.name for persona in rest.personas] == ["Cora"]
    assert rest.cursor is None
    with pytest.raises(PersonaNotFound):
        personas.list(OWNER, cursor="nobody-000000")


def test_a_change_raises_the_version_and_refuses_the_slower_one(personas):
    read = personas.create(a_persona())
    changed = personas.update(read.model_copy(update={"zone": "UTC"}), NOW + timedelta(hours=1))
    assert (changed.version, changed.zone, changed.updated_at) == (2, "UTC", NOW + timedelta(hours=1))
    assert personas.get(read.persona_id) == changed
    with pytest.raises(StaleVersion) as refused:
        personas.update(read.model_copy(update={"zone": "Asia/Tokyo"}), NOW)
    assert refused.value.members["version"] == 2
    assert personas.get(read.persona_id) == changed


def test_a_change_of_slots_is_dated_and_keeps_the_slots_before_it(personas):
    read = personas.create(a_persona(zone="UTC", slots=[{"at": "13:00"}]))
    assert read.slots_since == NOW
    later = personas.update(read.model_copy(update={"late_grace_minutes": 5}), NOW + timedelta(hours=2))
    assert (later.slots_since, later.past_slots) == (NOW, ())
    moved_at = NOW + timedelta(hours=30)
    moved = personas.update(later.model_copy(update={"slots": (Slot(at=time(9)),)}), moved_at)
    assert (moved.slots_since, moved.past_slots) == (moved_at, (NOW.replace(hour=13), NOW.replace(day=2, hour=13)))
    assert personas.get(read.persona_id) == moved


def test_a_persona_of_an_earlier_release_has_its_slots_since_its_last_change(personas):
    read = personas.create(a_persona())
    PersonaItem.get(read.persona_id).update([PersonaItem.slots_since.remove(), PersonaItem.past_slots.remove()])
    assert personas.get(read.persona_id) == read
    changed = personas.update(read.model_copy(update={"late_grace_minutes": 5}), NOW + timedelta(hours=1))
    assert personas.get(read.persona_id) == changed
    assert (changed.slots_since, changed.updated_at) == (NOW, NOW + timedelta(hours=1))


def test_a_persona_keeps_its_name_and_must_exist_to_be_changed(personas):
    persona = personas.create(a_persona())
    with pytest.raises(NameIsFixed):
        personas.update(persona.model_copy(update={"name": "City Explorer"}), NOW)
    with pytest.raises(PersonaNotFound):
        personas.update(a_persona("Never Stored"), NOW)


def test_the_roster_holds_the_active_personas_of_all_owners(personas):
    abel = personas.create(a_persona("Abel"))
    bert = personas.create(a_persona("Bert", owner="123456789012/other"))
    cora = personas.create(a_persona("Cora", status=PersonaStatus.PAUSED))
    assert {persona.name for persona in personas.active()} == {"Abel", "Bert"}
    personas.update(abel.model_copy(update={"status": PersonaStatus.PAUSED}), NOW)
    personas.update(cora.model_copy(update={"status": PersonaStatus.ACTIVE}), NOW)
    assert {persona.persona_id for persona in personas.active()} == {bert.persona_id, cora.persona_id}
