"""Reviewing a pick that waits: approve it, or reject it and pick again for its slot; and replacing an unusable photo.

All schedules of a pick are approved or rejected together, in one transaction at the state in which they were read.
"""

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.flows.flow import flow
from shutterpost.flows.operating.stale_writes import ROUNDS
from shutterpost.flows.picking.pick_next import Picker, PickResult
from shutterpost.flows.planning.deadlines import next_check_at, start_deadline
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.flows.posting.release import Releaser, event_of
from shutterpost.flows.refusals import NothingToApprove, NothingToReject
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.commit import Committed, Write, commit
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import (
    EventOutcome,
    PostDetails,
    Posts,
    Schedule,
    Schedules,
    ScheduleStatus,
)

REJECTED = "rejected-by-person"


class RejectedPick(Value):
    """The rejected post, and the pick that replaces it or the reason why there is none."""

    details: PostDetails
    replacement: PickResult


@flow
class Reviewer:
    """Approves and rejects picks; never calls a platform itself."""

    clock: Clock
    personas: Personas
    posts: Posts
    schedules: Schedules
    start_timers: StartTimers
    releaser: Releaser
    picker: Picker

    def approve(self, post_id: str) -> PostDetails:
        """Let the pick be published at its time, or at once if that has passed.

        Raises `PostNotFound`, and `NothingToApprove` if no review is pending or the slot is past the persona's grace.
        """
        for _ in range(ROUNDS):
            details = self.posts.details(post_id)
            pending = _pending(details)
            if not pending:
                raise NothingToApprove(f"Post {post_id} has no pending review; its status is {_status(details)}.")
            if self._approve(pending):
                return self.posts.details(post_id)
        raise NothingToApprove(f"Post {post_id} is changing right now; try again in a moment.")

    def reject(self, post_id: str, reason: str | None = None, *, back: bool = False) -> RejectedPick:
        """End the pick and pick again for its slot; repeating it picks no second time.

        The photo is excluded from further picks unless `back` is set. Raises `PostNotFound`, and `NothingToReject` if
        no review is pending.
        """
        for _ in range(ROUNDS):
            details = self.posts.details(post_id)
            if _is_rejected(details):
                return RejectedPick(details=details, replacement=self._pick_again(details))
            if not _pending(details) or any(item.is_open and item.review is None for item in details.schedules):
                raise NothingToReject(
                    f"Post {post_id} has no pending review on all its schedules; its status is {_status(details)}. "
                    "Cancel it instead."
                )
            self._end_pick(details, _rejected(reason), EventOutcome.REJECTED, back=back)
        raise NothingToReject(f"Post {post_id} is changing right now; try again in a moment.")

    def swap(self, details: PostDetails, failure: Failure) -> PickResult | None:
        """Pick again for the slot of a pick whose photo cannot be posted; `None` if the pick has changed."""
        if not self._end_pick(details, failure, EventOutcome.SWAPPED):
            return None
        return self._pick_again(self.posts.details(details.post.post_id))

    def _end_pick(self, details: PostDetails, failure: Failure, outcome: EventOutcome, *, back: bool = False) -> bool:
        if not self.releaser.end_pick(details, failure, outcome, back=back, again=True):
            return False
        for schedule in details.schedules:
            self.start_timers.disarm(schedule)
        return True

    def _pick_again(self, details: PostDetails) -> PickResult:
        ended = next(item for item in details.schedules if item.status is ScheduleStatus.SKIPPED)
        return self.picker.pick(details.post.persona_id, ended.run_at)

    def _approve(self, pending: list[Schedule]) -> bool:
        now = self.clock.now()
        persona = self.personas.get(pending[0].persona_id)
        writes: list[Write] = []
        for schedule in pending:
            if now > schedule.run_at + persona.late_grace:
                raise NothingToApprove(f"Its slot at {iso(schedule.run_at)} is past the persona's grace.")
            start_at = self.start_timers.start_at(schedule.channel, schedule.run_at, now)
            if schedule.checked_at is None:
                due_at = next_check_at(persona, None, run_at=schedule.run_at, start_at=start_at, now=now)
            else:
                due_at = start_deadline(persona, None, run_at=schedule.run_at, start_at=start_at)
            writes += self.schedules.moving(
                schedule,
                ScheduleStatus.QUEUED,
                now=now,
                event=event_of(schedule, EventOutcome.APPROVED, at=now),
                revision=schedule.revision + 1,
                review=None,
                start_at=start_at,
                due_at=due_at,
            )
        if not isinstance(commit(writes), Committed):
            return False
        for schedule in pending:
            self.start_timers.disarm(schedule)
            self.start_timers.arm(self.schedules.get(schedule.schedule_id))
        logger.info("pick approved", post_id=pending[0].post_id)
        return True


def _pending(details: PostDetails) -> list[Schedule]:
    return [item for item in details.schedules if item.status is ScheduleStatus.PENDING and item.review is not None]


def _is_rejected(details: PostDetails) -> bool:
    codes = {item.error_code for item in details.schedules if item.status is ScheduleStatus.SKIPPED}
    return REJECTED in codes and not any(item.is_open for item in details.schedules)


def _status(details: PostDetails) -> str:
    return ", ".join(sorted({item.status for item in details.schedules})) or "draft"


def _rejected(reason: str | None) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.ACCOUNT,
        code=REJECTED,
        message=reason or "A person rejected it.",
    )
