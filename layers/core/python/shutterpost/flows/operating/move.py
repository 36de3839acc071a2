"""Moving schedules to another time."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shutterpost.channels import Catalogue
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.reschedule import planned_at, timing_fields
from shutterpost.flows.operating.stale_writes import change_schedule
from shutterpost.flows.planning.capacity import ROUNDS, commit_planned, exchange_writes
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead, parse_scheduled_time
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.slots import is_slot_ahead
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import FRESH, Releaser
from shutterpost.flows.posting.successors import RETRYABLE
from shutterpost.flows.refusals import MoveInFlight, NothingToMove, SlotTaken, SlotUnknown
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import MAX_WRITES, Committed, Refused, Write, commit
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    Intent,
    Lanes,
    Post,
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


class PostMove(Value):
    """A post's schedules of one time, and their next."""

    post: Post
    schedules: tuple[Schedule, ...]
    when: ScheduledTime

    @property
    def connection_ids(self) -> tuple[str, ...]:
        return tuple(sorted(schedule.connection_id for schedule in self.schedules))

    @property
    def leaves(self) -> datetime:
        return self.schedules[0].run_at


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

    def exchange(self, persona: Persona, moves: Sequence[PostMove]) -> bool:
        """Move posts that take each other's times on the same connections, in one transaction.

        `False` if one of them has begun or changed, or if they are too many for a transaction.
        """
        schedules = [schedule for move in moves for schedule in move.schedules]
        if not all(_has_not_begun(schedule) for schedule in schedules):
            return False
        for _ in range(ROUNDS):
            writes = self._exchange_writes(persona, moves)
            if len(writes) > MAX_WRITES:
                return False
            answer = commit(writes)
            if isinstance(answer, Committed) or answer.labels != {"week"}:
                break
        if isinstance(answer, Refused):
            return False
        for schedule in schedules:
            self._start_anew(schedule, self.schedules.get(schedule.schedule_id), requested=True)
        return True

    def _exchange_writes(self, persona: Persona, moves: Sequence[PostMove]) -> list[Write]:
        now, givers = self.clock.now(), {move.leaves: move.post.post_id for move in moves}
        writes: list[Write] = []
        for move in moves:
            at, parts = move.when.run_at, move.connection_ids
            writes.append(self.posts.turning(move.post))
            writes += self.slot_claims.transfer(persona, parts, at, giver=givers[at], holder=move.post)
            for schedule in move.schedules:
                timing = timing_fields(self.start_timers, persona, schedule, move.when, now)
                writes += self.schedules.moving(schedule, ScheduleStatus.QUEUED, now=now, **FRESH, **timing)
        planned = {schedule.schedule_id: move.when.run_at for move in moves for schedule in move.schedules}
        return [*writes, *exchange_writes(self.weeks, persona, planned)]

    def _change(
        self, schedule_id: str, at: datetime, zone: str | None, *, keep_review: bool, to_slot: bool = False
    ) -> MoveResult:
        def change(schedule: Schedule) -> MoveResult | None:
            return self._move(schedule, at, zone, keep_review=keep_review, to_slot=to_slot)

        return change_schedule(self.schedules, schedule_id, NothingToMove, change)

    def _start_anew(self, schedule: Schedule, moved: Schedule, *, requested: bool) -> None:
        self.lanes.release(schedule)
        self.start_timers.disarm(schedule)
        self.start_timers.arm(moved, requested=requested)

    def _move(
        self, schedule: Schedule, at: datetime, zone: str | None, *, keep_review: bool, to_slot: bool
    ) -> MoveResult | None:
        if not schedule.is_open or schedule.cancel_requested:
            state = "is being cancelled" if schedule.is_open else f"has ended: it is {schedule.status}"
            hint = "; retry it with another time" if schedule.status in RETRYABLE else ""
            raise NothingToMove(f"Schedule {schedule.schedule_id} {state}{hint}.")
        if self._is_in_flight(schedule):
            detail = f"Schedule {schedule.schedule_id} is being published; move it once its outcome is known."
            raise MoveInFlight(detail)
        now = self.clock.now()
        when = parse_scheduled_time(at, zone or schedule.zone, now)
        check_ahead(when, now, self.max_future)
        persona = self.personas.get(schedule.persona_id)
        if to_slot and not is_slot_ahead(persona, when.run_at, now):
            raise SlotUnknown(f"Persona {persona.persona_id} has no slot at {when.wall_time} in {when.zone}.")
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
        self._start_anew(schedule, moved, requested=not keep_review)
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
        leaves = schedule.moves_to if changes.get("next_run_at") else schedule.run_at
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


def _has_not_begun(schedule: Schedule) -> bool:
    waiting = {ScheduleStatus.PENDING, ScheduleStatus.QUEUED}
    return schedule.status in waiting and schedule.step is None and not schedule.cancel_requested
