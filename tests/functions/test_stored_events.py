"""Today's functions understand the events that release be6a05b wrote (`stored_events.json`).

Timers and executions wait as long as their posts do, and queue messages for two weeks, so they outlive a deploy.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from import_photos import handler as importing
from post_next_best import handler as picking
from schedule_post import steps
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.publishing.steps.outcomes import OUTCOMES
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule
from sync_status import handler as syncing
from tests.support.asl import StateMachine
from tests.support.aws import BUCKET, mocked_aws
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg
from tests.support.simulated_channels import Bench, fresh, running_bench
from tests.support.system import PICK_ARN, System, running_system

STORED: dict[str, Any] = json.loads((Path(__file__).parent / "stored_events.json").read_text())
CONTEXT: Any = SimpleNamespace(
    function_name="any", memory_limit_in_mb=512, invoked_function_arn=PICK_ARN, aws_request_id="request-1"
)
NAME = "Brume d'été (1).jpg"


def event(text: str, **names: object) -> dict[str, Any]:
    """The stored text with ids and instants filled in, as an event."""
    filled: dict[str, Any] = json.loads(Template(text).substitute(names))
    return filled


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with running_bench() as running:
        yield running


@pytest.fixture
def system(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """The whole system behind the functions' handlers."""
    with running_system(fresh(bench)) as running:
        monkeypatch.setattr(steps, "stores", lambda: running.stores)
        monkeypatch.setattr(steps, "publish_steps", lambda: running.steps)
        monkeypatch.setattr(steps, "starter", lambda: running.executions)
        monkeypatch.setattr(picking, "picker", lambda: running.picker)
        monkeypatch.setattr(picking, "arm_all", lambda _: running.arm_all)
        monkeypatch.setattr(syncing, "syncer", lambda: running.syncer)
        monkeypatch.setattr(syncing, "stores", lambda: running.stores)
        monkeypatch.setattr(syncing, "platforms", lambda: running.platforms)
        monkeypatch.setattr(syncing, "settings", lambda: SimpleNamespace(stage="test"))
        monkeypatch.setattr(syncing, "deliverer", lambda: running.deliverer)
        monkeypatch.setattr(syncing, "notifier", lambda: running.notifier)
        yield running


def post(system: System, *, after: timedelta | None = None) -> tuple[Persona, Schedule]:
    """A photo to post on Instagram, now or `after` a time."""
    persona = system.add_persona()
    system.connect(persona, "facebook")
    photo = system.add_photo(persona, 1, score=7.0)
    at = (system.clock.now() + after).replace(tzinfo=None).isoformat() if after else None
    request = PhotoRequest.model_validate({"photo": photo.photo_id, "at": at, "zone": "UTC"})
    (schedule,) = system.poster.post(persona, request, request_key="once").schedules
    return persona, schedule


def ids(schedule: Schedule) -> dict[str, object]:
    return {"schedule_id": schedule.schedule_id, "revision": schedule.revision}


def test_a_start_timer_starts_its_execution(system: System) -> None:
    _, schedule = post(system, after=timedelta(hours=2))
    system.clock.sleep(timedelta(hours=2))
    started = steps.handler(event(STORED["timers"]["start"], **ids(schedule)), CONTEXT)
    assert started == {"started": True}
    assert [waiting.schedule_id for waiting in system.executions.waiting] == [schedule.schedule_id]


@pytest.mark.parametrize("text", [STORED["timers"]["slot"], STORED["jobs"]["pick"]], ids=["timer", "request"])
def test_a_slot_s_event_picks_its_photo(system: System, text: str) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    photo = system.add_photo(persona, 1, score=7.0)
    there = system.clock.now().astimezone(ZoneInfo(persona.zone))
    slot_at = (there + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0).astimezone(ZoneInfo("UTC"))
    slot = slot_at.replace(tzinfo=None).isoformat()
    picked = picking.handler(event(text, persona_id=persona.persona_id, slot_at=slot), CONTEXT)
    assert datetime.fromisoformat(picked["slot_at"]) == slot_at
    assert system.stores.photos.get(persona.persona_id, photo.photo_id).taken_by


