"""The end of a schedule whose post is live."""

from typing import Any

from shutterpost.channels import ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import NO_ERROR, NO_MOVE, Releaser, event_of
from shutterpost.flows.publishing.first_comments import COMMENT_SLACK
from shutterpost.flows.publishing.publish_times import PublishTimes
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import CommentState, EventOutcome, Schedule, Schedules, ScheduleStatus, StaleWrite, Step


@flow
class Successes:
    clock: Clock
    schedules: Schedules
    connections: ConnectionStore
    copies: PublicCopies
    publish_times: PublishTimes
    remote_claims: RemoteClaims
    releaser: Releaser

    def record(self, schedule: Schedule, **live: Any) -> Schedule | None:
        """Move the schedule to `success`, claim the `live` post and remove the public copies; `None` if it changed.

        A post that was to move gives back the slot that it did not reach.
        """
        now = self.clock.now()
        updated = schedule.model_copy(update=live)
        fields: dict[str, Any] = {
            **NO_ERROR,
            **NO_MOVE,
            **live,
            "posted_at": updated.posted_at or now,
            "public_keys": [],
        }
        if schedule.first_comment is CommentState.WAITING:
            fields["due_at"] = now + COMMENT_SLACK
        event = event_of(updated, EventOutcome.SUCCESS, at=now)
        left = schedule.moves_to
        released = [] if left is None else self.releaser.leave_slot(schedule, left, "the post was live before its move")
        along = [*self.remote_claims.take(schedule, updated.external_id), *released]
        moved = self.schedules.move(schedule, ScheduleStatus.SUCCESS, now=now, event=event, along=along, **fields)
        if isinstance(moved, StaleWrite) and moved.current == schedule and schedule.step is Step.PUBLISHED:
            # The platform returned this id to the schedule's own call, so the other schedule's claim is wrong.
            logger.error("remote post claimed twice", schedule_id=schedule.schedule_id, external_id=updated.external_id)
            moved = self.schedules.move(
                schedule, ScheduleStatus.SUCCESS, now=now, event=event, along=released, **fields
            )
        if isinstance(moved, StaleWrite):
            return None
        self.copies.remove(schedule.public_keys)
        self.connections.touch(schedule.persona_id, schedule.connection_id, now)
        self.publish_times.note_success(schedule)
        logger.info("post recorded", schedule_id=schedule.schedule_id, posted_at=iso(fields["posted_at"]))
        return moved
