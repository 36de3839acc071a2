"""Posts on LinkedIn through the whole chain: an organization's are looked up, a member's are a person's to look for."""

from datetime import timedelta

import pytest

from infra.local.simulators.faults import FaultKind
from shutterpost.flows.syncing.actions import ASK
from shutterpost.personas import Persona
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.channel_kinds import Kind
from tests.support.mails import DAY, live
from tests.support.schedules import now_of, opened
from tests.support.simulated_channels import MEMBER
from tests.support.system import System

TEXT = "By hand 1."


def connected(system: System, kind: Kind) -> Persona:
    persona = system.add_persona()
    system.connect(persona, kind)
    return persona


def later(system: System, minutes: float, times: int = 1) -> None:
    for _ in range(times):
        system.advance_to(system.clock.now() + timedelta(minutes=minutes))
        system.syncer.run()
        system.run_executions()


def unclear(system: System, kind: Kind, fault: FaultKind) -> Schedule:
    system.bench.sim.add_fault("linkedin", "create_post", fault)
    schedule: Schedule = opened(system, connected(system, kind))
    system.run_executions()
    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    return schedule


@pytest.mark.parametrize("kind", ["linkedin", "linkedin_member"])
def test_a_photo_goes_out_with_its_alt_text(system: System, kind: Kind) -> None:
    schedule = opened(system, connected(system, kind))
    system.run_executions()

    done = now_of(system, schedule)
    [post] = system.bench.sim.linkedin_posts()
    assert (done.status, done.external_id) == (ScheduleStatus.SUCCESS, post["id"])
    assert done.external_url == f"https://www.linkedin.com/feed/update/{post['id']}/"
    assert (post["text"], post["alt_texts"]) == (TEXT, ["Photo 1"])
    assert system.bench.sim.violations() == []


def test_a_lost_answer_of_an_organization_is_adopted(system: System) -> None:
    schedule = unclear(system, "linkedin", "effect_then_drop")

    later(system, 2)

    done = now_of(system, schedule)
    assert done.status is ScheduleStatus.SUCCESS
    assert done.external_id == system.bench.sim.linkedin_posts()[0]["id"]
    assert system.bench.sim.count("linkedin", "create_post") == 1


def test_a_call_for_an_organization_that_never_arrived_is_repeated_after_two_looks(system: System) -> None:
    schedule = unclear(system, "linkedin", "drop_before")

    later(system, 3, times=4)

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("linkedin", "initialize_upload") == 1
    assert system.bench.posts(TEXT) == 1
    assert system.bench.sim.violations() == []


def test_an_image_that_cannot_be_processed_is_uploaded_again(system: System) -> None:
    system.bench.sim.add_fault("linkedin", "process_image", "refuse")
    schedule = opened(system, connected(system, "linkedin"))
    system.run_executions()

    assert now_of(system, schedule).status is ScheduleStatus.SUCCESS
    assert system.bench.sim.count("linkedin", "initialize_upload") == 2
    assert system.bench.posts(TEXT) == 1


@pytest.mark.parametrize("fault", ["effect_then_drop", "drop_before", "effect_then_error"])
def test_a_person_is_asked_about_a_member_after_minutes_and_nothing_is_repeated(
    system: System, fault: FaultKind
) -> None:
    schedule = unclear(system, "linkedin_member", fault)

    later(system, 2)
    assert (now_of(system, schedule).error_code == ASK, now_of(system, schedule).look_count) == (False, 1)
    later(system, 5)
    unclear_post = now_of(system, schedule)
    assert (unclear_post.status, unclear_post.error_code, unclear_post.look_count) == (ScheduleStatus.UNKNOWN, ASK, 2)
    assert "does not show the account's posts" in (unclear_post.error_message or "")
    later(system, 600, times=5)

    assert now_of(system, schedule).status is ScheduleStatus.UNKNOWN
    assert system.bench.sim.count("linkedin", "create_post") == 1


def test_the_post_of_a_member_is_live_where_a_person_says_so(system: System) -> None:
    schedule = unclear(system, "linkedin_member", "effect_then_drop")
    address = "https://www.linkedin.com/posts/anna-nature_by-hand-activity-7265-Ab_c"

    system.resolver.resolve(schedule.schedule_id, live_url=address)
    later(system, 2)

    done = now_of(system, schedule)
    assert (done.status, done.external_url) == (ScheduleStatus.SUCCESS, address)
    assert system.bench.sim.count("linkedin", "create_post") == 1


def test_the_post_of_a_member_ends_where_a_person_says_that_it_is_not_live(system: System) -> None:
    schedule = unclear(system, "linkedin_member", "drop_before")
    later(system, 6)

    system.resolver.resolve(schedule.schedule_id, not_live=True)
    later(system, 3, times=3)

    assert now_of(system, schedule).status is ScheduleStatus.FAILED
    assert system.bench.posts(TEXT) == 0


def test_the_end_of_a_token_is_mailed_in_time_with_the_command_that_connects_again(system: System) -> None:
    persona = system.add_persona(slots=())
    system.connect(persona, "linkedin_member")
    start = system.clock.now()
    system.clock.sleep(45 * DAY)

    came = live(system, 17, every=DAY)

    kinds = [(subject.partition(":")[0], (start + 60 * DAY - at) / DAY) for at, subject in came]
    assert kinds[:5] == [*(("Token about to end", left) for left in (14, 7, 3, 1)), ("Connection in error", -1)]
    command = f"shutterpost connections add linkedin {MEMBER} --persona {persona.persona_id}"
    assert all(command in text and "--login member" in text for _, text in system.messages[:4])
