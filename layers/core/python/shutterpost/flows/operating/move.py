"""Moving schedules to another time."""

from datetime import datetime
from typing import Any

from shutterpost.channels import Catalogue
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.reschedule import planned_at, timing_fields
from shutterpost.flows.operating.stale_writes import change_schedule
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead, parse_scheduled_time
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import FRESH, Releaser
from shutterpost.flows.refusals import MoveInFlight, NothingToMove, SlotTaken
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    Lanes,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    Step,
    Weeks,
)

_RETRYABLE = frozenset({ScheduleStatus.FAILED, ScheduleStatus.SKIPPED})


class MoveResult(Value):
    """The schedule after a move; `done` is false if its workflow withdraws it first and sync then starts it."""

    schedule: Schedule
    done: bool


@flow
class Mover:
    """Moves schedules; never calls a platform itself."""

    clock: Clock
    catalogue: Catalogue
    personas: Personas
    posts: Posts
    schedules: Schedules
    slot_claims: SlotClaims
    weeks: Weeks
    lanes: Lanes
    start_timers: StartTimers
    releaser: Releaser

    def move(self, schedule_id: str, at: datetime, zone: str | None = None, *, by_person: bool = True) -> MoveResult:
        """Publish the schedule `at` another time; a post that was handed over is withdrawn first.

        A person who moves a pick that waits for review approves it. Raises `ScheduleNotFound`, `NothingToMove` if it
        has ended or is being cancelled, `MoveInFlight` while it is being published or its outcome is unknown, and the
        refusals of the time.
        """

        def change(schedule: Schedule) -> MoveResult | None:
            return self._move(schedule, at, zone, keep_review=not by_person)

        return change_schedule(self.schedules, schedule_id, NothingToMove, change)

    def _move(self, schedule: Schedule, at: datetime, zone: str | None, *, keep_review: bool) -> MoveResult | None:
        if not schedule.is_open or schedule.cancel_requested:
            state = "is being cancelled" if schedule.is_open else f"has ended: it is {schedule.status}"
            hint = "; retry it with another time" if schedule.status in _RETRYABLE else ""
            raise NothingToMove(f"Schedule {schedule.schedule_id} {state}{hint}.")
        if self._is_in_flight(schedule):
            detail = f"Schedule {schedule.schedule_id} is being published; move it once its outcome is known."
            raise MoveInFlight(detail)
        now = self.clock.now()
        when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now)
        persona = self.personas.get(schedule.persona_id)
        if schedule.step is Step.HANDED_OVER:
            return self._withdraw_and_move(schedule, persona, when, now)
        return self._requeue(schedule, persona, when, now, keep_review=keep_review)

    def _is_in_flight(self, schedule: Schedule) -> bool:
        if schedule.status is ScheduleStatus.UNKNOWN or schedule.step in {Step.PUBLISHING, Step.PUBLISHED}:
            return True
        visible = self.catalogue.row(schedule.channel).ambiguous_from == "submitting"
        return schedule.step is Step.SUBMITTING and visible

    def _requeue(
        self, schedule: Schedule, persona: Persona, when: ScheduledTime, now: datetime, *, keep_review: bool
    ) -> MoveResult | None:
        """Queue a new revision: the running execution loses its next write, and its invisible container expires."""
        review = schedule.review if keep_review else None
        status = ScheduleStatus.QUEUED if review is None else ScheduleStatus.PENDING
        timing = timing_fields(self.start_timers, persona, schedule, when, now, review=review)
        moved = self._write(schedule, persona, status, when, now, **FRESH, **timing)
        if moved is None:
            return None
        self.lanes.release(schedule)
        self.start_timers.disarm(schedule)
        self.start_timers.arm(moved, requested=not keep_review)
        return MoveResult(schedule=moved, done=True)

    def _withdraw_and_move(
        self, schedule: Schedule, persona: Persona, when: ScheduledTime, now: datetime
    ) -> MoveResult | None:
        moved = self._write(
            schedule,
            persona,
            schedule.status,
            when,
            now,
            revision=schedule.revision + 1,
            intent=Intent.WITHDRAW,
            retry_count=0,
            due_at=now,
            next_run_at=when.run_at,
            next_wall_time=when.wall_time,
            next_zone=when.zone,
        )
        if moved is None:
            return None
        self.start_timers.start(moved)
        return MoveResult(schedule=moved, done=False)

    def _write(
        self,
        schedule: Schedule,
        persona: Persona,
        to: ScheduleStatus,
        when: ScheduledTime,
        now: datetime,
        **changes: Any,
    ) -> Schedule | None:
        """The schedule after its move; `None` if it changed since it was read.

        It claims its part in a slot at the new time and releases the one before, which a withdrawal keeps until it is
        done.
        """
        writes = self.schedules.moving(schedule, to, now=now, **changes)
        leaves = schedule.next_run_at if changes.get("next_run_at") else schedule.run_at
        if leaves is not None and leaves != when.run_at:
            details = self.posts.details(schedule.post_id)
            leaving = {schedule.schedule_id}
            writes.append(self.posts.turning(details.post))
            writes += self.releaser.slot_releases(details, leaving, leaves, "the post was moved", now)
        if leaves != when.run_at:
            writes += self.slot_claims.part(persona, schedule, when.run_at)
        answer = commit_planned(self.weeks, self.schedules, persona, [planned_at(schedule, when)], writes)
        if isinstance(answer, Refused):
            if "slot" in answer.labels and "schedule" not in answer.labels:
                raise SlotTaken.by_another_post()
            return None
        return self.schedules.get(schedule.schedule_id)
