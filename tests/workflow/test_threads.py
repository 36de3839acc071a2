"""Posts on Threads through the publish chain: once, and with a person where the platform does not tell."""

from datetime import timedelta

import pytest
from pydantic import SecretStr

from infra.local.simulators.faults import FaultKind
from shutterpost.channels import ConnectionStatus
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.flows.syncing.actions import ASK
from shutterpost.flows.wiring import build_health_check
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.channel_kinds import TOKENS
from tests.support.schedules import now_of, opened
from tests.support.simulated_channels import THREADS_USER
from tests.support.system import System


@pytest.fixture
def persona(system: System) -> Persona:
    persona = system.add_persona()
    system.connect(persona, "threads")
    return persona


def settle(system: System, minutes: int = 60) -> None:
    """Let sync look at what is unclear."""
    for _ in range(minutes // 5):
        system.clock.sleep(timedelta(minutes=5))
        system.syncer.run()
        system.run_executions()


def publishes(system: System) -> int:
    return system.bench.sim.count("threads", "threads_publish")


def unclear(system: System, persona: Persona, kind: FaultKind) -> Schedule:
    system.bench.sim.add_fault("threads", "threads_publish", kind)
    schedule: Schedule = opened(system, persona)
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    return schedule


def test_a_photo_is_posted_once_with_its_alt_text(system: System, persona: Persona) -> None:
    schedule = opened(system, persona)
    system.run_executions()

    done = now_of(system, schedule)
    assert done.status is ScheduleStatus.SUCCESS
    assert done.external_url
    assert done.external_url.startswith("https://www.threads.com/@nature/post/")
    [post] = system.bench.sim.threads_posts()
    assert (post["text"], post["alt_texts"]) == ("By hand 1.", ["Photo 1"])
    created_at = system.stores.posts.details(schedule.post_id).post.created_at
    assert done.posted_at is not None
    assert done.posted_at - created_at >= timedelta(seconds=30)
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize("kind", ["effect_then_error", "effect_then_drop"])
def test_a_post_behind_an_error_is_taken_over_and_the_account_stays(
    system: System, persona: Persona, kind: FaultKind
) -> None:
    schedule = unclear(system, persona, kind)

    settle(system)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert (publishes(system), system.bench.posts("By hand 1.")) == (1, 1)
    [connection] = system.stores.connections.list(persona.persona_id)
    assert connection.status is ConnectionStatus.CONNECTED


def test_a_call_without_an_answer_and_a_post_is_never_repeated_but_asked_about(
    system: System, persona: Persona
) -> None:
    schedule = unclear(system, persona, "drop_before")

    settle(system)

    unanswered = now_of(system, schedule)
    assert unanswered.status is ScheduleStatus.UNKNOWN
    assert unanswered.error_code == ASK
    assert (publishes(system), system.bench.posts("By hand 1.")) == (1, 0)


def test_a_container_that_is_unknown_for_a_moment_is_published_later(system: System, persona: Persona) -> None:
    system.bench.sim.configure(not_ready_after_finished=2)
    schedule = opened(system, persona)
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert (publishes(system), system.bench.posts("By hand 1.")) == (3, 1)
    assert system.bench.sim.count("threads", "create_container") == 1


@pytest.mark.parametrize("kind", ["effect_then_error", "effect_then_drop"])
def test_a_carousel_is_found_by_its_pictures(system: System, persona: Persona, kind: FaultKind) -> None:
    photos = [system.add_photo(persona, number, score=7.0).photo_id for number in (1, 2, 3)]
    system.bench.sim.add_fault("threads", "threads_publish", kind)
    request = PhotoRequest(photo=photos[0], with_photos=tuple(photos[1:]), caption="Three.")
    details = system.poster.post(persona, request, request_key="one")
    system.run_executions()
    settle(system)

    assert system.schedules_of(details.post.post_id)["threads"].status is ScheduleStatus.SUCCESS
    assert [len(post["image_urls"]) for post in system.bench.sim.threads_posts("Three.")] == [3]
    assert (publishes(system), system.bench.sim.violations()) == (1, [])


def test_a_text_alone_is_posted(system: System, persona: Persona) -> None:
    request = PhotoRequest(photo=None, caption="No picture today.")
    details = system.poster.post(persona, request, request_key="one")
    system.run_executions()

    assert system.schedules_of(details.post.post_id)["threads"].status is ScheduleStatus.SUCCESS
    assert [post["media_type"] for post in system.bench.sim.threads_posts()] == ["TEXT_POST"]


def test_a_token_of_another_account_posts_nothing(system: System, persona: Persona) -> None:
    [connection] = system.stores.connections.list(persona.persona_id)
    bench = system.bench
    bench.sim.add_threads_account("th-bert", user_id="9700000000000002", username="bert")
    system.platforms.tokens.put(persona.persona_id, connection.connection_id, bench.account("threads", "th-bert").token)
    schedule = opened(system, persona)
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.FAILED
    assert bench.sim.count("threads", "create_container") == 0


def test_a_token_is_refreshed_at_fifty_days(system: System, persona: Persona) -> None:
    [connection] = system.stores.connections.list(persona.persona_id)
    system.clock.sleep(timedelta(days=50.5))
    health = build_health_check(system.stores, system.platforms)
    health.run()

    assert system.platforms.tokens.read(persona.persona_id, connection.connection_id) != SecretStr(TOKENS["threads"])
    system.clock.sleep(timedelta(days=30))
    health.run()
    [renewed] = system.stores.connections.list(persona.persona_id)
    assert (renewed.status, renewed.account_id) == (ConnectionStatus.CONNECTED, THREADS_USER)
