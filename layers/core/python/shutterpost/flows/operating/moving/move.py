"""Moving schedules to another time: one, or all of a post."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from shutterpost.channels import Catalogue
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.reschedule import planned_at, timing_fields
from shutterpost.flows.operating.stale_writes import ROUNDS, change_schedule
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.day_times import DayTimes
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead, parse_scheduled_time
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.slots import check_slot_ahead
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import FRESH, Releaser
from shutterpost.flows.posting.successors import RETRYABLE
from shutterpost.flows.records.actions import is_in_flight
from shutterpost.flows.refusals import MoveInFlight, NothingToMove, SlotTaken
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Refused, Write
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    Lanes,
    PostDetails,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
    Step,
    Weeks,
)


class MoveResult(Value):
    """The schedule after a move; `done` is false if its workflow withdraws it first and sync then starts it."""

    schedule: Schedule
    done: bool


_ONE_BY_ONE = "move its schedules one by one"


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
    max_future: timedelta

    def move(self, schedule_id: str, at: datetime, zone: str | None = None) -> MoveResult:
        """Publish the schedule `at` another time; a post that was handed over is withdrawn first.

        A person who moves a pick that waits for review approves it. Raises `ScheduleNotFound`, `NothingToMove` if it
        has ended or is being cancelled, `MoveInFlight` while it is being published or its outcome is unknown, and the
        refusals of the time.
        """
        return self._change(schedule_id, at, zone, keep_review=False)

    def follow(self, schedule_id: str, at: datetime, zone: str, *, to_slot: bool) -> MoveResult:
        """`move`, by the persona's rules: a pick keeps its review. Raises `SlotUnknown` if `to_slot` and there is none.

        The slot is looked for in the persona as it is now, because the caller may know older rules.
        """
        return self._change(schedule_id, at, zone, keep_review=True, to_slot=to_slot)

    def move_post(
        self,
        post_id: str,
        at: datetime | date | None,
        zone: str | None = None,
        *,
        to_slot: bool = False,
    ) -> tuple[MoveResult, ...]:
        """`move` all open schedules of a post, by default to now, in one transaction: all of them, or none.

        On a date without a time see `DayTimes`. A schedule that its channel holds for that time already stays.
        Raises what `move` raises, `PostNotFound`, and `SlotUnknown` if `to_slot` and the persona has no slot then.
        """
        for _ in range(ROUNDS):
            details = self.posts.details(post_id)
            moved = self._move_post(details, at, zone, to_slot=to_slot)
            if moved is not None:
                return moved
        raise NothingToMove(f"Post {post_id} is changing right now; try again in a moment.")

    def start_anew(self, schedule: Schedule, moved: Schedule, *, requested: bool) -> None:
        """Replace the timer and the publish time of a schedule by those of its new revision `moved`."""
        self.lanes.release(schedule)
        self.start_timers.disarm(schedule)
        self.start_timers.arm(moved, requested=requested)

    def _change(
        self, schedule_id: str, at: datetime, zone: str | None, *, keep_review: bool, to_slot: bool = False
    ) -> MoveResult:
        def change(schedule: Schedule) -> MoveResult | None:
            return self._move(schedule, at, zone, keep_review=keep_review, to_slot=to_slot)

        return change_schedule(self.schedules, schedule_id, NothingToMove, change)

    def _move(
        self, schedule: Schedule, at: datetime, zone: str | None, *, keep_review: bool, to_slot: bool
    ) -> MoveResult | None:
        if not schedule.is_open or schedule.cancel_requested:
            state = "is being cancelled" if schedule.is_open else f"has ended: it is {schedule.status}"
            hint = "; retry it with another time" if schedule.status in RETRYABLE else ""
            raise NothingToMove(f"Schedule {schedule.schedule_id} {state}{hint}.")
        self._check_not_in_flight(schedule)
        now = self.clock.now()
        when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now, self.max_future)
        persona = self.personas.get(schedule.persona_id)
        if to_slot:
            check_slot_ahead(persona, when, now)
        moved = self._write([schedule], persona, when, now, keep_review=keep_review)
        return None if moved is None else moved[0]

    def _move_post(
        self, details: PostDetails, at: datetime | date | None, zone: str | None, *, to_slot: bool
    ) -> tuple[MoveResult, ...] | None:
        movable = [item for item in details.schedules if item.is_open and not item.cancel_requested]
        if not movable:
            raise NothingToMove(f"Post {details.post.post_id} has no schedule that waits; schedule it again instead.")
        for schedule in movable:
            self._check_not_in_flight(schedule)
        now, persona = self.clock.now(), self.personas.get(details.post.persona_id)
        if isinstance(at, date) and not isinstance(at, datetime):
            when = DayTimes(self.slot_claims.claims, self.schedules).find(persona, movable, at, now)
        else:
            when = parse_scheduled_time(at, zone or (persona.zone if to_slot else movable[0].zone), now)
        check_ahead(when, now, self.max_future)
        if to_slot:
            check_slot_ahead(persona, when, now)
        moving = [item for item in movable if not _is_handed_over_for(item, when.run_at)]
        moved = self._write(moving, persona, when, now, details=details) if moving else ()
        if moved is None:
            return None
        stays = (MoveResult(schedule=item, done=item.next_run_at is None) for item in movable if item not in moving)
        return (*moved, *stays)

    def _check_not_in_flight(self, schedule: Schedule) -> None:
        if is_in_flight(schedule, self.catalogue):
            detail = f"Schedule {schedule.schedule_id} is being published; move it once its outcome is known."
            raise MoveInFlight(detail, schedule_id=schedule.schedule_id)

    def _write(
        self,
        schedules: Sequence[Schedule],
        persona: Persona,
        when: ScheduledTime,
        now: datetime,
        *,
        keep_review: bool = False,
        details: PostDetails | None = None,
    ) -> tuple[MoveResult, ...] | None:
        """A post's schedules after their move; `None` if one of them changed since it was read.

        They claim their parts in a slot at the new time and release those before, which a withdrawal keeps until it is
        done. The running execution of a new revision loses its next write, and its invisible container expires.
        """
        writes: list[Write] = []
        for schedule in schedules:
            to, changes = self._changes(schedule, persona, when, now, keep_review=keep_review)
            writes += self.schedules.moving(schedule, to, now=now, **changes)
        changing = [schedule for schedule in schedules if _leaves(schedule) != when.run_at]
        times = {leaves for schedule in changing if (leaves := _leaves(schedule)) is not None}
        if times:
            details = details or self.posts.details(schedules[0].post_id)
            writes.append(self.posts.turning(details.post))
            for leaves in sorted(times):
                leaving = {schedule.schedule_id for schedule in changing if _leaves(schedule) == leaves}
                writes += self.releaser.slot_releases(details, leaving, leaves, "the post was moved", now)
        writes += self.slot_claims.parts(persona, changing, when.run_at)
        planned = [planned_at(schedule, when) for schedule in schedules]
        answer = commit_planned(self.weeks, self.schedules, persona, planned, writes, advice=_ONE_BY_ONE)
        if isinstance(answer, Refused):
            if "slot" in answer.labels and "schedule" not in answer.labels:
                raise SlotTaken.by_another_post()
            return None
        return tuple(self._started(schedule, requested=not keep_review) for schedule in schedules)

    def _changes(
        self, schedule: Schedule, persona: Persona, when: ScheduledTime, now: datetime, *, keep_review: bool
    ) -> tuple[ScheduleStatus, dict[str, Any]]:
        if schedule.step is Step.HANDED_OVER:
            return schedule.status, {
                "revision": schedule.revision + 1,
                "intent": Intent.WITHDRAW,
                "retry_count": 0,
                "due_at": now,
                "next_run_at": when.run_at,
                "next_wall_time": when.wall_time,
                "next_zone": when.zone,
            }
        review = schedule.review if keep_review else None
        status = ScheduleStatus.QUEUED if review is None else ScheduleStatus.PENDING
        timing = timing_fields(self.start_timers, persona, schedule, when, now, review=review)
        return status, {**FRESH, **timing}

    def _started(self, schedule: Schedule, *, requested: bool) -> MoveResult:
        moved = self.schedules.get(schedule.schedule_id)
        if schedule.step is Step.HANDED_OVER:
            self.start_timers.start(moved)
            return MoveResult(schedule=moved, done=False)
        self.start_anew(schedule, moved, requested=requested)
        return MoveResult(schedule=moved, done=True)


def _leaves(schedule: Schedule) -> datetime | None:
    """The time that a schedule gives up: a withdrawal keeps its own until it is done."""
    return schedule.moves_to if schedule.step is Step.HANDED_OVER else schedule.run_at


def _is_handed_over_for(schedule: Schedule, at: datetime) -> bool:
    return schedule.step is Step.HANDED_OVER and (schedule.next_run_at or schedule.run_at) == at
