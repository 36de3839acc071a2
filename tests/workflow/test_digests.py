"""Digests of what went out and what comes, by mail and by webhook, run through the whole system."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

from shutterpost.channels import UnknownAnswers
from shutterpost.channels.answers.known import Operation, PlatformError
from shutterpost.flows.wiring import build_webhook_settings
from shutterpost.personas import Persona
from shutterpost.scheduling import ScheduleStatus
from tests.api.documented import documented, validator
from tests.support.mails import HOUR, live
from tests.support.receivers import receiving, status
from tests.support.system import System


def test_a_daily_digest_says_what_went_out_what_comes_and_what_needs_a_person(system: System) -> None:
    persona = system.add_persona(digest="daily", digest_hour=10)
    system.connect(persona, "instagram")
    for number in range(3):
        system.add_photo(persona, number, score=7.0)
    error = PlatformError(status=400, code="999", subcode=None, message="What?")
    UnknownAnswers(system.clock).reporter("test")("instagram", Operation.PUBLISH, error)

    came = live(system, 2, every=HOUR)

    digests = [(at, subject) for at, subject in came if subject.endswith(" need you")]
    assert [at.astimezone(ZoneInfo(persona.zone)).hour for at, _ in digests] == [10] * len(digests)
    assert len(digests) == 2
    text = next(text for subject, text in system.messages if subject.endswith(" need you"))
    [url] = [item.external_url for item in system.schedules_of(first_post(system, persona)).values()]
    assert "photo-" in text
    assert f"(photos/{persona.persona_id}/photo-" in text
    assert str(url) in text
    assert "a slot; its photo is picked shortly before" in text
    assert "photos are left" in text
    assert "instagram, publish: 400 999, 1 times in 90 days" in text


def test_a_weekly_digest_comes_on_mondays_and_none_by_default(system: System) -> None:
    persona = system.add_persona(digest="weekly", digest_hour=8, slots=())
    system.add_persona("Another", slots=())
    came = live(system, 15, every=HOUR * 12)
    assert [subject for _, subject in came] == ["Nature Explorer: 0 posted, 0 need you"] * 2
    assert {at.astimezone(ZoneInfo(persona.zone)).weekday() for at, _ in came} == {0}


def first_post(system: System, persona: Persona) -> str:
    """The id of the persona's oldest post."""
    return system.stores.posts.of_persona(persona.persona_id, limit=100).posts[-1].post_id


def test_a_webhook_that_fails_delays_no_post_and_no_mail_and_loses_no_event(system: System) -> None:
    persona = system.add_persona(digest="daily", digest_hour=10)
    connection = system.connect(persona, "instagram")
    for number in range(4):
        system.add_photo(persona, number, score=7.0)
    settings = build_webhook_settings(system.stores, system.platforms.tokens, stage="local")
    with receiving() as receiver:
        settings.set_url(persona, receiver.url)
        receiver.answer = status(500)
        for _ in range(48):
            live(system, 1 / 24, every=HOUR)
            system.deliverer.run()
        posts = system.stores.posts.of_persona(persona.persona_id, limit=10).posts
        schedules = [item for post in posts for item in system.schedules_of(post.post_id).values()]
        system.stores.connections.mark_error(connection, "Checkpoint.", system.clock.now())
        system.notifier.run()
        receiver.answer = status(204)
        events = {headers["webhook-id"] for headers, _ in receiver.requests}
        receiver.requests.clear()
        for _ in range(30):
            system.clock.sleep(HOUR)
            system.deliverer.run()

    assert [subject.partition(":")[0] for subject, _ in system.messages] == ["Nature Explorer"] * 2 + [
        "Connection in error"
    ]
    assert {item.status for item in schedules} == {ScheduleStatus.SUCCESS}
    assert all(item.posted_at and item.posted_at - item.run_at < timedelta(minutes=2) for item in schedules)
    delivered = {headers["webhook-id"]: json.loads(body) for headers, body in receiver.requests}
    assert len(delivered) == len(receiver.requests) == len(system.messages)
    assert events < delivered.keys()
    schemas = {"digest": "DigestEvent", "notices": "NoticesEvent"}
    for event in delivered.values():
        validator(documented()["components"]["schemas"][schemas[event["type"]]]).validate(event)
    assert [event["data"]["notices"][0]["kind"] for event in delivered.values() if event["type"] == "notices"] == [
        "connection_error"
    ]
