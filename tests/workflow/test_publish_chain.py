"""The publish chain of the state machine file, against the simulated platforms."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from shutterpost.channels import ConnectionStatus
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.refusals import PhotoAlreadyPosted
from shutterpost.runtime.clients import client
from shutterpost.scheduling import EventOutcome, PostStatus, ScheduleStatus, Step, post_status
from shutterpost.scheduling.store.items import VariantItem
from tests.support.system import System, soon
from tests.support.system_ports import BUCKET

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)  # 09:00 in Berlin


@pytest.mark.parametrize("login", ["facebook", "instagram"])
def test_slot_publishes_the_best_photo_once_on_instagram(
    system: System, login: Literal["facebook", "instagram"]
) -> None:
    persona = system.add_persona()
    system.connect(persona, login)
    system.add_photo(persona, 1, score=6.0)
    best = system.add_photo(persona, 2, score=9.0)
    system.armer.arm(persona.persona_id)

    system.advance_to(SLOT + timedelta(minutes=5))

    post = system.stores.posts.of_persona(persona.persona_id, limit=10).posts[0]
    schedule = system.schedules_of(post.post_id)["instagram"]
    assert post.photo_ids == (best.photo_id,)
    assert schedule.status is ScheduleStatus.SUCCESS
    assert schedule.external_url
    assert schedule.posted_at == SLOT
    assert system.bench.posts("Photo number 2.") == 1
    assert system.bench.sim.violations() == []
    assert client("s3").list_objects_v2(Bucket=BUCKET, Prefix="public/")["KeyCount"] == 0


def test_a_slot_is_handed_over_to_buffer_and_completed_by_sync(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.connect(persona, "buffer")
    system.add_photo(persona, 1, score=7.0)
    system.armer.arm(persona.persona_id)

    system.advance_to(SLOT - timedelta(minutes=14))
    post = system.stores.posts.of_persona(persona.persona_id, limit=10).posts[0]
    assert system.schedules_of(post.post_id)["buffer"].step is Step.HANDED_OVER
    system.advance_to(SLOT + timedelta(minutes=3))
    report = system.syncer.run()

    details = system.stores.posts.details(post.post_id)
    assert [update.after for update in report.updated] == [ScheduleStatus.SUCCESS]
    assert post_status(details.post, details.schedules) is PostStatus.POSTED
    outcomes = [event.outcome for event in details.events if "buffer" not in event.schedule_id]
    assert EventOutcome.HANDED_OVER in outcomes
    assert system.bench.sim.violations() == []


def test_slot_event_that_arrives_twice_gives_one_post(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=7.0)
    system.add_photo(persona, 2, score=8.0)

    first = system.picker.pick(persona.persona_id, SLOT)
    second = system.picker.pick(persona.persona_id, SLOT)

    assert second.repeated
    assert second.post_id == first.post_id
    assert len(system.stores.posts.of_persona(persona.persona_id, limit=10).posts) == 1


def test_empty_library_warns_and_succeeds_with_a_decision(system: System, caplog: pytest.LogCaptureFixture) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")

    picked = system.picker.pick(persona.persona_id, SLOT)

    assert picked.post_id is None
    [warning] = [record for record in caplog.records if record.levelname == "WARNING"]
    assert warning.getMessage() == "No unposted photos available to schedule."
    assert warning.__dict__["persona_id"] == persona.persona_id
    decision = system.stores.posts.decision(persona.persona_id, SLOT)
    assert decision is not None
    assert decision.body["reason"] == "No unposted photos available to schedule."


def test_photo_posted_before_is_refused_by_name(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, caption="By hand.")
    opened = system.poster.post(persona, request, request_key="one")
    system.run_executions()

    repeated = system.poster.post(persona, request, request_key="one")
    with pytest.raises(PhotoAlreadyPosted) as refusal:
        system.poster.post(persona, request, request_key="two")

    assert repeated.post.post_id == opened.post.post_id
    assert refusal.value.members["post_id"] == opened.post.post_id
    assert system.bench.posts("By hand.") == 1


def test_revoked_token_fails_the_schedule_and_marks_the_connection(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "publishing_limit", "refuse", count=9, code=190, subcode=460)

    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()

    schedule = system.schedules_of(opened.post.post_id)["instagram"]
    assert schedule.status is ScheduleStatus.FAILED
    assert schedule.error_cause == "token"
    assert system.stores.connections.get(persona.persona_id, connection.connection_id).status == "error"
    assert system.stores.photos.get(persona.persona_id, photo.photo_id).in_unposted


def test_the_event_of_a_failed_post_has_the_platforms_raw_answer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "create_container", "throttle")
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=36003, message="Too narrow")
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()

    retried, failed = system.stores.posts.details(opened.post.post_id).events
    assert (retried.outcome, failed.outcome) == (EventOutcome.RETRIED, EventOutcome.FAILED)
    assert retried.raw
    assert "Too narrow" not in retried.raw
    assert "Too narrow" in (failed.raw or "")
    assert failed.raw == system.schedules_of(opened.post.post_id)["instagram"].error_raw

    system.retrier.retry(failed.schedule_id)
    system.run_executions()
    assert system.stores.posts.details(opened.post.post_id).events[-1].outcome is EventOutcome.SUCCESS
    assert system.stores.posts.details(opened.post.post_id).events[-1].raw is None
    assert system.schedules_of(opened.post.post_id)["instagram"].error_raw is None


def test_the_event_of_an_unclear_publish_has_the_platforms_raw_answer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "media_publish", "refuse", code=987, message="Something went wrong")
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()

    [unknown] = system.stores.posts.details(opened.post.post_id).events
    assert unknown.outcome is EventOutcome.UNKNOWN
    assert "Something went wrong" in (unknown.raw or "")


def test_cancel_after_hand_over_withdraws_it_from_buffer(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "buffer")
    photo = system.add_photo(persona, 1, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=soon(system, 60))
    opened = system.poster.post(persona, request, request_key="one")
    system.run_executions()
    schedule = system.schedules_of(opened.post.post_id)["buffer"]
    assert schedule.step is Step.HANDED_OVER

    answer = system.canceller.cancel(schedule.schedule_id)
    trails = system.run_executions()

    assert not answer.done
    assert trails[0][-2:] == ["Release", "Done"]
    assert system.schedules_of(opened.post.post_id)["buffer"].status is ScheduleStatus.CANCELLED
    assert system.bench.sim.buffer_posts("scheduled") == []
    assert system.stores.photos.get(persona.persona_id, photo.photo_id).in_unposted


def test_publish_without_an_answer_is_unknown_then_found_live(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "media_publish", "effect_then_drop")
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()
    assert system.schedules_of(opened.post.post_id)["instagram"].status is ScheduleStatus.UNKNOWN

    system.advance_to(soon(system, 2))
    system.syncer.run()

    schedule = system.schedules_of(opened.post.post_id)["instagram"]
    assert schedule.status is ScheduleStatus.SUCCESS
    assert schedule.external_id
    assert system.bench.posts("Photo number 1.") == 1


def test_failed_step_before_publish_is_retried_by_the_chain(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "create_container", "throttle", count=2)
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")

    trail = system.run_executions()[0]

    details = system.stores.posts.details(opened.post.post_id)
    assert trail.count("Submit") == 3
    assert [event.outcome for event in details.events] == ["retried", "retried", "success"]
    assert [event.raw is not None for event in details.events] == [True, True, False]
    assert details.schedules[0].status is ScheduleStatus.SUCCESS


def test_schedule_that_cannot_be_synced_does_not_stop_the_others(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.connect(persona, "buffer")
    photo = system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "media_publish", "effect_then_drop")
    opened = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one")
    system.run_executions()
    schedules = system.schedules_of(opened.post.post_id)
    # Nobody takes a variant away; it stands for whatever nobody thought of.
    VariantItem(f"POST#{opened.post.post_id}", f"VARIANT#{schedules['instagram'].connection_id}").delete()

    system.advance_to(soon(system, 5))
    report = system.syncer.run()

    assert report.failed == (schedules["instagram"].schedule_id,)
    assert system.schedules_of(opened.post.post_id)["buffer"].status is ScheduleStatus.SUCCESS


def test_publish_refused_for_a_container_that_is_gone_makes_a_new_one(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "media_publish", "refuse", code=24, subcode=2207006)

    picked = system.picker.pick(persona.persona_id, SLOT)
    system.advance_to(SLOT + timedelta(minutes=10))

    assert picked.post_id is not None
    assert system.schedules_of(picked.post_id)["instagram"].status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("instagram", "create_container") == 2
    assert system.bench.posts("Photo number 1.") == 1
    assert system.bench.sim.violations() == []


def test_publish_refused_for_a_permission_while_the_post_is_live_is_found_live(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=7.0)
    system.bench.sim.add_fault("instagram", "media_publish", "effect_then_error", code=10, status=403)

    picked = system.picker.pick(persona.persona_id, SLOT)
    system.advance_to(SLOT + timedelta(minutes=5))
    system.syncer.run()

    assert picked.post_id is not None
    schedule = system.schedules_of(picked.post_id)["instagram"]
    assert schedule.status is ScheduleStatus.SUCCESS
    assert schedule.external_url
    connection = system.stores.connections.get(persona.persona_id, schedule.connection_id)
    assert connection.status is ConnectionStatus.CONNECTED
    assert system.bench.posts("Photo number 1.") == 1
