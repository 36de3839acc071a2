"""Posts of several photos, through the chain of the state machine file, against the simulated platforms."""

from datetime import timedelta
from typing import Any, Literal

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.refusals import (
    CarouselInvalid,
    PhotoAlreadyPosted,
    PhotosUnfit,
    TooManyPictures,
    TooManyWrites,
)
from shutterpost.personas import Persona
from shutterpost.scheduling import PostDetails, Schedule, ScheduleStatus, Step
from tests.support.system import System, soon

FaultKind = Literal["effect_then_drop", "drop_before", "effect_then_error", "refuse"]
TEXT = "Three of the dunes."


def photos_of(system: System, persona: Persona, count: int = 3) -> list[str]:
    """Ids of new photos, each with an alt text of its own."""
    return [system.add_photo(persona, number, score=5.0 + number / 10).photo_id for number in range(1, count + 1)]


def post(system: System, persona: Persona, photo_ids: list[str], key: str = "one", **fields: Any) -> PostDetails:
    first, *further = photo_ids
    request = PhotoRequest(photo=first, with_photos=tuple(further), caption=TEXT, **fields)
    return system.poster.post(persona, request, request_key=key)


def live(system: System) -> list[dict[str, Any]]:
    """The live posts on Instagram."""
    return [media for media in system.bench.sim.state()["instagram"]["media"] if media["deleted_at"] is None]


def test_a_carousel_is_published_once_with_its_photos_in_order(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona)
    opened = post(system, persona, photo_ids, at=soon(system))
    system.advance_to(soon(system, 20))

    schedule = system.schedules_of(opened.post.post_id)["instagram"]
    assert schedule.status is ScheduleStatus.SUCCESS
    [media] = live(system)
    assert (media["media_type"], media["caption"], len(media["image_urls"])) == ("CAROUSEL_ALBUM", TEXT, 3)
    made = [item for item in system.bench.sim.state()["instagram"]["containers"] if item["is_carousel_item"]]
    assert [item["alt_text"] for item in made] == ["Photo 1", "Photo 2", "Photo 3"]
    assert [item["image_urls"][0] for item in made] == media["image_urls"]
    assert system.bench.sim.violations() == []
    shown = system.stores.posts.shown_photos.recent(connection.connection_id, limit=10)
    assert {look.photo_id for look in shown} == set(photo_ids)
    assert all(system.stores.photos.get(persona.persona_id, each).taken_by for each in photo_ids)


@pytest.mark.parametrize("fault", ["effect_then_drop", "drop_before", "effect_then_error", "refuse"])
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_a_part_whose_answer_is_lost_is_made_again_and_the_post_goes_out_once(
    system: System, fault: FaultKind, after: int
) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona)
    system.bench.sim.add_fault("instagram", "create_container", fault, after=after)
    opened = post(system, persona, photo_ids)
    system.run_executions()

    assert system.schedules_of(opened.post.post_id)["instagram"].status is ScheduleStatus.SUCCESS
    assert [len(media["image_urls"]) for media in live(system)] == [3]
    containers = system.bench.sim.state()["instagram"]["containers"]
    assert len(containers) <= 5, "the parts that were made are kept"
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize("fault", ["effect_then_drop", "effect_then_error"])
def test_a_carousel_whose_publication_has_no_answer_is_found_and_not_repeated(system: System, fault: FaultKind) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.bench.sim.add_fault("instagram", "media_publish", fault)
    opened = post(system, persona, photos_of(system, persona))
    system.run_executions()
    assert system.schedules_of(opened.post.post_id)["instagram"].status is ScheduleStatus.UNKNOWN
    for _ in range(6):
        system.clock.sleep(timedelta(minutes=5))
        system.syncer.run()
        system.run_executions()

    assert system.schedules_of(opened.post.post_id)["instagram"].status is ScheduleStatus.SUCCESS
    assert len(live(system)) == 1


def test_an_execution_that_ends_between_two_parts_goes_on_with_those_it_has(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    opened = post(system, persona, photos_of(system, persona))
    [schedule] = opened.schedules
    given = {"schedule_id": schedule.schedule_id, "revision": schedule.revision}
    for step in ("begin", "prepare", "submit", "poll"):
        system.invoke({"step": step, **given})
    stored = system.stores.schedules.get(schedule.schedule_id)
    assert (stored.step, (stored.ref or "").count(",")) == (Step.SUBMITTING, 1)

    system.run_executions()

    assert system.schedules_of(opened.post.post_id)["instagram"].status is ScheduleStatus.SUCCESS
    assert len(system.bench.sim.state()["instagram"]["containers"]) == 4
    assert len(live(system)) == 1


def test_containers_whose_ids_are_lost_are_not_made_without_end(system: System, monkeypatch) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona)
    [schedule] = post(system, persona, photo_ids).schedules
    given = {"schedule_id": schedule.schedule_id, "revision": schedule.revision}
    for step in ("begin", "prepare", "submit"):
        system.invoke({"step": step, **given})
    advance = Lease.advance

    def forget(self: Lease, schedule: Schedule, **changes: Any) -> Schedule | None:
        return None if "ref" in changes else advance(self, schedule, **changes)

    monkeypatch.setattr(Lease, "advance", forget)
    outcomes = [system.invoke({"step": "poll", **given})["outcome"] for _ in range(25)]
    assert outcomes == ["superseded"] * 19 + ["settle"] * 6
    assert len(system.bench.sim.state()["instagram"]["containers"]) == 20
    for step in ("settle", "withdraw", "release"):
        system.invoke({"step": step, **given})
    ended = system.stores.schedules.get(schedule.schedule_id)
    assert (ended.status, ended.error_code) == (ScheduleStatus.FAILED, "too-many-parts")
    assert all(system.stores.photos.get(persona.persona_id, each).in_unposted for each in photo_ids)

    monkeypatch.undo()
    system.retrier.retry(schedule.schedule_id)
    system.run_executions()

    assert [len(media["image_urls"]) for media in live(system)] == [3]


