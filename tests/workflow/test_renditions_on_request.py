"""Renditions that a channel needs and a photo lacks: requested from the import when a post needs them."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from shutterpost.channels import catalogue
from shutterpost.flows.picking.pick_next import PickResult
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.steps.submit import RENDITION_PAUSES
from shutterpost.flows.syncing.rendition_check import RenditionCheck
from shutterpost.personas import Persona
from shutterpost.photos import Photo
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.schedules import now_of
from tests.support.system import IMPORT_QUEUE, System


@pytest.fixture
def persona(system: System) -> Persona:
    persona = system.add_persona()
    system.connect(persona, "bluesky")
    return persona


@pytest.fixture
def requested(system: System) -> Iterator[Callable[[], list[str]]]:
    """The photos of the requests that wait in the import's queue, which takes them out."""
    sqs = client("sqs")
    assert sqs.create_queue(QueueName="import")["QueueUrl"] == IMPORT_QUEUE

    def take() -> list[str]:
        bodies = list[str]()
        while messages := sqs.receive_message(QueueUrl=IMPORT_QUEUE, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"])["photo_id"])
                sqs.delete_message(QueueUrl=IMPORT_QUEUE, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    yield take
    sqs.delete_queue(QueueUrl=IMPORT_QUEUE)


def a_photo_of_before(system: System, persona: Persona, number: int = 1, **facts: Any) -> tuple[Photo, str]:
    """A photo that was imported before its persona had the connection, and the key of what it lacks."""
    photo = system.photo(persona, number, score=5)
    lacking = photo.renditions["compact"]
    known = photo.model_copy(update={"renditions": {"feed": photo.renditions["feed"]}, **facts})
    return system.stores.photos.record(known).photo, lacking


def post(system: System, persona: Persona, photo: Photo) -> Schedule:
    request = PhotoRequest(photo=photo.photo_id, caption="Calm.")
    return system.poster.post(persona, request, request_key="one").schedules[0]


def test_a_post_waits_for_the_rendition_that_the_import_makes(
    system: System, persona: Persona, requested: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    photo, lacking = a_photo_of_before(system, persona)
    assert requested() == [], "a connection alone requests nothing"
    schedule, made = post(system, persona, photo), list[str]()
    sleep = system.clock.sleep

    def sleep_while_the_import_runs(duration: timedelta) -> None:
        sleep(duration)
        for photo_id in requested():
            made.append(photo_id)
            now = system.stores.photos.get(persona.persona_id, photo_id)
            renditions = {**now.renditions, "compact": lacking}
            system.stores.photos.renew(now, renditions=renditions, made_for={"compact": "m"}, withheld=None)

    monkeypatch.setattr(system.clock, "sleep", sleep_while_the_import_runs)
    [trail] = system.run_executions()

    done = now_of(system, schedule)
    assert (done.status, done.retry_count, done.attempt_count) == (ScheduleStatus.SUCCESS, 0, 1)
    assert made == [photo.photo_id]
    assert trail.count("Prepare") == 2
    assert len(system.bench.sim.bluesky_posts()) == 1


def test_a_rendition_that_never_comes_fails_the_post_with_the_command(
    system: System, persona: Persona, requested: Callable[[], list[str]]
) -> None:
    photo, _ = a_photo_of_before(system, persona)
    schedule = post(system, persona, photo)

    [trail] = system.run_executions()

    failed = now_of(system, schedule)
    assert (failed.status, failed.error_code) == (ScheduleStatus.FAILED, "no-rendition")
    assert "shutterpost photos remake" in (failed.error_message or "")
    assert trail.count("Prepare") == len(RENDITION_PAUSES) + 1
    assert set(requested()) == {photo.photo_id}


def test_a_photo_without_its_original_is_not_waited_for(
    system: System, persona: Persona, requested: Callable[[], list[str]]
) -> None:
    photo, _ = a_photo_of_before(system, persona, made_for={"feed": "m", "compact": "no-original"})
    schedule = post(system, persona, photo)

    [trail] = system.run_executions()

    assert now_of(system, schedule).error_code == "no-rendition"
    assert trail.count("Prepare") == 1
    assert requested() == []


@pytest.mark.parametrize("made_for", [{}, {"compact": "no-original"}])
def test_a_pick_takes_a_photo_whose_rendition_can_be_made(
    system: System, persona: Persona, made_for: dict[str, str]
) -> None:
    photo, _ = a_photo_of_before(system, persona, made_for=made_for)
    system.armer.arm(persona.persona_id)
    result: PickResult = system.picker.pick(persona.persona_id, _next_slot(system))

    details = None if result.post_id is None else system.stores.posts.details(result.post_id)
    assert (details is not None) == (made_for == {}), result.reason
    assert details is None or details.post.photo_ids == (photo.photo_id,)


def _next_slot(system: System) -> Any:
    at, _, payload = min(
        (timer for timer in [system.next_timer(system.clock.now() + timedelta(days=2))] if timer),
        key=lambda timer: timer[0],
    )
    assert payload["job"] == "pick"
    system.clock.sleep(at - system.clock.now())
    return type(at).fromisoformat(payload["slot_at"])


def test_a_check_ahead_requests_what_can_be_made_and_reports_the_rest(
    system: System, persona: Persona, requested: Callable[[], list[str]]
) -> None:
    check = RenditionCheck(
        photos=system.stores.photos, copies=system.platforms.copies, queue=system.platforms.renditions
    )
    row, (photo, _) = catalogue().row("bluesky"), a_photo_of_before(system, persona)
    gone, _ = a_photo_of_before(system, persona, 2, made_for={"compact": "no-original"})

    assert check.fault(persona.persona_id, photo.photo_id, row) is None
    assert requested() == [photo.photo_id]
    fault = check.fault(persona.persona_id, gone.photo_id, row)
    assert fault is not None
    assert "no rendition compact" in fault.message
    assert requested() == []
