"""Schedules of one post in the states from which an operator acts."""

from datetime import datetime

from infra.local.simulators.faults import FaultKind
from shutterpost.flows.posting.post_photo import PhotoRequest
from shutterpost.personas import Persona
from shutterpost.scheduling import (
    Schedule,
    ScheduleStatus,
    Step,
    photo_claim_key,
)
from tests.support.system import System, soon


def opened(system: System, persona: Persona, *, at: datetime | None = None, number: int = 1, key: str = "one"):
    """The only schedule of a post by hand."""
    photo = system.add_photo(persona, number, score=7.0)
    request = PhotoRequest(photo=photo.photo_id, at=at, caption=f"By hand {number}.")
    details = system.poster.post(persona, request, request_key=key)
    return details.schedules[0]


def now_of(system: System, schedule: Schedule) -> Schedule:
    return system.stores.schedules.get(schedule.schedule_id)


def failed(system: System, persona: Persona) -> Schedule:
    """A schedule that failed for good before anything was submitted."""
    system.bench.sim.add_fault("instagram", "create_container", "refuse", code=25, subcode=2207050)
    schedule = opened(system, persona)
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.status is ScheduleStatus.FAILED
    return schedule


def unknown(system: System, persona: Persona, *, kind: FaultKind = "drop_before") -> Schedule:
    """A schedule whose publish call got no answer."""
    system.bench.sim.add_fault("instagram", "media_publish", kind)
    schedule = opened(system, persona)
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.status is ScheduleStatus.UNKNOWN
    return schedule


def handed_over(system: System, persona: Persona, minutes: float = 120) -> Schedule:
    schedule = opened(system, persona, at=soon(system, minutes))
    system.run_executions()
    schedule = now_of(system, schedule)
    assert schedule.step is Step.HANDED_OVER
    return schedule


def claim_of(system: System, schedule: Schedule):
    photo_id = system.stores.posts.details(schedule.post_id).post.photo_ids[0]
    return system.stores.claims.get(photo_claim_key(photo_id, schedule.connection_id, 1))