def test_several_pictures_are_handed_over_to_buffer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    opened = post(system, persona, photos_of(system, persona), at=soon(system, 30))
    system.run_executions()

    assert system.schedules_of(opened.post.post_id)["buffer"].step is Step.HANDED_OVER
    [created] = system.bench.sim.state()["buffer"]["posts"]
    assert [url.rpartition("/")[2] for url in created["image_urls"]] == [
        key.rpartition("/")[2] for key in system.schedules_of(opened.post.post_id)["buffer"].public_keys
    ]
    assert created["alt_texts"] == ["Photo 1", "Photo 2", "Photo 3"]


def test_a_carousel_that_fails_returns_every_photo_and_can_be_retried(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona)
    system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", count=9, code=190, subcode=460)
    opened = post(system, persona, photo_ids)
    system.run_executions()
    [schedule] = system.stores.posts.details(opened.post.post_id).schedules
    assert schedule.status is ScheduleStatus.FAILED
    assert all(system.stores.photos.get(persona.persona_id, each).in_unposted for each in photo_ids)
    assert system.stores.posts.shown_photos.recent(connection.connection_id, limit=10) == ()

    system.bench.sim.clear_faults()
    system.connect(persona, "instagram")
    system.retrier.retry(schedule.schedule_id)
    system.run_executions()

    assert [len(media["image_urls"]) for media in live(system)] == [3]
    assert len(system.stores.posts.shown_photos.recent(connection.connection_id, limit=10)) == 3


def test_each_photo_of_a_carousel_is_claimed(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona, 4)
    first = post(system, persona, photo_ids[:3], at=soon(system))

    with pytest.raises(PhotoAlreadyPosted) as refusal:
        post(system, persona, [photo_ids[3], photo_ids[1]], "two", at=soon(system, 60))

    assert refusal.value.members["photos"] == ["photo-2.jpg"]
    assert refusal.value.members["post_id"] == first.post.post_id
    assert system.stores.photos.get(persona.persona_id, photo_ids[3]).in_unposted


def test_photos_that_a_channel_cannot_take_are_named_with_their_rules(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    [good] = photos_of(system, persona, 1)
    bare = system.add_photo(persona, 8, score=5.0, renditions={}).photo_id
    withheld = system.add_photo(persona, 9, score=5.0, withheld="Its ratio is outside the limits.").photo_id

    with pytest.raises(PhotosUnfit) as refusal:
        post(system, persona, [good, bare, withheld])

    rules = [(fault["name"], fault["rule"]) for fault in refusal.value.members["photos"]]
    assert rules == [("photo-8.jpg", "no-rendition"), ("photo-9.jpg", "withheld")]
    assert "2 of 3 photos" in refusal.value.detail
    assert system.stores.photos.get(persona.persona_id, good).in_unposted


def test_a_carousel_beyond_its_bounds_is_refused(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo_ids = photos_of(system, persona, 11)
    with pytest.raises(TooManyPictures):
        post(system, persona, photo_ids)
    with pytest.raises(CarouselInvalid):
        post(system, persona, [photo_ids[0], photo_ids[1], photo_ids[0]])
    for number in range(3):
        connect_another(system, persona, number)
    with pytest.raises(TooManyWrites) as refusal:
        post(system, persona, photo_ids[:10])
    assert refusal.value.members["limit"] == 100
    assert len(post(system, persona, photo_ids[:3]).schedules) == 4


def test_ten_photos_fit_into_one_transaction_with_two_connections(system: System) -> None:
    persona = system.add_persona(once_anywhere=True)
    system.connect(persona, "instagram")
    connect_another(system, persona, 1)
    opened = post(system, persona, photos_of(system, persona, 10), at=soon(system))
    assert [len(variant.photo_ids) for variant in opened.variants] == [10, 10]


def connect_another(system: System, persona: Persona, number: int) -> None:
    """One more account of the persona; none is published to."""
    system.stores.connections.connect(
        persona_id=persona.persona_id,
        owner=persona.owner,
        channel="instagram",
        account_id=f"another-{number}",
        display_name=f"another {number}",
        login="instagram",
        organization_id=None,
        now=system.clock.now(),
    )
