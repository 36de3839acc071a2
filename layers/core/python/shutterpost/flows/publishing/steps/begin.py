"""Begin, the first step of the publish workflow: take the lease, or wait."""

from datetime import datetime, timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import TIMER_SLACK
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import Action, Evidence, next_action
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.policies import Policies
from shutterpost.flows.publishing.publish_times import PublishTimes, Wait
from shutterpost.flows.publishing.steps.outcomes import SUPERSEDED, StepOutcome
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Intent, Schedule, Schedules, ScheduleStatus, StaleWrite, Step


@flow
class Begin:
    """Starts an execution, or lets the schedule wait in the queue."""

    clock: Clock
    schedules: Schedules
    access: ChannelAccess
    policies: Policies
    publish_times: PublishTimes
    lease: Lease

    def begin(self, schedule_id: str, revision: int) -> StepOutcome:
        """Take the lease; the outcome names the step to go on with: the first, or the one an earlier run recorded."""
        schedule = self.schedules.get(schedule_id)
        now = self.clock.now()
        startable = schedule.status in {ScheduleStatus.QUEUED, ScheduleStatus.PROCESSING}
        if not startable or schedule.revision != revision:
            return SUPERSEDED
        publish_at: datetime | None = schedule.publish_at
        if schedule.status is ScheduleStatus.QUEUED:
            policy = self.policies.of(schedule)
            decision = next_action(schedule, Evidence.UNREAD, policy, now)
            if decision.action not in {Action.START, Action.ADOPT_HANDED_OVER}:
                self.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, due_at=now + decision.pause)
                return StepOutcome(outcome="held")
            publishes = schedule.intent is Intent.PUBLISH and not schedule.cancel_requested
            if publishes and schedule.step in {None, Step.BEGUN, Step.PREPARED}:
                latest = schedule.run_at + policy.grace
                reserved = self.publish_times.reserve_publish_time(schedule, latest)
                if isinstance(reserved, Wait):
                    return self._wait(schedule, reserved, now, latest)
                publish_at = reserved
        begun = self.lease.advance(
            schedule, step=self._first_step(schedule), run_id=schedule.execution_name, publish_at=publish_at
        )
        if begun is None:
            return SUPERSEDED
        if begun.step is Step.PUBLISHING and self.policies.may_repeat(begun):
            return StepOutcome(outcome="submitted", until=now)
        return _next_step(begun, now)

    def _wait(self, schedule: Schedule, wait: Wait, now: datetime, latest: datetime) -> StepOutcome:
        in_time = wait.until <= latest
        # Past the grace, sync applies the persona's late policy.
        due_at = wait.until + TIMER_SLACK if in_time else max(now, latest) + timedelta(seconds=1)
        reserved = wait.publish_at or schedule.publish_at
        moved = self.schedules.move(schedule, ScheduleStatus.QUEUED, now=now, publish_at=reserved, due_at=due_at)
        if isinstance(moved, StaleWrite):
            return SUPERSEDED
        logger.info(
            "publish time not reached", schedule_id=schedule.schedule_id, until=iso(wait.until), in_time=in_time
        )
        return StepOutcome(outcome="retry_at", until=wait.until) if in_time else StepOutcome(outcome="held")

    def _first_step(self, schedule: Schedule) -> Step:
        """The recorded step, but a submission that is invisible and left no reference starts again."""
        lost = schedule.step is Step.SUBMITTING and schedule.ref is None and not self.access.submits_visibly(schedule)
        return Step.BEGUN if schedule.step is None or lost else schedule.step


def _next_step(schedule: Schedule, now: datetime) -> StepOutcome:
    if schedule.intent is Intent.WITHDRAW:
        return StepOutcome(outcome="withdraw")
    if schedule.step in {Step.SUBMITTING, Step.READY} and schedule.ref is not None:
        # Polled again even if it was ready: publishing requires a status that was read just before.
        return StepOutcome(outcome="submitted", until=now)
    outcomes = {
        Step.SUBMITTING: "unknown",
        Step.PUBLISHING: "unknown",
        Step.PUBLISHED: "published",
        Step.HANDED_OVER: "handed_over",
    }
    return StepOutcome(outcome=outcomes.get(schedule.step or Step.BEGUN, "begun"))
