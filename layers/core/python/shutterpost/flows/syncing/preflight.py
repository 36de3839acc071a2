"""The preflight check of a waiting post: account, quota, renditions and the address of its photos.

A pick whose photo cannot be posted gets another photo. Every other problem is stored as the schedule's concern, of
which the owner gets a notice; it is checked again every hour, and removed when it is mended.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from shutterpost.channels import Cause, Failure
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import PREFLIGHT_LEAST, start_deadline
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.syncing.rendition_check import RenditionCheck
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import PostDetails, Posts, Schedule, Schedules, StaleWrite

if TYPE_CHECKING:
    from shutterpost.flows.operating.review import Reviewer

# Checks per run of sync; the workflow's own Prepare step checks the rest.
MAX_CHECKS = 50
# A schedule with a concern is checked again after this, so that the concern ends when its cause is mended.
RECHECK = timedelta(hours=1)


@flow
class Preflight:
    """Checks schedules that wait; publishes nothing."""

    clock: Clock
    personas: Personas
    posts: Posts
    schedules: Schedules
    renditions: RenditionCheck
    access: ChannelAccess
    reviewer: "Callable[[], Reviewer]"

    def run(self) -> "PreflightRun":
        return PreflightRun(self)

    def check(self, schedule: Schedule, problem: Failure | None) -> Schedule | None:
        """Check a waiting schedule, whose connection has `problem`; the schedule if its photo was replaced."""
        details = self.posts.details(schedule.post_id)
        fault = self._find_fault(schedule, details) if problem is None else None
        if fault is not None and fault.cause is Cause.PHOTO and details.is_untouched_pick:
            replacement = self.reviewer().swap(details, fault)
            if replacement is None:
                return None
            logger.warning("photo swapped", post_id=schedule.post_id, reason=replacement.reason)
            return self.schedules.get(schedule.schedule_id)
        self.store(schedule, _concern(problem, fault))
        return None

    def connection_problem(self, schedule: Schedule) -> Failure | None:
        """Why the connection could not accept the post, if so."""
        account = self.access.account(schedule)
        if isinstance(account, Failure):
            return account
        answer = self.access.adapter(schedule).health(account, schedule.expected_at)
        return answer if isinstance(answer, Failure) else None

    def store(self, schedule: Schedule, concern: str | None, *, checked: bool = True) -> None:
        """Let the schedule wait for its start; store the `concern` if it was checked."""
        persona = self.personas.get(schedule.persona_id)
        now = self.clock.now()
        due_at = start_deadline(persona, schedule.review, run_at=schedule.run_at, start_at=schedule.start_at)
        result: dict[str, Any] = {"checked_at": now, "concern": concern} if checked else {}
        if concern is not None and now + RECHECK <= schedule.start_at - PREFLIGHT_LEAST:
            due_at = min(due_at, now + RECHECK)
        moved = self.schedules.move(schedule, schedule.status, now=now, due_at=max(now, due_at), **result)
        if checked and not isinstance(moved, StaleWrite):
            logger.info("preflight done", schedule_id=schedule.schedule_id, concern=concern)

    def _find_fault(self, schedule: Schedule, details: PostDetails) -> Failure | None:
        row = self.access.row(schedule)
        for place, photo_id in enumerate(details.variant(schedule.variant_id).photo_ids):
            fault = self.renditions.fault(schedule.persona_id, photo_id, row)
            if fault is not None:
                return fault.about(place)
        return None


@dataclass(frozen=True)
class PreflightRun:
    """The checks of one run, with at most one request per connection and day."""

    preflight: Preflight
    problems: dict[tuple[str, date], Failure | None] = field(default_factory=dict)
    checked: list[str] = field(default_factory=list)

    def check(self, schedule: Schedule) -> Schedule | None:
        """Check one more schedule, unless the run has reached `MAX_CHECKS`."""
        if len(self.checked) >= MAX_CHECKS:
            self.preflight.store(schedule, schedule.concern, checked=False)
            return None
        self.checked.append(schedule.schedule_id)
        key = schedule.connection_id, schedule.expected_at.date()
        if key not in self.problems:
            self.problems[key] = self.preflight.connection_problem(schedule)
        return self.preflight.check(schedule, self.problems[key])


def _concern(problem: Failure | None, fault: Failure | None) -> str | None:
    if problem is not None:
        return f"{problem.message} Repair the connection; its schedules stay queued."
    if fault is None:
        return None
    if fault.cause is Cause.PHOTO:
        return f"{fault.message} A person chose the photo, so it is not replaced; change or cancel the post."
    return f"{fault.message} Check that the CDN serves the files under public/."
