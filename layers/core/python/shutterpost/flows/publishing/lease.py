"""The lease under which one execution of the publish workflow changes its schedule."""

from collections.abc import Collection, Sequence
from typing import Any

from shutterpost.flows.flow import flow
from shutterpost.flows.planning.deadlines import LEASE
from shutterpost.flows.publishing.steps.outcomes import SETTLE, SUPERSEDED, StepOutcome
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Write
from shutterpost.scheduling import Intent, PublishEvent, Schedule, Schedules, ScheduleStatus, StaleWrite, Step


@flow
class Lease:
    """Reads and advances a schedule while its revision's execution holds it."""

    clock: Clock
    schedules: Schedules

    def current(self, schedule_id: str, revision: int, *, at: Collection[Step] = frozenset(Step)) -> Schedule | None:
        """The schedule if this revision's execution holds it and its step is one of `at`, else `None`.

        Lambda may deliver an invocation twice; the late delivery finds a later step and must not reset it. Raises
        `ScheduleNotFound`.
        """
        schedule = self.schedules.get(schedule_id)
        held = schedule.status is ScheduleStatus.PROCESSING and schedule.run_id == schedule.execution_name
        return schedule if held and schedule.revision == revision and schedule.step in at else None

    def advance(
        self,
        schedule: Schedule,
        *,
        unless_cancelled: bool = False,
        event: PublishEvent | None = None,
        along: Sequence[Write] = (),
        **changes: Any,
    ) -> Schedule | None:
        """Write `changes` and `along` and extend the lease, in one transaction; `None` if the schedule changed."""
        now = self.clock.now()
        # A withdrawal waits for no publish time, so one that stops is resumed early.
        expected_at = now if schedule.intent is Intent.WITHDRAW else changes.get("publish_at") or schedule.expected_at
        lease_until = max(now, expected_at, changes.pop("wake_at", expected_at)) + LEASE
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.PROCESSING,
            now=now,
            event=event,
            along=along,
            unless_cancelled=unless_cancelled,
            **{"lease_until": lease_until, "due_at": lease_until, **changes},
        )
        return None if isinstance(moved, StaleWrite) else moved

    def give_up(self, schedule: Schedule) -> Schedule | None:
        """Queue the schedule at its recorded step for sync to decide on; `None` if it changed since it was read."""
        now = self.clock.now()
        moved = self.schedules.move(
            schedule,
            ScheduleStatus.QUEUED,
            now=now,
            revision=schedule.revision + 1,
            lease_until=None,
            start_at=now,
            due_at=now,
        )
        return None if isinstance(moved, StaleWrite) else moved

    def lost(self, schedule: Schedule) -> StepOutcome:
        """The outcome after a refused write: `settle` if a cancel was requested, else `superseded`."""
        current = self.schedules.get(schedule.schedule_id)
        same_run = current.revision == schedule.revision and current.status is ScheduleStatus.PROCESSING
        return SETTLE if same_run and current.cancel_requested else SUPERSEDED
