"""A persona that requires an alt text posts no photo without one, and its decisions say so."""

from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.curation import Considered, Decision
from shutterpost.flows.picking.choose_photo import MAX_WINDOWS, WINDOW
from shutterpost.personas import Persona
from shutterpost.photos import annotation_of
from tests.support.system import System

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
REFUSED = ("it has no alt text, which the persona requires",)


@pytest.fixture
def persona(system: System) -> Persona:
    persona = system.add_persona(require_alt_text=True)
    system.connect(persona, "instagram")
    return persona


def considered(system: System, persona: Persona, slot: datetime) -> list[Considered]:
    record = system.stores.posts.decision(persona.persona_id, slot)
    assert record is not None
    return list(Decision.model_validate(record.body).considered)


def describe(system: System, persona: Persona, photo_id: str, alt_text: str) -> None:
    stated = annotation_of({"sha256": photo_id, "alt_text": alt_text})
    system.stores.photos.record_annotation(
        persona.persona_id, persona.owner, stated, stated_at=system.clock.now(), line=1
    )


def test_a_pick_passes_over_photos_without_an_alt_text(system: System, persona: Persona) -> None:
    best = system.add_photo(persona, 1, score=9, alt_text=" ")
    second = system.add_photo(persona, 2, score=5, alt_text="A dune.")

    picked = system.picker.pick(persona.persona_id, SLOT)

    assert system.stores.posts.details(picked.post_id or "").post.photo_ids == (second.photo_id,)
    assert "1 better or equal passed over by rule" in picked.reason
    judged = {item.photo_id: item for item in considered(system, persona, SLOT)}
    assert judged[best.photo_id].rules == REFUSED
    assert judged[best.photo_id].verdict == "refused"


def test_a_persona_that_requires_none_posts_them(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=9, alt_text="")

    picked = system.picker.pick(persona.persona_id, SLOT)

    assert system.stores.posts.details(picked.post_id or "").post.photo_ids == (photo.photo_id,)


def test_a_slot_stays_empty_where_no_photo_has_one(system: System, persona: Persona) -> None:
    system.add_photo(persona, 1, score=9, alt_text="")

    picked = system.picker.pick(persona.persona_id, SLOT)

    assert (picked.post_id, [item.rules for item in considered(system, persona, SLOT)]) == (None, [REFUSED])


def test_a_person_gives_a_photo_that_was_set_aside_its_alt_text(system: System, persona: Persona) -> None:
    best = system.add_photo(persona, 1, score=9, alt_text="")
    for number in (2, 3):
        system.add_photo(persona, number, score=5, alt_text="A dune.")
    system.picker.pick(persona.persona_id, SLOT)
    last = system.stores.photos.unposted(persona.persona_id).photos[-1]
    assert last.photo_id == best.photo_id

    describe(system, persona, best.photo_id, "A valley in fog.")
    first = system.stores.photos.unposted(persona.persona_id).photos[0]
    assert first.photo_id == best.photo_id
    picked = system.picker.pick(persona.persona_id, SLOT + DAY)

    details = system.stores.posts.details(picked.post_id or "")
    assert (details.post.photo_ids, details.variants[0].alt_text) == ((best.photo_id,), "A valley in fog.")


def test_photos_without_an_alt_text_do_not_hide_the_others_for_long(system: System, persona: Persona) -> None:
    for number in range(WINDOW * MAX_WINDOWS):
        system.add_photo(persona, 1 + number, score=9, alt_text="", renditions={"feed": "renditions/x.jpg"})
    described = system.add_photo(persona, 999, score=5, alt_text="A dune.")

    first = system.picker.pick(persona.persona_id, SLOT)
    second = system.picker.pick(persona.persona_id, SLOT + DAY)

    assert first.post_id is None
    assert system.stores.posts.details(second.post_id or "").post.photo_ids == (described.photo_id,)


def test_the_explanation_of_a_photo_says_what_to_do(system: System, persona: Persona) -> None:
    photo = system.add_photo(persona, 1, score=9, alt_text="")

    explained = system.explainer.explain(persona, photo.names[0])

    assert (explained.standing, explained.because) == ("refused", REFUSED)
    assert "require_alt_text" in explained.change[0]
