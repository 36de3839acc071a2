"""Posts of a Facebook Page through the whole chain, and after answers that are lost."""

from datetime import timedelta

import pytest

from infra.local.simulators.faults import FaultKind
from shutterpost.channels import ConnectionStatus
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.schedules import now_of, opened
from tests.support.system import System

TEXT = "By hand 1."


@pytest.fixture
def persona(system: System) -> Persona:
    persona = system.add_persona()
    system.connect(persona, "facebook_page")
    return persona


def settle(system: System) -> None:
    for _ in range(4):
        system.advance_to(system.clock.now() + timedelta(minutes=3))
        system.syncer.run()
        system.run_executions()


def unclear(system: System, persona: Persona, fault: FaultKind) -> Schedule:
    system.bench.sim.add_fault("facebook_page", "create_post", fault)
    schedule: Schedule = opened(system, persona)
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    return schedule


def test_a_photo_goes_out_with_its_alt_text_and_address(system: System, persona: Persona) -> None:
    schedule = opened(system, persona)
    system.run_executions()

    done = now_of(system, schedule)
    [post] = system.bench.sim.facebook_posts()
    assert (done.status, done.external_id, done.external_url) == (
        ScheduleStatus.SUCCESS,
        post["id"],
        post["permalink"],
    )
    assert (post["text"], post["alt_texts"]) == (TEXT, ["Photo 1"])
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize("fault", ["effect_then_error", "effect_then_drop"])
def test_a_post_behind_an_error_is_adopted(system: System, persona: Persona, fault: FaultKind) -> None:
    schedule = unclear(system, persona, fault)

    settle(system)

    done = now_of(system, schedule)
    [post] = system.bench.sim.facebook_posts()
    assert (done.status, done.external_id) == (ScheduleStatus.SUCCESS, post["id"])
    assert system.bench.sim.count("facebook_page", "create_post") == 1


def test_a_call_that_never_arrived_is_repeated_with_the_same_photos(system: System, persona: Persona) -> None:
    schedule = unclear(system, persona, "drop_before")

    settle(system)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("facebook_page", "create_photo") == 1
    assert system.bench.posts(TEXT) == 1


def test_a_page_whose_token_ended_is_in_error_and_its_post_waits(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("facebook_page", "me", "refuse", code=190, subcode=460)
    schedule = opened(system, persona)
    system.run_executions()

    [connection] = system.stores.connections.list(persona.persona_id)
    assert connection.status is ConnectionStatus.ERROR
    assert now_of(system, schedule).status is not ScheduleStatus.SUCCESS
    assert system.bench.sim.count("facebook_page", "create_photo") == 0
