"""Prepare, Submit and Poll: everything before the call that publishes.

State is written before every remote write, and each step may run twice: a repeat reads what the first run wrote. The
order of the steps is defined in `infra/workflows/publish.asl.json` alone.
"""

from datetime import timedelta

from shutterpost.channels import Cause, Failure, FailureClass, Message, Picture, RemoteState, Status
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import event_of
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.publish_times import EARLY, PublishTimes
from shutterpost.flows.publishing.remote_claims import RemoteClaims
from shutterpost.flows.publishing.rendition_copies import RenditionCopies
from shutterpost.flows.publishing.steps.outcomes import SETTLE, SUPERSEDED, StepOutcome
from shutterpost.flows.publishing.write_access import WriteAccess
from shutterpost.personas import Personas
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import EventOutcome, Posts, Schedule, Step


@flow
class Submission:
    """Prepares a post, submits it to the platform and polls until it can be published."""

    clock: Clock
    personas: Personas
    posts: Posts
    copies: PublicCopies
    access: ChannelAccess
    write_access: WriteAccess
    renditions: RenditionCopies
    remote_claims: RemoteClaims
    publish_times: PublishTimes
    lease: Lease
    failures: Failures

    def prepare(self, schedule_id: str, revision: int) -> StepOutcome:
        """Check account, quota and photos, and copy the renditions to where the platform can fetch them."""
        schedule = self.lease.current(schedule_id, revision, at={Step.BEGUN, Step.PREPARED})
        if schedule is None:
            return SUPERSEDED
        account = self.access.account(schedule)
        health = (
            account
            if isinstance(account, Failure)
            else self.access.adapter(schedule).health(account, schedule.expected_at)
        )
        if isinstance(health, Failure):
            return self.failures.record(schedule, health)
        latest = schedule.run_at + self.personas.get(schedule.persona_id).late_grace
        quota_free_at = self.publish_times.must_let_pass(schedule, health)
        if quota_free_at is not None and quota_free_at <= latest:
            moved = self.lease.advance(schedule, wake_at=quota_free_at)
            return StepOutcome(outcome="retry_at", until=quota_free_at) if moved else self.lease.lost(schedule)
        keys = self.renditions.create(schedule)
        if isinstance(keys, Failure):
            return self.failures.record(schedule, keys)
        moved = self.lease.advance(schedule, step=Step.PREPARED, public_keys=list(keys), unless_cancelled=True)
        return StepOutcome(outcome="prepared") if moved else self.lease.lost(schedule)

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
            attempt_count=schedule.attempt_count + 1,
            last_attempt_at=self.clock.now(),
            unless_cancelled=True,
        )
        if attempt is None:
            return self.lease.lost(schedule)
        answer = self.access.adapter(attempt).submit(account, self._message(attempt))
        if isinstance(answer, Failure):
            ambiguous = answer.failure_class is FailureClass.AMBIGUOUS
            return self.failures.record(attempt, answer, retry_step=None if ambiguous else Step.PREPARED)
        if answer.handed_over:
            return self._hand_over(attempt, answer.ref)
        stored = self.lease.advance(attempt, ref=answer.ref)
        first_poll = self.clock.now() + timedelta(seconds=self.access.row(attempt).poll[0])
        return StepOutcome(outcome="submitted", until=first_poll) if stored else self.lease.lost(attempt)

    def poll(self, schedule_id: str, revision: int) -> StepOutcome:
        """Ask the platform whether the submission is ready to be published."""
        schedule = self.lease.current(schedule_id, revision, at={Step.PREPARED, Step.SUBMITTING, Step.READY})
        if schedule is None:
            return SUPERSEDED
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

    def _submit_next(self, schedule: Schedule, ref: str) -> StepOutcome:
        """Submit the next part; what is there already is kept for a retry."""
        account = self.write_access.account(schedule, final=False)
        if isinstance(account, StepOutcome):
            return account
        answer = self.access.adapter(schedule).submit(account, self._message(schedule), ref)
        if isinstance(answer, Failure):
            return self.failures.record(schedule, answer, retry_step=Step.PREPARED if answer.resubmit else None)
        now = self.clock.now()
        stored = self.lease.advance(schedule, ref=answer.ref, poll_count=0)
        return StepOutcome(outcome="not_ready", until=now) if stored else self.lease.lost(schedule)

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

    def _message(self, schedule: Schedule) -> Message:
        variant = self.posts.details(schedule.post_id).variant(schedule.variant_id)
        described = zip(schedule.public_keys, self.renditions.alt_texts(schedule), strict=False)
        pictures = tuple(Picture(url=self.copies.url(key), alt_text=alt_text) for key, alt_text in described)
        return Message(text=variant.text, pictures=pictures, run_at=schedule.expected_at)


def _not_ready(status: Status) -> Failure:
    return status.failure or Failure(
        failure_class=FailureClass.RETRYABLE,
        cause=Cause.PLATFORM,
        code=f"submission-{status.state}",
        message=f"The platform reports the submission as {status.state}; it is submitted again.",
    )
