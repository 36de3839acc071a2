"""The address of a live post, as a person gives it, against the posts of the simulated platforms."""

from datetime import timedelta

import pytest

from shutterpost.channels import catalogue
from shutterpost.flows.syncing.live_address import AddressCheck, post_of
from shutterpost.flows.wiring import build_address_check
from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.support.channel_kinds import Kind
from tests.support.schedules import now_of, opened, unknown
from tests.support.system import System, soon

ELSEWHERE = "https://www.instagram.com/p/Elsewhere/"


@pytest.fixture
def check(system: System) -> AddressCheck:
    return build_address_check(system.stores, system.platforms)


def published(system: System, channel: Kind) -> Schedule:
    """A post that is live on a new connection."""
    persona = system.add_persona()
    system.connect(persona, channel)
    schedule = opened(system, persona, at=soon(system, 30))
    system.run_executions()
    for minutes in (45, 10):
        system.advance_to(soon(system, minutes))
        system.syncer.run()
    live = now_of(system, schedule)
    assert live.external_url, live
    return live


@pytest.mark.parametrize("channel", ["facebook", "instagram"])
def test_instagram_tells_whether_an_address_is_ours(system: System, check: AddressCheck, channel: Kind) -> None:
    schedule = published(system, channel)
    assert schedule.external_url is not None
    addresses = (schedule.external_url, f"{schedule.external_url}?igsh=abc", ELSEWHERE)
    reports = [check.check(schedule.schedule_id, address) for address in addresses]
    assert [report.is_ours for report in reports] == [True, True, False]
    assert "lists no post of the account with this address" in reports[2].detail


def test_buffer_knows_what_it_has_sent_only(system: System, check: AddressCheck) -> None:
    schedule = published(system, "buffer")
    assert schedule.external_url is not None
    reports = [check.check(schedule.schedule_id, address) for address in (schedule.external_url, ELSEWHERE)]
    assert [report.is_ours for report in reports] == [True, None]


@pytest.mark.parametrize("channel", ["facebook", "buffer"])
def test_platform_that_does_not_answer_cannot_tell(system: System, check: AddressCheck, channel: Kind) -> None:
    schedule = published(system, channel)
    system.bench.sim.add_fault("buffer" if channel == "buffer" else "instagram", "*", "drop_before", count=5)
    assert check.check(schedule.schedule_id, ELSEWHERE).is_ours is None


def test_address_of_a_deleted_post_is_accepted_after_a_contradicted_verdict(
    system: System, check: AddressCheck
) -> None:
    persona = system.add_persona()
    system.connect(persona, "facebook")
    schedule = unknown(system, persona)
    assert check.check(schedule.schedule_id, ELSEWHERE).is_ours is False
    system.stores.schedules.move(
        schedule, ScheduleStatus.UNKNOWN, now=system.clock.now(), error_code="word-contradicted"
    )
    assert check.check(schedule.schedule_id, ELSEWHERE).is_ours is None


def test_posts_before_the_attempt_are_others(system: System, check: AddressCheck) -> None:
    first = published(system, "facebook")
    persona = system.stores.personas.get(first.persona_id)
    system.clock.sleep(timedelta(hours=3))
    second = opened(system, persona, number=2, key="two", at=soon(system, 30))
    system.advance_to(soon(system, 45))
    assert first.external_url is not None
    assert check.check(second.schedule_id, first.external_url).is_ours is False


def test_forms_of_an_address_that_name_the_same_post() -> None:
    forms = ("https://www.instagram.com/p/A-b_1/", "https://instagram.com/nature/p/A-b_1?igsh=x")
    rows = catalogue().rows
    assert {post_of(form, rows) for form in forms} == {"A-b_1"}
    other, same, another = (post_of(f"https://example.org/{form}", rows) for form in ("a/", "a?b=c", "b"))
    assert other == same != another
