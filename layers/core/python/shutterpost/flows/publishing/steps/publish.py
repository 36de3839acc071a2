"""Publish, Confirm and Record: the one irreversible call, and what follows it."""

from typing import Any

from shutterpost.channels import Failure, FailureClass, Published
from shutterpost.flows.flow import flow
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.first_comments import FirstComments
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.messages import Messages
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.publish_times import EARLY, PublishTimes
from shutterpost.flows.publishing.steps.outcomes import SETTLE, SUPERSEDED, StepOutcome
from shutterpost.flows.publishing.steps.success import Successes
from shutterpost.flows.publishing.write_access import WriteAccess
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import CommentState, Schedule, Schedules, ScheduleStatus, Step


@flow
class Publication:
    """Publishes a submission that is ready and records the live post."""

    clock: Clock
    schedules: Schedules
    access: ChannelAccess
    policies: Policies
    write_access: WriteAccess
    messages: Messages
    publish_times: PublishTimes
    lease: Lease
    failures: Failures
    successes: Successes
    first_comments: FirstComments

    def publish(self, schedule_id: str, revision: int) -> StepOutcome:
        """Make the publish call at the scheduled second; a repeat calls again only where the channel's grade allows."""
        schedule = self.lease.current(schedule_id, revision)
        if schedule is None:
            return SUPERSEDED
        if schedule.step is Step.PUBLISHED:
            return StepOutcome(outcome="published")
        repeats = schedule.step is Step.PUBLISHING and self.policies.may_repeat(schedule)
        if schedule.ref is None or not (repeats or schedule.step is Step.READY):
            return SETTLE
        account = self.write_access.account(schedule, final=True)
        if isinstance(account, StepOutcome):
            return account
        message = self.messages.of(schedule)
        if not repeats:
            expected_at = self.publish_times.renew_publish_time(schedule) or schedule.expected_at
            ahead = expected_at - self.clock.now()
            if ahead > EARLY * 2:
                moved = self.lease.advance(schedule, publish_at=expected_at)
                outcome = StepOutcome(outcome="retry_at", until=expected_at - EARLY)
                return outcome if moved else self.lease.lost(schedule)
            self.clock.sleep(ahead)
        comment = CommentState.WAITING if message.extras.first_comment else None
        changes: dict[str, Any] = {} if comment is schedule.first_comment else {"first_comment": comment}
        publishing = self.lease.advance(
            schedule, step=Step.PUBLISHING, last_attempt_at=self.clock.now(), unless_cancelled=True, **changes
        )
        if publishing is None:
            return self.lease.lost(schedule)
        answer = self.access.adapter(schedule).publish(account, schedule.ref, message)
        if isinstance(answer, Published):
            logger.info("post published", schedule_id=schedule_id, channel=schedule.channel, same=answer.same)
            live = answer.model_dump(include={"external_id", "external_url", "posted_at"})
            moved = self.lease.advance(publishing, step=Step.PUBLISHED, **live)
            return StepOutcome(outcome="published") if moved else self.lease.lost(publishing)
        return self._failed(publishing, answer, repeats=repeats)

    def _failed(self, schedule: Schedule, failure: Failure, *, repeats: bool) -> StepOutcome:
        if failure.failure_class is FailureClass.AMBIGUOUS:
            return self.failures.record(schedule, failure, retries=self.policies.may_repeat(schedule))
        if repeats:
            # It says nothing of the call before it, so that the schedule stays unclear.
            return self.failures.record(schedule, failure, retries=False)
        return self.failures.record(schedule, failure, retry_step=Step.PREPARED if failure.resubmit else Step.READY)

    def confirm(self, schedule_id: str, revision: int) -> StepOutcome:
        """Read the live post's address; a failure is ignored, because sync reads it later."""
        schedule = self.lease.current(schedule_id, revision, at={Step.PUBLISHED})
        if schedule is not None and schedule.external_id is not None and schedule.external_url is None:
            account = self.access.account(schedule)
            if not isinstance(account, Failure):
                answer = self.access.adapter(schedule).describe(account, schedule.external_id)
                if isinstance(answer, Published):
                    self.lease.advance(schedule, external_url=answer.external_url, posted_at=answer.posted_at)
        return StepOutcome(outcome="confirmed")

    def record(self, schedule_id: str, revision: int) -> StepOutcome:
        """Record the success with its event, remove the public copies, and make the first comment."""
        schedule = self.schedules.get(schedule_id)
        live = schedule.status is ScheduleStatus.PROCESSING and schedule.step is Step.PUBLISHED
        if live and schedule.revision == revision:
            schedule = self.successes.record(schedule) or self.schedules.get(schedule_id)
            self._comment(schedule)
        return StepOutcome(outcome="recorded") if schedule.status is ScheduleStatus.SUCCESS else SUPERSEDED

    def _comment(self, schedule: Schedule) -> None:
        if schedule.status is not ScheduleStatus.SUCCESS or schedule.first_comment is not CommentState.WAITING:
            return
        try:
            self.first_comments.settle(schedule)
        except Exception:  # noqa: BLE001 - the post is recorded; sync makes or looks for its comment
            logger.exception("first comment left to sync", schedule_id=schedule.schedule_id)
