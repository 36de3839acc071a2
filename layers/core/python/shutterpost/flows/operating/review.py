"""A person's word on a pick that waits: approved, or rejected and replaced; and a pick that must be swapped.

What waits goes out, or is taken back, as a whole: one transaction at the state in which its schedules were read.
"""

from dataclasses import dataclass
from datetime import timedelta

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.flows.operating.cancel import ROUNDS
from shutterpost.flows.picking.pick_next import Picker, PickResult
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.deadlines import next_check_at, start_deadline
from shutterpost.flows.posting.release import Releaser, event_of
from shutterpost.flows.refusals import NothingToApprove, NothingToReject
from shutterpost.runtime.clock import iso
from shutterpost.runtime.commit import Committed, Write, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    EventOutcome,
    Origin,
    PostDetails,
    Schedule,
    ScheduleStatus,
)

REJECTED = "rejected-by-person"


class RejectedPick(Value):
    """The post that was rejected, and what the slot was given instead: `replacement.post_id`, or why nothing."""

    details: PostDetails
    replacement: PickResult


@dataclass(frozen=True, kw_only=True)
class Reviewer:
    """What becomes of picks that wait; never calls a platform itself."""

    scheduler: PostCreator
    releaser: Releaser
    picker: Picker

    def approve(self, post_id: str) -> PostDetails:
        """Let the pick go out at its instant, or at once where that has come.

        Raises `PostNotFound`, and `NothingToApprove` for what waits for nobody or is past its grace.
        """
        for _ in range(ROUNDS):
            details = self.scheduler.posts.details(post_id)
            waiting = _waiting(details)
            if not waiting:
                raise NothingToApprove(f"Nothing of post {post_id} waits for a word; its status is {_status(details)}.")
            if self._approved(waiting):
                return self.scheduler.posts.details(post_id)
        raise NothingToApprove(f"Post {post_id} is moving right now; ask again in a moment.")

    def reject(self, post_id: str, reason: str | None = None, *, back: bool = False) -> RejectedPick:
        """Take the pick back and pick the next best for its slot. The photo stays out of further picks, unless it may
        come `back`. Repeating it picks no second time.

        Raises `PostNotFound`, and `NothingToReject` for what waits for nobody.
        """
        for _ in range(ROUNDS):
            details = self.scheduler.posts.details(post_id)
            if _is_rejected(details):
                return RejectedPick(details=details, replacement=self._picked_again(details))
            if not _waiting(details) or any(one.is_open and one.review is None for one in details.schedules):
                raise NothingToReject(
                    f"Post {post_id} does not wait for a word as a whole; its status is {_status(details)}. "
                    "Cancel what is not to go out."
                )
            self.take_back(details, _rejected(reason), EventOutcome.REJECTED, back=back)
        raise NothingToReject(f"Post {post_id} is moving right now; ask again in a moment.")

    def swap(self, details: PostDetails, failure: Failure) -> PickResult | None:
        """Give the slot of a pick whose photo cannot go out to the next best; `None` where it had moved meanwhile."""
        if not self.take_back(details, failure, EventOutcome.SWAPPED):
            return None
        return self._picked_again(self.scheduler.posts.details(details.post.post_id))

    def take_back(self, details: PostDetails, failure: Failure, outcome: EventOutcome, *, back: bool = False) -> bool:
        """End a pick of which nothing has begun, with its slot free again and its photo out of further picks, unless it
        may come `back`; says whether it did."""
        if not self.releaser.end_pick(details, failure, outcome, back=back, again=True):
            return False
        for schedule in details.schedules:
            self.scheduler.timers.disarm_start(schedule)
        return True

    def _picked_again(self, details: PostDetails) -> PickResult:
        ended = next(one for one in details.schedules if one.status is ScheduleStatus.SKIPPED)
        return self.picker.pick(details.post.persona_id, ended.run_at)

    def _approved(self, waiting: list[Schedule]) -> bool:
        now = self.scheduler.clock.now()
        persona = self.picker.personas.get(waiting[0].persona_id)
        writes: list[Write] = []
        for one in waiting:
            if now > one.run_at + timedelta(minutes=persona.late_grace_minutes):
                raise NothingToApprove(
                    f"Its slot was at {iso(one.run_at)}, longer ago than the persona's grace allows."
                )
            start_at = self.scheduler.start_instant(one.channel, one.run_at, now)
            if one.checked_at is None:
                due_at = next_check_at(persona, None, run_at=one.run_at, start_at=start_at, now=now)
            else:
                due_at = start_deadline(persona, None, run_at=one.run_at, start_at=start_at)
            writes += self.scheduler.schedules.moving(
                one,
                ScheduleStatus.QUEUED,
                now=now,
                event=event_of(one, EventOutcome.APPROVED, at=now),
                revision=one.revision + 1,
                review=None,
                start_at=start_at,
                due_at=due_at,
            )
        if not isinstance(commit(writes), Committed):
            return False
        for one in waiting:
            self.scheduler.timers.disarm_start(one)
            self.scheduler.arm(self.scheduler.schedules.get(one.schedule_id))
        logger.info("pick approved", post_id=waiting[0].post_id)
        return True


def may_be_swapped(details: PostDetails) -> bool:
    """Whether a pick made the post and nothing of it has begun or ended."""
    waiting = {ScheduleStatus.PENDING, ScheduleStatus.QUEUED}
    untouched = all(one.status in waiting and one.step is None for one in details.schedules)
    return untouched and details.post.origin is Origin.SLOT


def _waiting(details: PostDetails) -> list[Schedule]:
    return [one for one in details.schedules if one.status is ScheduleStatus.PENDING and one.review is not None]


def _is_rejected(details: PostDetails) -> bool:
    codes = {one.error_code for one in details.schedules if one.status is ScheduleStatus.SKIPPED}
    return REJECTED in codes and not any(one.is_open for one in details.schedules)


def _status(details: PostDetails) -> str:
    return ", ".join(sorted({one.status for one in details.schedules})) or "draft"


def _rejected(reason: str | None) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code=REJECTED,
        message=reason or "A person rejected it.",
    )
