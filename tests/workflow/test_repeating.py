"""An unclear publish call that is repeated at once, because the channel takes no second post."""

from datetime import timedelta

import pytest

from shutterpost.channels import ChannelRow, Grade
from shutterpost.personas import Persona
from shutterpost.scheduling import EventOutcome, ScheduleStatus, Step
from tests.support.schedules import now_of, opened
from tests.support.system import System


@pytest.fixture
def persona(system: System, monkeypatch: pytest.MonkeyPatch) -> Persona:
    """With Instagram as if it were of grade A, as far as a container that was not published shows it."""
    persona = system.add_persona()
    system.connect(persona, "facebook")
    real = type(system.stores.catalogue).row

    def row(catalogue: object, key: str) -> ChannelRow:
        return real(system.stores.catalogue, key).model_copy(update={"grade": Grade.A})

    monkeypatch.setattr(type(system.stores.catalogue), "row", row)
    return persona


def test_a_lost_call_is_repeated_within_its_execution(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("instagram", "media_publish", "drop_before", count=2)
    schedule = opened(system, persona)

    system.run_executions()

    done = now_of(system, schedule)
    assert (done.status, done.revision) == (ScheduleStatus.SUCCESS, schedule.revision)
    assert system.bench.sim.count("instagram", "media_publish") == 3
    assert system.bench.posts("By hand 1.") == 1
    events = [event.outcome for event in system.stores.posts.details(schedule.post_id).events]
    assert events == [EventOutcome.RETRIED, EventOutcome.RETRIED, EventOutcome.SUCCESS]


def test_a_post_that_is_there_is_not_published_again(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("instagram", "media_publish", "effect_then_drop")
    schedule = opened(system, persona)

    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    system.advance_to(system.clock.now() + timedelta(minutes=1))
    system.syncer.run()
    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("instagram", "media_publish") == 1
    assert system.bench.posts("By hand 1.") == 1


def test_repeats_that_ran_out_are_continued_by_sync(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("instagram", "media_publish", "drop_before", count=9)
    schedule = opened(system, persona)
    system.run_executions()
    unclear = now_of(system, schedule)
    assert (unclear.status, unclear.step) == (ScheduleStatus.UNKNOWN, Step.PUBLISHING)
    system.bench.sim.clear_faults()

    system.advance_to(system.clock.now() + timedelta(minutes=1))
    system.syncer.run()
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.posts("By hand 1.") == 1


def test_a_verdict_ends_the_repeats_and_waits_until_the_call_has_settled(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("instagram", "media_publish", "drop_before", count=9)
    schedule = opened(system, persona)
    system.run_executions()
    calls = system.bench.sim.count("instagram", "media_publish")

    system.resolver.resolve(schedule.schedule_id, not_live=True)
    system.advance_to(system.clock.now() + timedelta(minutes=1))
    system.syncer.run()
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    assert system.bench.sim.count("instagram", "media_publish") == calls