def test_an_execution_started_with_the_stored_input_publishes(system: System) -> None:
    _, schedule = post(system)
    machine = StateMachine(lambda payload: steps.handler(payload, CONTEXT), system.clock)
    trail = machine.run(event(STORED["execution"], **ids(schedule)))
    assert trail[-1] == "Done"
    assert len(system.bench.sim.live_media()) == 1


def test_the_steps_of_an_execution_in_flight_publish(system: System) -> None:
    _, schedule = post(system)
    outcomes = []
    for name in ("begin", "prepare", "submit", "poll", "publish", "confirm", "record"):
        while True:
            outcome = steps.handler(event(STORED["steps"][name], **ids(schedule)), CONTEXT)
            if outcome["until"] is not None:
                system.clock.sleep(datetime.fromisoformat(outcome["until"]) - system.clock.now())
            if outcome["outcome"] not in {"not_ready", "retry_at"}:
                break
        outcomes.append(outcome["outcome"])
    assert outcomes == ["begun", "prepared", "submitted", "ready", "published", "confirmed", "recorded"]
    assert len(system.bench.sim.live_media()) == 1


@pytest.mark.parametrize("name", ["settle", "withdraw", "release"])
def test_the_closing_steps_of_an_execution_in_flight_answer(system: System, name: str) -> None:
    _, schedule = post(system)
    steps.handler(event(STORED["steps"]["begin"], **ids(schedule)), CONTEXT)
    outcome = steps.handler(event(STORED["steps"][name], **ids(schedule)), CONTEXT)["outcome"]
    assert outcome in STORED["outcomes"].get(name, ["released", "superseded"])


def test_steps_answer_only_what_a_machine_in_flight_knows() -> None:
    # An execution keeps the definition that it was started with.
    for name, known in STORED["outcomes"].items():
        assert OUTCOMES[name] <= set(known)


@pytest.mark.parametrize("kind", ["timers", "jobs"])
def test_an_arm_event_arms_the_slots(system: System, kind: str) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    armed = picking.handler(event(STORED[kind]["arm"], persona_id=persona.persona_id), CONTEXT)
    assert armed["armed"]
    assert any(name.startswith(persona.persona_id) for name in system.timers())


@pytest.mark.parametrize("kind", ["timers", "jobs"])
def test_a_sync_event_syncs(system: System, kind: str) -> None:
    persona, _ = post(system)
    report = syncing.handler(event(STORED[kind]["sync"], persona_id=persona.persona_id), CONTEXT)
    assert report["looked_at"] == (1 if kind == "jobs" else 0)


def test_a_health_event_checks_the_connections(system: System) -> None:
    post(system)
    assert syncing.handler(event(STORED["timers"]["health"]), CONTEXT)["looked_at"] == 1


def test_a_remove_event_takes_the_post_down(system: System) -> None:
    _, schedule = post(system)
    system.run_executions()
    removed = syncing.handler(event(STORED["jobs"]["remove"], schedule_id=schedule.schedule_id), CONTEXT)
    assert removed["removed"] is True


def test_a_try_event_checks_the_connection(system: System) -> None:
    persona, schedule = post(system)
    names = {"persona_id": persona.persona_id, "connection_id": schedule.connection_id}
    assert syncing.handler(event(STORED["jobs"]["try"], **names), CONTEXT)["works"] is True


@pytest.mark.parametrize(("kind", "imported"), [("notification", 1), ("direct", 1), ("test", 0)])
def test_a_queued_message_is_imported(monkeypatch: pytest.MonkeyPatch, kind: str, imported: int) -> None:
    with mocked_aws():
        system = ImportSystem()
        monkeypatch.setattr(importing, "import_photo", lambda: system.importing)
        system.put(NAME, jpeg())
        body = Template(STORED["messages"][kind]).substitute(persona_id=system.persona_id, bucket=BUCKET)
        record = {"messageId": "message-1", "eventSource": "aws:sqs", "body": body}
        assert importing.handler({"Records": [record]}, CONTEXT) == {"batchItemFailures": []}
        assert [photo.names for photo in system.library()] == [(NAME,)] * imported


def test_every_stored_step_has_a_test_here() -> None:
    assert STORED["steps"].keys() == OUTCOMES.keys()
