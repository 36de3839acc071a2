"""A pick passes over near duplicates of photos that the connection has shown or will show."""

from datetime import UTC, datetime, timedelta

from shutterpost.flows.picking import choose_photo
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.photos import Photo
from tests.support.system import System

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)
FAR = 0xFFFF_FFFF_0000_0000


def alike(system: System, persona, number: int, dhash: int, score: float) -> Photo:
    return system.add_photo(persona, number, score=score, dhash=f"{dhash:016x}")


def test_a_near_duplicate_of_an_open_post_is_passed_over_with_the_reason(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    alike(system, persona, 1, 0b000, 9.0)
    twin = alike(system, persona, 2, 0b111, 8.0)
    other = alike(system, persona, 3, FAR, 3.0)

    system.picker.pick(persona.persona_id, SLOT)
    second = system.picker.pick(persona.persona_id, SLOT + DAY)

    post = system.stores.posts.details(second.post_id or "").post
    assert post.photo_ids == (other.photo_id,)
    decision = system.stores.posts.decision(persona.persona_id, SLOT + DAY)
    assert decision is not None
    report = {item["photo_id"]: item for item in decision.body["considered"]}
    assert "3 of 64 bits differ" in report[twin.photo_id]["rules"][0]


def test_twins_never_fill_the_window(system: System, monkeypatch) -> None:
    monkeypatch.setattr(choose_photo, "WINDOW", 2)
    persona = system.add_persona()
    system.connect(persona, "instagram")
    for number in range(5):
        alike(system, persona, number, 1 << number, 9.0 - number / 10)
    other = alike(system, persona, 9, FAR, 2.0)

    system.picker.pick(persona.persona_id, SLOT)
    second = system.picker.pick(persona.persona_id, SLOT + DAY)
    ranks = [candidate.photo_id for candidate in system.stores.photos.candidates(persona.persona_id, 9, aside=True)]
    third = system.picker.pick(persona.persona_id, SLOT + 2 * DAY)

    assert system.stores.posts.details(second.post_id or "").post.photo_ids == (other.photo_id,)
    assert len(ranks) == 4
    assert third.post_id is None
    assert "None of the 4 unposted photos" in third.reason


def test_a_cancelled_post_is_resembled_no_more(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    first = alike(system, persona, 1, 0b000, 9.0)
    alike(system, persona, 2, 0b111, 9.5)
    when = (system.clock.now() + 3 * DAY).isoformat()
    request = PhotoRequest.model_validate({"photo": first.photo_id, "at": when})
    opened = system.poster.post(persona, request, request_key="one")
    assert system.picker.pick(persona.persona_id, SLOT).post_id is None
    looks = system.stores.posts.shown_photos
    connection_id = opened.schedules[0].connection_id
    assert [look.photo_id for look in looks.recent(connection_id, limit=9)] == [first.photo_id]

    for schedule in opened.schedules:
        system.canceller.cancel(schedule.schedule_id)

    assert looks.recent(connection_id, limit=9) == ()
    assert system.picker.pick(persona.persona_id, SLOT + DAY).post_id is not None


def test_what_a_person_retries_is_resembled_again(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    first = alike(system, persona, 1, 0b000, 9.0)
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=25, subcode=2207050)
    request = PhotoRequest.model_validate({"photo": first.photo_id})
    [schedule] = system.poster.post(persona, request, request_key="one").schedules
    system.run_executions()
    looks = system.stores.posts.shown_photos
    assert looks.recent(schedule.connection_id, limit=9) == ()

    system.retrier.retry(schedule.schedule_id)

    assert [look.photo_id for look in looks.recent(schedule.connection_id, limit=9)] == [first.photo_id]
    alike(system, persona, 2, 0b111, 9.5)
    assert system.picker.pick(persona.persona_id, SLOT).post_id is None
