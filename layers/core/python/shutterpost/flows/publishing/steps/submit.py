"""Prepare, Submit and Poll: everything before the call that publishes.

State is written before every remote write, and each step may run twice: a repeat reads what the first run wrote. The
order of the steps is defined in `infra/workflows/publish.asl.json` alone.
"""

from datetime import datetime, timedelta

from shutterpost.channels import Cause, Failure, FailureClass, RemoteState, Status
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.messages import Messages
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.publish_times import EARLY, PublishTimes
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.flows.publishing.rendition_copies import PendingRenditions, RenditionCopies
from shutterpost.flows.publishing.steps.outcomes import SETTLE, SUPERSEDED, StepOutcome
from shutterpost.flows.publishing.write_access import WriteAccess
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import EventOutcome, Schedule, Step

# The pauses in seconds until requested renditions are looked for again: an import function that starts takes some.
RENDITION_PAUSES = (10, 10, 20, 30, 60, 60, 60)
_POLLED = frozenset({Step.PREPARED, Step.SUBMITTING, Step.READY, Step.PUBLISHING})


@flow
class Submission:
    """Prepares a post, submits it to the platform and polls until it can be published."""

    clock: Clock
    personas: Personas
    access: ChannelAccess
    policies: Policies
    write_access: WriteAccess
    renditions: RenditionCopies
    messages: Messages
    remote_claims: RemoteClaims
    publish_times: PublishTimes
    lease: Lease
    failures: Failures

    def prepare(self, schedule_id: str, revision: int) -> StepOutcome:
        """Check account, quota and photos, and copy the renditions to where the platform can fetch them."""
        schedule = self.lease.current(schedule_id, revision, at={Step.BEGUN, Step.PREPARED})
        if schedule is None:
            return SUPERSEDED
        account, ahead = self.access.account(schedule), self.publish_times.ahead_of(schedule)
        health = (
            account
            if isinstance(account, Failure)
            else self.access.adapter(schedule).health(account, schedule.expected_at)
        )
        if isinstance(health, Failure):
            return self.failures.record(schedule, health)
        latest = schedule.run_at + self.personas.get(schedule.persona_id).late_grace
        quota_free_at = self.publish_times.must_let_pass(ahead, health)
        if quota_free_at is not None and quota_free_at <= latest:
            moved = self.lease.advance(schedule, wake_at=quota_free_at)
            return StepOutcome(outcome="retry_at", until=quota_free_at) if moved else self.lease.lost(schedule)
        keys = self.renditions.create(schedule)
        if isinstance(keys, PendingRenditions):
            return self._await_renditions(schedule, keys.failure, latest)
        if isinstance(keys, Failure):
            return self.failures.record(schedule, keys)
        moved = self.lease.advance(schedule, step=Step.PREPARED, public_keys=list(keys), unless_cancelled=True)
        return StepOutcome(outcome="prepared") if moved else self.lease.lost(schedule)

    def _await_renditions(self, schedule: Schedule, failure: Failure, latest: datetime) -> StepOutcome:
        waited = schedule.poll_count
        until = self.clock.now() + timedelta(seconds=RENDITION_PAUSES[min(waited, len(RENDITION_PAUSES) - 1)])
        if waited >= len(RENDITION_PAUSES) or until > latest:
            return self.failures.record(schedule, failure)
        moved = self.lease.advance(schedule, wake_at=until, poll_count=waited + 1)
        return StepOutcome(outcome="retry_at", until=until) if moved else self.lease.lost(schedule)

    def submit(self, schedule_id: str, revision: int) -> StepOutcome:
        """Create the invisible container, or hand the post over with its due time."""
        schedule = self.lease.current(schedule_id, revision, at={Step.PREPARED, Step.SUBMITTING, Step.HANDED_OVER})
        if schedule is None:
            return SUPERSEDED
        if schedule.step is Step.HANDED_OVER:
            return StepOutcome(outcome="handed_over")
        if schedule.step is Step.SUBMITTING and schedule.ref is not None:
            return StepOutcome(outcome="submitted", until=self.clock.now())
        if schedule.step is Step.SUBMITTING and self.access.submits_visibly(schedule):
            return SETTLE
        account = self.write_access.account(schedule, final=self.access.submits_visibly(schedule))
        if isinstance(account, StepOutcome):
            return account
        attempt = self.lease.advance(
            schedule,
            step=Step.SUBMITTING,
            ref=None,
            poll_count=0,
            part_count=schedule.part_count + 1,
            attempt_count=schedule.attempt_count + 1,
            last_attempt_at=self.clock.now(),
            unless_cancelled=True,
        )
        if attempt is None:
            return self.lease.lost(schedule)
        answer = self.access.adapter(attempt).submit(account, self.messages.of(attempt))
        if isinstance(answer, Failure):
            ambiguous = answer.failure_class is FailureClass.AMBIGUOUS
            return self.failures.record(attempt, answer, retry_step=None if ambiguous else Step.PREPARED)
        if answer.handed_over:
            return self._hand_over(attempt, answer.ref)
        stored = self.lease.advance(attempt, ref=answer.ref)
        first_poll = self.clock.now() + timedelta(seconds=self.access.row(attempt).poll[0])
        return StepOutcome(outcome="submitted", until=first_poll) if stored else self.lease.lost(attempt)

    def poll(self, schedule_id: str, revision: int) -> StepOutcome:
        """Ask the platform whether the submission is ready to be published, or published again."""
        schedule = self.lease.current(schedule_id, revision, at=_POLLED)
        if schedule is None:
            return SUPERSEDED
        return self._poll_unclear(schedule) if schedule.step is Step.PUBLISHING else self._poll(schedule)

    def _poll(self, schedule: Schedule) -> StepOutcome:
        if schedule.step is Step.PREPARED:
            # The publish call was refused because the submission is gone.
            return StepOutcome(outcome="retry_at", until=self.clock.now())
        if schedule.cancel_requested or schedule.ref is None:
            return SETTLE
        account = self.access.account(schedule)
        status = (
            account if isinstance(account, Failure) else self.access.adapter(schedule).status(account, schedule.ref)
        )
        if isinstance(status, Failure):
            return self.failures.record(schedule, status, retry_step=Step.PREPARED)
        if status.state is RemoteState.READY:
            moved = self.lease.advance(schedule, step=Step.READY)
            return (
                StepOutcome(outcome="ready", until=schedule.expected_at - EARLY) if moved else self.lease.lost(schedule)
            )
        if status.state is RemoteState.PUBLISHED:
            # Only this execution publishes this container: an earlier run did, and its answer was lost.
            moved = self.lease.advance(schedule, step=Step.PUBLISHING)
            return SETTLE if moved else self.lease.lost(schedule)
        if status.state is RemoteState.INCOMPLETE:
            return self._submit_next(schedule, schedule.ref)
        intervals = self.access.row(schedule).poll
        if status.state is RemoteState.WORKING and schedule.poll_count + 1 < len(intervals):
            return self._poll_later(schedule, intervals[schedule.poll_count + 1])
        return self.failures.record(schedule, _not_ready(status), retry_step=Step.PREPARED)

    def _poll_unclear(self, schedule: Schedule) -> StepOutcome:
        account = self.access.account(schedule) if self.policies.may_repeat(schedule) else None
        if account is None or isinstance(account, Failure) or schedule.ref is None:
            return SETTLE
        status = self.access.adapter(schedule).status(account, schedule.ref)
        if isinstance(status, Status) and status.state is RemoteState.READY:
            return StepOutcome(outcome="ready", until=self.clock.now())
        if isinstance(status, Status) and status.state is RemoteState.PUBLISHED and status.external_id:
            live = status.model_dump(include={"external_id", "external_url", "posted_at"})
            moved = self.lease.advance(schedule, step=Step.PUBLISHED, **live)
            return SETTLE if moved else self.lease.lost(schedule)
        return SETTLE

    def _submit_next(self, schedule: Schedule, ref: str) -> StepOutcome:
        account = self.write_access.account(schedule, final=False)
        if isinstance(account, StepOutcome):
            return account
        message = self.messages.of(schedule)
        most = self.access.row(schedule).most_parts(len(message.pictures))
        if schedule.part_count >= most:
            return self.failures.record(schedule, _too_many_parts(most))
        # Counted before it is made, because the answer or the write of its id may be lost.
        counted = self.lease.advance(schedule, part_count=schedule.part_count + 1)
        if counted is None:
            return self.lease.lost(schedule)
        answer = self.access.adapter(counted).submit(account, message, ref)
        if isinstance(answer, Failure):
            return self.failures.record(counted, answer, retry_step=Step.PREPARED if answer.resubmit else None)
        now = self.clock.now()
        stored = self.lease.advance(counted, ref=answer.ref, poll_count=0)
        return StepOutcome(outcome="not_ready", until=now) if stored else self.lease.lost(counted)

    def _hand_over(self, schedule: Schedule, ref: str) -> StepOutcome:
        event = event_of(schedule.model_copy(update={"ref": ref}), EventOutcome.HANDED_OVER, at=self.clock.now())
        moved = self.lease.advance(
            schedule,
            event=event,
            along=self.remote_claims.take(schedule, ref),
            step=Step.HANDED_OVER,
            ref=ref,
            look_count=0,
            lease_until=None,
            due_at=schedule.expected_at,
        )
        if moved is None:
            return self.lease.lost(schedule)
        self.publish_times.note_success(moved)
        return StepOutcome(outcome="handed_over")

    def _poll_later(self, schedule: Schedule, seconds: float) -> StepOutcome:
        until = self.clock.now() + timedelta(seconds=seconds)
        moved = self.lease.advance(schedule, poll_count=schedule.poll_count + 1, wake_at=until)
        return StepOutcome(outcome="not_ready", until=until) if moved else self.lease.lost(schedule)


def _too_many_parts(most: int) -> Failure:
    return Failure(
        failure_class=FailureClass.PERMANENT,
        cause=Cause.PLATFORM,
        code="too-many-parts",
        message=f"Its parts were submitted {most} times, and the post was not complete; retry it later.",
    )


def _not_ready(status: Status) -> Failure:
    return status.failure or Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"submission-{status.state}",
        message=f"The platform reports the submission as {status.state}; it is submitted again.",
    )
