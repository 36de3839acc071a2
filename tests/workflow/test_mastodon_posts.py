"""Posts on Mastodon and Pixelfed through the whole chain: each goes out once, whatever becomes of an answer."""

from datetime import timedelta

import pytest

from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.photos.framing import RenditionWindow
from shutterpost.scheduling import ScheduleStatus
from tests.support.channel_kinds import Kind
from tests.support.schedules import now_of, opened
from tests.support.system import System

TEXT = "By hand 1."


@pytest.fixture(params=["mastodon", "pixelfed"])
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def persona(system: System, kind: Kind) -> Persona:
    persona = system.add_persona()
    system.connect(persona, kind)
    return persona


def later(system: System, minutes: float, times: int = 1) -> None:
    for _ in range(times):
        system.advance_to(system.clock.now() + timedelta(minutes=minutes))
        system.syncer.run()
        system.run_executions()


def test_a_post_goes_out_with_its_picture(system: System, persona: Persona) -> None:
    schedule = opened(system, persona)
    system.run_executions()

    done = now_of(system, schedule)
    [status] = system.bench.sim.statuses()
    assert (done.status, done.external_id) == (ScheduleStatus.SUCCESS, status["id"])
    assert done.external_url == status["url"]
    assert [media["description"] for media in status["media"]] == ["Photo 1"]
    assert system.bench.sim.violations() == []


@pytest.mark.parametrize("version", ["4.2.13", "4.6.4", "4.7.0"])
def test_a_lost_answer_is_adopted_and_not_repeated(system: System, persona: Persona, kind: Kind, version: str) -> None:
    if kind == "mastodon":
        system.bench.use_version(version)
    system.bench.sim.add_fault("mastodon", "create_status", "effect_then_drop")
    schedule = opened(system, persona)
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN

    later(system, 2)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("mastodon", "create_status") == 1
    assert system.bench.posts(TEXT) == 1


def test_a_call_that_never_arrived_is_repeated_with_the_same_picture(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("mastodon", "create_status", "drop_before")
    schedule = opened(system, persona)
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN

    later(system, 3, times=4)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("mastodon", "create_media") == 1
    assert system.bench.posts(TEXT) == 1
    assert system.bench.sim.violations() == []


def test_a_key_that_was_lost_makes_no_second_post(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("mastodon", "create_status", "effect_then_error", status=502)
    system.bench.sim.add_fault("mastodon", "store_key", "refuse")
    schedule = opened(system, persona)
    system.run_executions()

    later(system, 3, times=4)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.posts(TEXT) == 1


@pytest.mark.parametrize("kind", ["mastodon"], indirect=True)
def test_a_person_is_asked_where_the_picture_is_gone_and_no_post_has_it(system: System, persona: Persona) -> None:
    system.bench.sim.add_fault("mastodon", "create_status", "effect_then_drop")
    schedule = opened(system, persona)
    system.run_executions()
    [status] = system.bench.sim.statuses()
    system.bench.delete_status(status["id"])

    later(system, 10, times=8)

    unclear = now_of(system, schedule)
    assert unclear.status is ScheduleStatus.UNKNOWN
    assert unclear.look_count >= 5
    assert system.bench.sim.count("mastodon", "create_media") == 1
    assert system.bench.posts(TEXT) == 1


def test_the_photos_focus_goes_out_as_it_is_in_the_rendition(system: System, persona: Persona) -> None:
    right_half = RenditionWindow(left=0.5, top=0, width=0.5, height=1)
    photos = [
        system.add_photo(persona, number, score=5.0, focus=(0.75, 0.25), windows=windows)
        for number, windows in enumerate(({"feed": right_half}, {"compact": right_half}), start=1)
    ]
    request = PhotoRequest(photo=photos[0].photo_id, with_photos=(photos[1].photo_id,), caption="Two.")
    system.poster.post(persona, request, request_key="one")
    system.run_executions()

    [status] = system.bench.sim.statuses()
    assert [media["focus"] for media in status["media"]] == [[0.0, 0.5], None]
