"""The jobs of sync_status, each done by its flow on the whole system in one process."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from shutterpost.authoring import Sessions, new_session
from shutterpost.flows.posting.post_photo import PhotoRequest
from sync_status import handler as function
from tests.support.libraries import stock
from tests.support.picture_host import jpeg
from tests.support.simulated_channels import Bench, fresh, running_bench
from tests.support.system import System, running_system

CONTEXT = cast(
    "LambdaContext",
    SimpleNamespace(
        function_name="sync_status",
        memory_limit_in_mb=512,
        invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:sync_status",
        aws_request_id="request-1",
    ),
)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as running:
        yield running


@pytest.fixture
def system(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    with running_system(fresh(bench)) as running:
        monkeypatch.setattr(function, "syncer", lambda: running.syncer)
        monkeypatch.setattr(function, "stores", lambda: running.stores)
        monkeypatch.setattr(function, "platforms", lambda: running.platforms)
        monkeypatch.setattr(function, "settings", lambda: SimpleNamespace(stage="test"))
        monkeypatch.setattr(function, "deliverer", lambda: running.deliverer)
        monkeypatch.setattr(function, "notifier", lambda: running.notifier)
        yield running


def done(event: dict[str, Any]) -> dict[str, Any]:
    return function.handler(event, CONTEXT)


@pytest.mark.parametrize("event", [{}, {"job": "sync"}, {"job": "sync", "persona_id": "nature-1a2b3c"}])
def test_sync_answers_with_its_report(system: System, event: dict[str, Any]) -> None:
    assert done(event) == {"looked_at": 0, "updated": [], "overdue_seconds": 0.0, "failed": []}


@pytest.mark.parametrize(("event", "status"), [({}, "aborted"), ({"persona_id": "nature-1a2b3c"}, "in_progress")])
def test_sync_ends_sessions_that_were_not_written_in_time(system: System, event: dict[str, Any], status: str) -> None:
    now = system.clock.now()
    ids = {"owner": "123456789012/owner", "created_by": "any", "persona_id": "nature-1a2b3c", "request_id": "request-1"}
    session = Sessions().create(new_session(now=now, prompt="", channels=("x",), **ids))
    done({})
    assert Sessions().get(session.persona_id, session.session_id) == session

    system.clock.sleep(timedelta(minutes=21))
    done(event)
    assert Sessions().get(session.persona_id, session.session_id).status == status


def test_health_looks_at_every_connection_and_library(system: System) -> None:
    system.connect(system.add_persona(), "instagram")

    report = done({"job": "health"})

    assert report == {
        "looked_at": 1,
        "checkups": [],
        "whole": True,
        "silent": 0,
        "notices": {"mailed": 1, "standing": 1, "failed": []},
    }
    assert system.messages[0][0] == "Library running low: Nature Explorer: the library is exhausted"


@pytest.mark.parametrize(
    ("allowed", "text"),
    [
        (True, "1 photos are left (1 of them without an analysis), for 1 days"),
        (
            False,
            "0 photos are left, and 1 without an analysis that the persona's allow_provisional excludes, for 0 days",
        ),
    ],
)
def test_notice_of_the_runway_counts_photos_without_an_analysis(system: System, *, allowed: bool, text: str) -> None:
    persona = system.add_persona(allow_provisional=allowed)
    system.add_photo(persona, 1, score=5.0, provisional=True)
    done({"job": "health"})
    [(_, mail)] = system.messages
    assert text in mail


def test_notices_of_libraries_are_of_the_daily_job_alone(system: System) -> None:
    system.connect(system.add_persona(), "instagram")
    assert done({"job": "notify"}) == {"mailed": 0, "standing": 0, "failed": [], "delivered": 0}


def test_each_level_of_a_library_is_mailed_once_and_its_end(system: System) -> None:
    persona = system.add_persona(runway_days=10, themes=({"name": "birds"},))

    def subjects() -> list[str]:
        before = len(system.messages)
        done({"job": "health"})
        system.clock.sleep(timedelta(hours=2))
        return [subject for subject, _ in system.messages[before:]]

    title = "Library running low: Nature Explorer: the library is"
    assert subjects() == [f"{title} exhausted (+1)"]
    assert subjects() == []
    stock(system, persona, 8, seed=1)
    assert subjects()[0].startswith(f"{title} low")
    stock(system, persona, 40, seed=2)
    assert subjects()[0].startswith("Works again: Library running low: Nature Explorer")
    assert subjects() == []


def test_a_library_that_was_never_short_is_no_news(system: System) -> None:
    stock(system, system.add_persona(), 30, seed=1)
    assert done({"job": "health"})["notices"]["standing"] == 0
    assert system.messages == []


def test_a_persona_that_cannot_be_examined_fails_the_job_and_silences_no_other(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = system.add_persona("First"), system.add_persona("Second", preflight_hours=0)
    broken = system.connect(second, "instagram")
    system.stores.connections.mark_error(broken, "Password changed.", system.clock.now())
    between = system.stores.schedules.between

    def failing(persona_id: str, *args: Any) -> Any:
        if persona_id == first.persona_id:
            raise RuntimeError("broken")
        return between(persona_id, *args)

    monkeypatch.setattr(system.stores.schedules, "between", failing)

    with pytest.raises(function.NoticesIncomplete):
        done({"job": "notify"})
    assert [subject for subject, _ in system.messages] == ["Connection in error: Second, instagram instagram of Second"]


def test_remove_takes_a_live_post_down(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    photo = system.add_photo(persona, 1, score=7.0)
    (schedule,) = system.poster.post(persona, PhotoRequest(photo=photo.photo_id), request_key="one").schedules
    system.run_executions()

    assert done({"job": "remove", "schedule_id": schedule.schedule_id})["removed"] is True
    assert system.bench.sim.live_media() == []


def test_a_picture_is_fetched_on_behalf_of_the_doctor(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    key = "public/doctor-0123456789abcdef.jpg"
    system.bench.pictures.put(f"/{key}", jpeg())
    job = {"job": "try_fetch", "persona_id": persona.persona_id, "connection_id": connection.connection_id}
    assert done({**job, "public_key": key})["fetched"] is True
    assert system.bench.sim.count("instagram", "media_publish") == 0
    with pytest.raises(ValidationError, match="public_key"):
        done({**job, "public_key": "photos/any.jpg"})


def test_try_tells_whether_a_token_works(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    job = {"job": "try", "persona_id": persona.persona_id, "connection_id": connection.connection_id}

    assert done(job)["works"] is True


def test_recent_posts_are_read_with_the_token(system: System) -> None:
    persona = system.add_persona()
    connection = system.connect(persona, "instagram")
    job = {"job": "recent_posts", "persona_id": persona.persona_id, "connection_id": connection.connection_id}
    assert done({**job, "limit": 5}) == {
        "state": "listed",
        "detail": None,
        "cause": None,
        "retry_after": None,
        "posts": [],
        "not_shown": [],
        "cursor": None,
    }


def test_job_that_nobody_knows_is_refused(system: System) -> None:
    with pytest.raises(ValidationError):
        done({"job": "dance"})
