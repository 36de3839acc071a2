"""Failed attempts: kept on the schedule and in the lane's circuit breakers, and retried while there is time."""

import random
from datetime import datetime
from typing import Any

from shutterpost.channels import Cause, Failure, FailureClass
from shutterpost.flows.flow import flow
from shutterpost.flows.posting.release import INTERNAL_ERROR, error_fields, event_of
from shutterpost.flows.publishing.channel_access import UNUSABLE, ChannelAccess
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.publish_times import PublishTimes
from shutterpost.flows.publishing.steps.outcomes import SETTLE, StepOutcome
from shutterpost.personas import Personas
from shutterpost.runtime.clock import Clock
from shutterpost.scheduling import EventOutcome, Intent, Schedule, Schedules, ScheduleStatus, StaleWrite, Step


@flow
class Failures:
    clock: Clock
    personas: Personas
    schedules: Schedules
    access: ChannelAccess
    publish_times: PublishTimes
    lease: Lease

    def record(
        self,
        schedule: Schedule,
        failure: Failure,
        *,
        retry_step: Step | None = None,
        retries: bool | None = None,
        **changes: Any,
    ) -> StepOutcome:
        """Record `failure`; the outcome is `retry_at` from `retry_step` if that fits into the grace, else `settle`."""
        # `retries` overrules what the failure's class says.
        now = self.clock.now()
        if failure.cause is Cause.TOKEN and failure.code != UNUSABLE:
            connection = self.access.connections.get(schedule.persona_id, schedule.connection_id)
            self.access.connections.mark_error(connection, failure.message, now)
        closed_until = self.publish_times.note_failure(schedule, failure)
        retries = failure.failure_class is FailureClass.RETRYABLE if retries is None else retries
        retry_at = self._retry_at(schedule, failure, not_before=closed_until) if retries else None
        fields: dict[str, Any] = {**error_fields(failure), **changes}
        if retry_step is not None:
            fields["step"] = retry_step
        if retry_at is None:
            return SETTLE if self.lease.advance(schedule, **fields) else self.lease.lost(schedule)
        event = event_of(schedule, EventOutcome.RETRIED, at=now, failure=failure)
        fields |= {"retry_count": schedule.retry_count + 1, "wake_at": retry_at}
        moved = self.lease.advance(schedule, event=event, **fields)
        return StepOutcome(outcome="retry_at", until=retry_at) if moved else self.lease.lost(schedule)

    def requeue(self, schedule: Schedule) -> StepOutcome | None:
        """Queue the schedule again after an internal error, for sync to start; `None` if no retry is left."""
        retry_at = None if schedule.cancel_requested else self._retry_at(schedule, INTERNAL_ERROR)
        if retry_at is None or schedule.intent is Intent.WITHDRAW:
            return None
        now = self.clock.now()
        event = event_of(schedule, EventOutcome.RETRIED, at=now, failure=INTERNAL_ERROR)
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            event=event if schedule.attempt_count else None,
            revision=schedule.revision + 1,
            retry_count=schedule.retry_count + 1,
            lease_until=None,
            start_at=retry_at,
            due_at=retry_at,
            **error_fields(INTERNAL_ERROR),
        )
        return self.lease.lost(schedule) if isinstance(moved, StaleWrite) else StepOutcome(outcome="requeued")

    def _retry_at(self, schedule: Schedule, failure: Failure, *, not_before: datetime | None = None) -> datetime | None:
        retry = self.access.row(schedule).retry
        delay = retry.delay(schedule.retry_count + 1, random.random(), failure.retry_after)
        if delay is None:
            return None
        retry_at = max(self.clock.now() + delay, not_before or schedule.created_at)
        latest = schedule.run_at + self.personas.get(schedule.persona_id).late_grace
        return retry_at if retry_at <= latest else None
