"""The preflight check of planned posts: bad photos are swapped, bad connections reported once."""

from datetime import datetime, timedelta

import pytest

from shutterpost.curation import Decision
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.syncing import preflight
from shutterpost.personas import Persona
from shutterpost.runtime.clients import client
from shutterpost.scheduling import Schedule, ScheduleStatus, slot_claim_key
from tests.support.picture_host import jpeg
from tests.support.system import System, soon
from tests.support.system_ports import BUCKET

HOUR = timedelta(hours=1)


def planned(system: System, persona: Persona, number: int, at: datetime) -> Schedule:
    photo = system.add_photo(persona, number, score=9.0 - number)
    request = PhotoRequest(photo=photo.photo_id, at=at)
    return system.poster.post(persona, request, request_key=str(number)).schedules[0]


def now_of(system: System, schedule: Schedule) -> Schedule:
    return system.stores.schedules.get(schedule.schedule_id)


def lose_rendition(system: System, persona: Persona, photo_id: str) -> None:
    photo = system.stores.photos.get(persona.persona_id, photo_id)
    client("s3").delete_object(Bucket=BUCKET, Key=photo.renditions["feed"])


def publics() -> list[str]:
    listed = client("s3").list_objects_v2(Bucket=BUCKET, Prefix="public/")
    return [entry["Key"] for entry in listed.get("Contents", ())]


def test_a_planned_post_is_looked_at_a_day_ahead_and_goes_out(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, 60 * 72))

    system.advance_to(schedule.run_at - 25 * HOUR)
    system.syncer.run()
    assert now_of(system, schedule).checked_at is None
    system.advance_to(schedule.run_at - 24 * HOUR)
    system.syncer.run()
    checked = now_of(system, schedule)
    assert (checked.checked_at, checked.concern) == (system.clock.now(), None)
    assert checked.due_at is not None
    assert checked.start_at is not None
    assert checked.due_at > checked.start_at
    assert publics() == []

    system.advance_to(schedule.run_at + timedelta(minutes=1))
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.messages == []


@pytest.mark.parametrize(("rules", "minutes"), [({"preflight_hours": 0}, 60 * 72), ({}, 20)])
def test_what_is_not_looked_at_ahead_goes_out_all_the_same(system, rules, minutes):
    persona = system.add_persona(**rules)
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, minutes))
    system.syncer.run()
    system.advance_to(schedule.run_at + timedelta(minutes=1))
    done = now_of(system, schedule)
    assert (done.status, done.checked_at) == (ScheduleStatus.SUCCESS, None)


@pytest.mark.parametrize("mode", ["veto", "auto"])
def test_a_pick_with_a_bad_photo_is_swapped_with_the_reason_in_its_decision(system, mode):
    persona = system.add_persona(approval=mode, veto_hours=6, pick_lead_seconds=6 * 3600)
    system.connect(persona, "facebook")
    for number in (1, 2):
        system.add_photo(persona, number, score=10.0 - number)
    system.armer.arm(persona.persona_id)
    at, _, payload = system.next_timer(system.clock.now() + 48 * HOUR)
    slot_at = datetime.fromisoformat(payload["slot_at"])
    system.advance_to(at)
    lose_rendition(system, persona, f"{1:064x}")

    [update] = system.syncer.run().updated

    assert (update.after, update.reason) == (ScheduleStatus.SKIPPED, "The file of its rendition feed is missing.")
    record = system.stores.posts.decision(persona.persona_id, slot_at)
    [passed] = Decision.model_validate(record.body).instead_of
    assert (passed.name, passed.post_id) == ("photo-1.jpg", update.post_id)
    system.syncer.run()
    system.advance_to(slot_at + HOUR)
    post_id = system.stores.claims.get(slot_claim_key(persona.persona_id, slot_at)).holder
    done = system.stores.posts.details(post_id)
    assert (done.post.photo_ids, done.schedules[0].status) == ((f"{2:064x}",), ScheduleStatus.SUCCESS)
    assert len(system.bench.sim.live_media()) == 1
    assert not system.stores.photos.get(persona.persona_id, f"{1:064x}").in_unposted


def test_a_photo_that_a_person_chose_is_reported_and_not_swapped(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, 60 * 10))
    lose_rendition(system, persona, f"{1:064x}")

    system.syncer.run()
    system.syncer.run()

    kept = now_of(system, schedule)
    assert kept.status is ScheduleStatus.QUEUED
    assert (kept.concern or "").startswith("The file of its rendition feed is missing. A person chose the photo")
    system.notifier.run()
    [(subject, text)] = system.messages
    assert subject.startswith("Planned post would fail: Nature Explorer, instagram")
    assert schedule.post_id in text
    assert "The file of its rendition feed is missing." in text


