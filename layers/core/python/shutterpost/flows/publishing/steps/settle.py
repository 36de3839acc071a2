"""Settle, Withdraw and Release: what an interrupted execution does next. A live post is never undone here."""

from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shutterpost.channels import Failure, TooLate
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import TIMER_SLACK, start_instant
from shutterpost.flows.posting.release import FRESH, NO_MOVE, Releaser, event_of
from shutterpost.flows.publishing.channel_access import ChannelAccess
from shutterpost.flows.publishing.decision import is_unclear
from shutterpost.flows.publishing.failures import Failures
from shutterpost.flows.publishing.lease import Lease
from shutterpost.flows.publishing.steps.outcomes import SUPERSEDED, StepOutcome
from shutterpost.photos import PublicCopies
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import (
    EventOutcome,
    Intent,
    Lanes,
    Schedule,
    Schedules,
    ScheduleStatus,
    StaleWrite,
    Starter,
    Step,
)

# An unclear write is looked up no sooner: the platforms list a new post only some seconds after they accepted it.
FIRST_LOOK = timedelta(seconds=30)

NOT_PUBLIC = frozenset({Step.BEGUN, Step.PREPARED, Step.SUBMITTING, Step.READY, Step.HANDED_OVER})


@flow
class Settlement:
    clock: Clock
    schedules: Schedules
    lanes: Lanes
    copies: PublicCopies
    access: ChannelAccess
    lease: Lease
    failures: Failures
    releaser: Releaser
    starter: Starter

    def settle(self, schedule_id: str, revision: int, *, broke_off: bool = False) -> StepOutcome:
        """Route by the recorded step: `withdraw` before `publishing`, `unknown` from there, on to Record once live.

        With `broke_off` (an internal error) the schedule is queued again, unless a remote write is unclear.
        """
        schedule = self.lease.current(schedule_id, revision)
        if schedule is None:
            return SUPERSEDED
        if schedule.step is Step.PUBLISHED:
            return StepOutcome(outcome="published")
        if schedule.step is Step.HANDED_OVER and not schedule.cancel_requested:
            return StepOutcome(outcome="handed_over")
        if not is_unclear(schedule, visible=self.access.submits_visibly(schedule)):
            requeued = self.failures.requeue(schedule) if broke_off else None
            return requeued or StepOutcome(outcome="withdraw")
        logger.warning("outcome unknown", schedule_id=schedule_id, step=schedule.step)
        return self._to_unknown(schedule)

    def withdraw(self, schedule_id: str, revision: int) -> StepOutcome:
        """Withdraw the submission; repeating it is harmless. A post that is live goes on to `too_late`."""
        schedule = self._withdrawable(schedule_id, revision)
        if schedule is None:
            return SUPERSEDED
        if schedule.ref is None or not self.access.submits_visibly(schedule):
            # An invisible container expires; withdrawing it would need the token that may be what failed.
            return StepOutcome(outcome="withdrawn")
        account = self.access.account(schedule)
        answer = (
            account if isinstance(account, Failure) else self.access.adapter(schedule).withdraw(account, schedule.ref)
        )
        if isinstance(answer, Failure):
            return self._withdrawal_failed(schedule, answer)
        if isinstance(answer, TooLate):
            changes: dict[str, Any] = {"intent": Intent.PUBLISH, "cancel_requested": False, **NO_MOVE}
            target, reason = schedule.moves_to, "it was too late to move the post there"
            along = [] if target is None else self.releaser.leave_slot(schedule, target, reason)
            moved = self.lease.advance(schedule, along=along, **changes, lease_until=None, due_at=self.clock.now())
            return StepOutcome(outcome="too_late") if moved else SUPERSEDED
        return StepOutcome(outcome="withdrawn")

    def release(self, schedule_id: str, revision: int) -> StepOutcome:
        """End the schedule as failed or cancelled and release what it claimed.

        A schedule that was withdrawn in order to be moved is queued for its new time instead, and started if it is due.
        """
        schedule = self._withdrawable(schedule_id, revision)
        if schedule is not None and schedule.next_run_at is not None and not schedule.cancel_requested:
            return self._requeue_moved(schedule)
        if schedule is not None:
            cancelled = schedule.cancel_requested or schedule.intent is Intent.WITHDRAW
            self.releaser.end(schedule, ScheduleStatus.CANCELLED if cancelled else ScheduleStatus.FAILED)
            self.copies.remove(schedule.public_keys)
        ended = self.schedules.get(schedule_id)
        if ended.revision != revision or ended.is_open:
            return SUPERSEDED
        return StepOutcome(outcome="released")

    def _requeue_moved(self, schedule: Schedule) -> StepOutcome:
        now, run_at = self.clock.now(), schedule.next_run_at or schedule.run_at
        start_at = start_instant(self.access.row(schedule), run_at, now)
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            along=self.releaser.leave_slot(schedule, schedule.run_at, "the post was moved")
            if schedule.moves_to
            else (),
            **FRESH,
            public_keys=[],
            revision=schedule.revision + 1,
            run_at=run_at,
            wall_time=schedule.next_wall_time,
            zone=schedule.next_zone,
            start_at=start_at,
            due_at=start_at if start_at > now else now + TIMER_SLACK,
        )
        if isinstance(moved, StaleWrite):
            return self.lease.lost(schedule)
        self.lanes.release(schedule)
        self.copies.remove(schedule.public_keys)
        if start_at <= now:
            self._start(moved)
        return StepOutcome(outcome="released")

    def _start(self, schedule: Schedule) -> None:
        try:
            self.starter.start(schedule)
        except (BotoCoreError, ClientError):
            # Sync starts it at `due_at`.
            logger.exception("execution not started", schedule_id=schedule.schedule_id)

    def _withdrawable(self, schedule_id: str, revision: int) -> Schedule | None:
        schedule = self.lease.current(schedule_id, revision, at=NOT_PUBLIC)
        if schedule is None or schedule.step is not Step.HANDED_OVER:
            return schedule
        return schedule if schedule.cancel_requested or schedule.intent is Intent.WITHDRAW else None

    def _to_unknown(self, schedule: Schedule) -> StepOutcome:
        now = self.clock.now()
        event = event_of(schedule, EventOutcome.UNKNOWN, at=now)
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.UNKNOWN,
            now=now,
            event=event,
            lease_until=None,
            look_count=0,
            due_at=now + FIRST_LOOK,
        )
        return SUPERSEDED if isinstance(moved, StaleWrite) else StepOutcome(outcome="unknown")

    def _withdrawal_failed(self, schedule: Schedule, failure: Failure) -> StepOutcome:
        outcome = self.failures.record(schedule, failure)
        if outcome.outcome != "settle":
            return outcome
        current = self.lease.current(schedule.schedule_id, schedule.revision)
        return self._to_unknown(current) if current else SUPERSEDED
