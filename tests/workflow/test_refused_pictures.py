"""A platform's refusal of one photo of a carousel concerns that photo; the others return."""

from datetime import timedelta

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.runtime.clients import client
from shutterpost.scheduling import ScheduleStatus
from tests.support.bursts import SLOT, decision_of, frames, persona_with, picked
from tests.support.picture_host import jpeg
from tests.support.system import System
from tests.support.system_ports import BUCKET


def refuse_picture(system: System, number: int) -> None:
    """Let Instagram refuse the picture of that place for its format."""
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=36001, subcode=2207005, after=number)


@pytest.mark.parametrize("place", [0, 2])
def test_only_the_photo_that_the_platform_refused_stays_out(system: System, place: int) -> None:
    persona = persona_with(system, "off")
    photo_ids = frames(system, persona)
    refuse_picture(system, place)
    request = PhotoRequest(photo=photo_ids[0], with_photos=tuple(photo_ids[1:]))
    opened = system.poster.post(persona, request, request_key="one")
    system.run_executions()
    [schedule] = system.stores.posts.details(opened.post.post_id).schedules
    assert (schedule.status, schedule.error_cause, schedule.error_picture) == (ScheduleStatus.FAILED, "photo", place)
    photos = [system.stores.photos.get(persona.persona_id, item) for item in photo_ids]
    assert [photo.in_unposted for photo in photos] == [number != place for number in range(3)]
    assert [photo.failures for photo in photos] == [int(number == place) for number in range(3)]
    assert (photos[place].excluded or "").startswith("Instagram does not take the picture's format")

    retried = system.retrier.retry(schedule.schedule_id)

    assert retried.error_picture is None


def test_a_refusal_of_the_whole_keeps_every_photo_out(system: System) -> None:
    persona = persona_with(system, "off")
    photo_ids = frames(system, persona)
    refuse_picture(system, 3)
    request = PhotoRequest(photo=photo_ids[0], with_photos=tuple(photo_ids[1:]))
    system.poster.post(persona, request, request_key="one")
    system.run_executions()
    photos = [system.stores.photos.get(persona.persona_id, item) for item in photo_ids]
    assert [(photo.in_unposted, photo.failures) for photo in photos] == [(False, 1)] * 3


def test_a_picture_that_fails_while_it_is_processed_is_named_by_its_place(system: System) -> None:
    persona = persona_with(system, "off")
    photo_ids = frames(system, persona)
    unreadable = system.stores.photos.get(persona.persona_id, photo_ids[1]).renditions["feed"]
    client("s3").put_object(Bucket=BUCKET, Key=unreadable, Body=jpeg(400, 1_000))
    request = PhotoRequest(photo=photo_ids[0], with_photos=tuple(photo_ids[1:]))
    opened = system.poster.post(persona, request, request_key="one")
    system.run_executions()
    [schedule] = system.stores.posts.details(opened.post.post_id).schedules
    assert (schedule.error_code, schedule.error_picture) == ("container/2207009", 1)
    photos = [system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids]
    assert photos == [True, False, True]


def test_the_slot_of_a_carousel_gets_its_other_photos_if_the_platform_refused_only_that(system: System) -> None:
    persona = persona_with(system, "auto", late_grace_minutes=120)
    best, second, third = frames(system, persona)
    refuse_picture(system, 1)
    picked(system, persona)
    system.advance_to(SLOT + timedelta(minutes=1))
    for _ in range(6):
        system.clock.sleep(timedelta(minutes=5))
        system.syncer.run()
        system.run_executions()
    decision = decision_of(system, persona)
    assert [item.photo_id for item in decision.instead_of] == [third]
    assert decision.posted_ids == (best, second)
    [media] = system.bench.sim.live_media()
    assert len(media["image_urls"]) == 2


def test_a_pick_without_the_file_of_one_photo_is_swapped_for_the_others(system: System) -> None:
    persona = persona_with(system, "auto", preflight_hours=1, pick_lead_seconds=3600)
    best, second, third = frames(system, persona)
    system.clock.sleep(SLOT - timedelta(minutes=59) - system.clock.now())
    post = picked(system, persona)
    missing = system.stores.photos.get(persona.persona_id, third).renditions["feed"]
    client("s3").delete_object(Bucket=BUCKET, Key=missing)
    system.clock.sleep(timedelta(minutes=10))
    system.syncer.run()
    assert decision_of(system, persona).posted_ids == (best, second)
    assert post.post.photo_ids == (best, third, second)
    assert not system.stores.photos.get(persona.persona_id, third).in_unposted


def test_a_photo_that_lost_its_rendition_stays_out_alone(system: System) -> None:
    persona = persona_with(system, "off")
    photo_ids = frames(system, persona)
    request = PhotoRequest(photo=photo_ids[0], with_photos=tuple(photo_ids[1:]))
    opened = system.poster.post(persona, request, request_key="one")
    lost = system.stores.photos.get(persona.persona_id, photo_ids[2])
    system.stores.photos.renew(lost, renditions={}, made_for={}, withheld=None)
    system.run_executions()
    [schedule] = system.stores.posts.details(opened.post.post_id).schedules
    assert (schedule.error_code, schedule.error_picture) == ("no-rendition", 2)
    photos = [system.stores.photos.get(persona.persona_id, item).in_unposted for item in photo_ids]
    assert photos == [True, True, False]
