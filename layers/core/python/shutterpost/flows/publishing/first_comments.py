"""The first comment under a live post. It is made at most once, and never changes the outcome of its post."""

from datetime import timedelta
from typing import Any

from shutterpost.channels import Account, Commented, Commenter, Failure, FailureClass
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import CommentState, Posts, Schedule, Schedules, StaleWrite

# Sync makes a comment that the execution did not make by then.
COMMENT_SLACK = timedelta(minutes=2)
# A comment without a clear answer is looked for so often, at these intervals.
COMMENT_LOOKS, COMMENT_PAUSE = 3, timedelta(minutes=5)
_UNCLEAR = "The platform gave no clear answer and does not list the comment; if the post has none, comment by hand."


@flow
class FirstComments:
    clock: Clock
    posts: Posts
    schedules: Schedules
    access: ChannelAccess

    def settle(self, schedule: Schedule) -> Schedule | None:
        """Make the comment of a live post that waits for one, or look for one that was begun."""
        if schedule.first_comment is CommentState.WAITING:
            return self._make(schedule)
        return self._look(schedule) if schedule.first_comment is CommentState.SENDING else None

    def _make(self, schedule: Schedule) -> Schedule | None:
        text, account, adapter = self._text(schedule), self.access.account(schedule), self.access.adapter(schedule)
        if isinstance(account, Failure):
            return self._end(schedule, CommentState.NOT_MADE, account.message)
        if schedule.removal_requested_at is not None or not text or not isinstance(adapter, Commenter):
            return self._end(schedule, CommentState.NOT_MADE, "The post was removed, or takes no comment.")
        if schedule.external_id is None:
            return self._end(schedule, CommentState.NOT_MADE, "The id of the live post is not known.")
        # Written before the call, so that nothing repeats it.
        due_at = self.clock.now() + COMMENT_SLACK
        sending = self._move(schedule, first_comment=CommentState.SENDING, look_count=0, due_at=due_at)
        if sending is None:
            return None
        answer = adapter.comment(account, schedule.external_id, text)
        if isinstance(answer, Commented):
            return self._end(sending, CommentState.MADE)
        logger.warning("first comment not made", schedule_id=schedule.schedule_id, code=answer.code)
        if answer.failure_class is FailureClass.AMBIGUOUS:
            return sending
        return self._end(sending, CommentState.NOT_MADE, answer.message)

    def _look(self, schedule: Schedule) -> Schedule | None:
        if self._is_there(schedule):
            return self._end(schedule, CommentState.MADE)
        if schedule.look_count + 1 >= COMMENT_LOOKS:
            return self._end(schedule, CommentState.UNCLEAR, _UNCLEAR)
        due_at = self.clock.now() + COMMENT_PAUSE
        return self._move(schedule, look_count=schedule.look_count + 1, due_at=due_at)

    def _is_there(self, schedule: Schedule) -> bool:
        account, adapter = self.access.account(schedule), self.access.adapter(schedule)
        if not isinstance(account, Account) or not isinstance(adapter, Commenter):
            return False
        found_by = schedule.external_id or "", self._text(schedule)
        return isinstance(adapter.find_comment(account, *found_by), Commented)

    def _text(self, schedule: Schedule) -> str:
        extras = self.posts.details(schedule.post_id).post.extras
        return (extras.first_comment if extras else None) or ""

    def _end(self, schedule: Schedule, state: CommentState, note: str | None = None) -> Schedule | None:
        return self._move(schedule, first_comment=state, first_comment_note=note, due_at=None)

    def _move(self, schedule: Schedule, **changes: Any) -> Schedule | None:
        moved = self.schedules.move(schedule, schedule.status, now=self.clock.now(), **changes)
        return None if isinstance(moved, StaleWrite) else moved
