"""Posts on a simulated Bluesky, through the whole chain."""

from datetime import timedelta

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.runtime.clients import client
from shutterpost.scheduling import EventOutcome, ScheduleStatus
from tests.support.schedules import now_of, opened
from tests.support.system import System
from tests.support.system_ports import BUCKET


@pytest.fixture
def persona(system: System) -> Persona:
    persona = system.add_persona()
    system.connect(persona, "bluesky")
    return persona


def test_a_post_goes_out_without_a_public_copy(system: System, persona: Persona) -> None:
    schedule = opened(system, persona)

    system.run_executions()

    done = now_of(system, schedule)
    [post] = system.bench.sim.bluesky_posts()
    assert done.status is ScheduleStatus.SUCCESS
    assert (post["text"], post["alt_texts"], done.external_id) == ("By hand 1.", ["Photo 1"], post["uri"])
    assert done.external_url == f"https://bsky.app/profile/{post['did']}/post/{post['rkey']}"
    assert done.public_keys == ()
    assert client("s3").list_objects_v2(Bucket=BUCKET, Prefix="public/")["KeyCount"] == 0
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize("fault", ["drop_before", "effect_then_drop", "effect_then_error"])
def test_an_unclear_post_is_settled_within_its_execution(system: System, persona: Persona, fault: str) -> None:
    system.bench.sim.add_fault("bluesky", "putRecord", fault)  # type: ignore[arg-type]
    schedule = opened(system, persona)

    system.run_executions()

    done = now_of(system, schedule)
    assert (done.status, done.revision) == (ScheduleStatus.SUCCESS, schedule.revision)
    assert len(system.bench.sim.bluesky_posts()) == 1
    events = [event.outcome for event in system.stores.posts.details(schedule.post_id).events]
    assert events == [EventOutcome.RETRIED, EventOutcome.SUCCESS]


def test_a_picture_that_the_server_dropped_is_uploaded_again(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("bluesky", "putRecord", "refuse", code="BlobNotFound", message="Could not find blob: b")
    schedule = opened(system, persona)

    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("bluesky", "uploadBlob") == 2
    assert len(system.bench.sim.bluesky_posts()) == 1


def test_four_pictures_are_uploaded_one_by_one_and_a_fifth_is_refused_before(system: System, persona: Persona) -> None:
    photos = [system.add_photo(persona, number, score=5).photo_id for number in range(1, 5)]
    request = PhotoRequest(photo=photos[0], caption="Four.", with_photos=tuple(photos[1:]))
    details = system.poster.post(persona, request, request_key="one")

    system.run_executions()

    [post] = system.bench.sim.bluesky_posts()
    assert now_of(system, details.schedules[0]).status is ScheduleStatus.SUCCESS
    assert post["alt_texts"] == ["Photo 1", "Photo 2", "Photo 3", "Photo 4"]
    assert system.bench.sim.count("bluesky", "uploadBlob") == 4


def test_a_session_is_kept_and_renewed_between_posts(system: System, persona: Persona) -> None:
    opened(system, persona)
    system.run_executions()
    system.clock.sleep(timedelta(hours=3))
    second = opened(system, persona, number=2, key="two")
    system.run_executions()

    assert now_of(system, second).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("bluesky", "createSession") == 1
    assert system.bench.sim.count("bluesky", "refreshSession") == 1


def test_a_rendition_that_cannot_be_made_names_the_command(system: System, persona: Persona) -> None:
    photo = system.add_photo(persona, 1, score=5)
    system.poster.post(persona, PhotoRequest(photo=photo.photo_id, caption="x"), request_key="one")
    feed, gone = {"feed": photo.renditions["feed"]}, {"compact": "no-original"}
    system.stores.photos.renew(photo, renditions=feed, made_for=gone, withheld=None)
    [schedule] = system.executions.waiting

    system.run_executions()

    failed = now_of(system, schedule)
    assert (failed.status, failed.error_code) == (ScheduleStatus.FAILED, "no-rendition")
    assert "shutterpost photos remake" in (failed.error_message or "")