def test_a_concern_ends_at_the_next_check_after_it_was_mended(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, 60 * 10))
    lose_rendition(system, persona, f"{1:064x}")
    system.syncer.run()
    system.notifier.run()
    assert now_of(system, schedule).concern
    system.clock.sleep(preflight.RECHECK)
    system.syncer.run()
    assert now_of(system, schedule).checked_at == system.clock.now()
    assert now_of(system, schedule).concern

    photo = system.stores.photos.get(persona.persona_id, f"{1:064x}")
    client("s3").put_object(Bucket=BUCKET, Key=photo.renditions["feed"], Body=jpeg())
    system.clock.sleep(preflight.RECHECK)
    system.syncer.run()
    system.notifier.run()
    assert now_of(system, schedule).concern is None
    assert system.messages[-1][0].startswith("Works again: Planned post would fail")
    checked_at = now_of(system, schedule).checked_at
    system.clock.sleep(2 * HOUR)
    system.syncer.run()
    assert now_of(system, schedule).checked_at == checked_at
    system.advance_to(schedule.run_at + timedelta(minutes=2))
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS


def test_a_concern_that_lasts_does_not_hold_up_the_start(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, 195))
    lose_rendition(system, persona, f"{1:064x}")
    for _ in range(5):
        system.syncer.run()
        system.clock.sleep(preflight.RECHECK / 2)
    waiting = now_of(system, schedule)
    assert waiting.due_at == waiting.start_at + timedelta(seconds=90)


def test_trouble_of_a_connection_is_mailed_once_and_swaps_nothing(system):
    persona = system.add_persona()
    connection = system.connect(persona, "facebook")
    first, second, third = (planned(system, persona, n, soon(system, 60 * (10 + n))) for n in (1, 2, 3))
    fourth = planned(system, persona, 4, soon(system, 60 * 40))
    system.stores.connections.mark_error(connection, "The token has ended.", system.clock.now())

    system.syncer.run()

    system.notifier.run()
    [(subject, _)] = system.messages
    assert (subject.partition(":")[0], subject[-4:]) == ("Connection in error", "(+3)")
    assert all("Repair the connection" in (now_of(system, item).concern or "") for item in (first, second, third))
    assert {now_of(system, item).status for item in (first, second, third)} == {ScheduleStatus.QUEUED}

    system.connect(persona, "facebook")
    system.advance_to(fourth.run_at - 24 * HOUR)
    system.syncer.run()
    assert now_of(system, fourth).concern is None


def test_a_run_looks_at_a_bounded_number_and_leaves_the_others_to_their_chains(system, monkeypatch):
    monkeypatch.setattr(preflight, "MAX_CHECKS", 2)
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedules = [planned(system, persona, number, soon(system, 60 * 10 + number)) for number in range(1, 5)]
    system.syncer.run()
    system.syncer.run()
    looked = [now_of(system, schedule).checked_at is not None for schedule in schedules]
    assert sum(looked) == 2
    ahead = [(now.start_at, now.due_at) for now in (now_of(system, schedule) for schedule in schedules)]
    assert all(start_at and due_at and start_at < due_at for start_at, due_at in ahead)
    system.advance_to(schedules[-1].run_at + timedelta(minutes=2))
    assert {now_of(system, schedule).status for schedule in schedules} == {ScheduleStatus.SUCCESS}


@pytest.mark.parametrize("kind", ["bluesky", "mastodon", "pixelfed"])
def test_no_copy_is_made_for_a_channel_that_takes_uploads(system, kind, monkeypatch):
    persona = system.add_persona()
    system.connect(persona, kind)
    schedule = planned(system, persona, 1, soon(system, 60 * 10))
    monkeypatch.setattr(system.platforms.copies, "publish", lambda *_: pytest.fail("a public copy was made"))

    system.syncer.run()

    checked = now_of(system, schedule)
    assert (checked.checked_at, checked.concern) == (system.clock.now(), None)


def test_a_missing_file_is_reported_to_who_chose_it_for_an_upload(system):
    persona = system.add_persona()
    system.connect(persona, "mastodon")
    schedule = planned(system, persona, 1, soon(system, 60 * 10))
    lose_rendition(system, persona, f"{1:064x}")

    system.syncer.run()

    assert (now_of(system, schedule).concern or "").startswith("The file of its rendition feed is missing.")


def test_an_address_without_an_answer_is_reported(system, monkeypatch):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = planned(system, persona, 1, soon(system, 60 * 10))
    monkeypatch.setattr(system.platforms.copies, "publish", lambda *_: f"{system.bench.pictures.base_url}/none")
    system.syncer.run()
    assert (now_of(system, schedule).concern or "").endswith(
        "gave HTTP 404. Check that the CDN serves the files under public/."
    )


def test_a_pick_passes_over_a_photo_without_rendition(system):
    persona = system.add_persona()
    system.connect(persona, "facebook")
    system.add_photo(persona, 1, score=9.0, renditions={})
    system.add_photo(persona, 2, score=8.0)
    picked = system.picker.pick(persona.persona_id, datetime(2026, 11, 22, 8, tzinfo=system.clock.now().tzinfo))
    assert system.stores.posts.details(picked.post_id).post.photo_ids == (f"{2:064x}",)
