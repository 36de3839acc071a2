"""Posts that take each other's times, in one transaction."""

from collections.abc import Sequence
from datetime import timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.operating.moving.move import Mover
from shutterpost.flows.operating.reschedule import planned_at, timing_fields
from shutterpost.flows.operating.stale_writes import ROUNDS
from shutterpost.flows.planning.capacity import commit_planned
from shutterpost.flows.planning.post_move import PostMove
from shutterpost.flows.planning.scheduled_time import ScheduledTime, check_ahead
from shutterpost.flows.planning.slot_claims import SlotClaims
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import FRESH
from shutterpost.flows.refusals import (
    MoveInFlight,
    NothingToMove,
    SlotTaken,
    SwapInvalid,
    TooManyWrites,
    TooNear,
    WeekFull,
)
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Committed, Refused, Write
from shutterpost.scheduling import PostDetails, Posts, Schedule, Schedules, ScheduleStatus, Step, Weeks

_ONE_AFTER_THE_OTHER = "move the posts one after the other"


@flow
class PostSwapper:
    """Exchanges the times of posts; never calls a platform itself."""

    clock: Clock
    personas: Personas
    posts: Posts
    schedules: Schedules
    slot_claims: SlotClaims
    weeks: Weeks
    start_timers: StartTimers
    mover: Mover
    max_future: timedelta

    def swap(self, post_id: str, other_id: str) -> tuple[PostDetails, PostDetails]:
        """Exchange the times of two posts of a persona, each with all its open schedules; both are approved by it.

        Raises `PostNotFound`, `SwapInvalid`, `NothingToMove` without an open schedule, `MoveInFlight` if one has begun
        or is at its channel, and the refusals of the times.
        """
        for _ in range(ROUNDS):
            posts = self.posts.details(post_id), self.posts.details(other_id)
            persona = self.personas.get(posts[0].post.persona_id)
            answer = self._commit(persona, self._moves(*posts))
            if isinstance(answer, Committed):
                return self.posts.details(post_id), self.posts.details(other_id)
            if answer.labels == {"slot"}:
                raise SlotTaken.by_another_post()
        raise NothingToMove(f"Posts {post_id} and {other_id} are changing right now; try again in a moment.")

    def exchange(self, persona: Persona, moves: Sequence[PostMove]) -> bool:
        """Move posts that take each other's times on the same connections; `False` if any rule refuses it."""
        if not all(schedule.has_not_begun for move in moves for schedule in move.schedules):
            return False
        try:
            return isinstance(self._commit(persona, moves), Committed)
        except (TooManyWrites, TooNear, WeekFull):
            return False

    def _moves(self, first: PostDetails, second: PostDetails) -> tuple[PostMove, PostMove]:
        if first.post.post_id == second.post.post_id or first.post.persona_id != second.post.persona_id:
            raise SwapInvalid("Swap a post with another one of the same persona.", field="with")
        waiting = _waiting(first), _waiting(second)
        times = [_time_of(schedules) for schedules in waiting]
        if times[0].run_at == times[1].run_at:
            raise SwapInvalid(f"Both posts are planned for {times[0].wall_time}.", field="with")
        now = self.clock.now()
        for when in times:
            check_ahead(when, now, self.max_future)
        return (
            PostMove(post=first.post, schedules=waiting[0], when=times[1]),
            PostMove(post=second.post, schedules=waiting[1], when=times[0]),
        )

    def _commit(self, persona: Persona, moves: Sequence[PostMove]) -> Committed | Refused:
        now, givers = self.clock.now(), {move.leaves: move for move in moves}
        writes: list[Write] = []
        for move in moves:
            at = move.when.run_at
            writes.append(self.posts.turning(move.post))
            writes += self.slot_claims.transfer(persona, at, giver=givers[at], taker=move)
            for schedule in move.schedules:
                timing = timing_fields(self.start_timers, persona, schedule, move.when, now)
                writes += self.schedules.moving(schedule, ScheduleStatus.QUEUED, now=now, **FRESH, **timing)
        planned = [planned_at(schedule, move.when) for move in moves for schedule in move.schedules]
        answer = commit_planned(self.weeks, self.schedules, persona, planned, writes, advice=_ONE_AFTER_THE_OTHER)
        if isinstance(answer, Committed):
            for schedule in (schedule for move in moves for schedule in move.schedules):
                self.mover.start_anew(schedule, self.schedules.get(schedule.schedule_id), requested=True)
        return answer


def _waiting(details: PostDetails) -> tuple[Schedule, ...]:
    post_id = details.post.post_id
    waiting = tuple(item for item in details.schedules if item.is_open and not item.cancel_requested)
    if not waiting:
        raise NothingToMove(f"Post {post_id} has no schedule that waits.", post_id=post_id)
    for schedule in waiting:
        if schedule.step is Step.HANDED_OVER:
            detail = f"Post {post_id} is at its channel already; move it to a free time first, then swap."
            raise MoveInFlight(detail, schedule_id=schedule.schedule_id)
        if not schedule.has_not_begun:
            detail = f"Schedule {schedule.schedule_id} is being published; swap once its outcome is known."
            raise MoveInFlight(detail, schedule_id=schedule.schedule_id)
    if len({schedule.run_at for schedule in waiting}) > 1:
        raise SwapInvalid(f"Post {post_id} is planned for several times; move it to one time first.", field="with")
    return waiting


def _time_of(schedules: Sequence[Schedule]) -> ScheduledTime:
    first = schedules[0]
    return ScheduledTime(run_at=first.run_at, wall_time=first.wall_time, zone=first.zone)
