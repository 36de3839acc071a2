"""The publish chain's way back: Settle routes by the recorded step, Withdraw undoes what is not public yet, Release
gives claims and photo back (DESIGN §2). A live post is never undone here."""

from datetime import timedelta

from shutterpost.channels import Failure, TooLate
from shutterpost.flows.posting.deadlines import start_instant
from shutterpost.flows.posting.release import FRESH, NO_MOVE, event_of
from shutterpost.flows.publishing.context import SUPERSEDED, PublishContext
from shutterpost.flows.publishing.decision import is_unclear
from shutterpost.flows.publishing.outcomes import StepOutcome
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import EventOutcome, Intent, Schedule, ScheduleStatus, StaleWrite, Step

# A first look at an unclear write; Buffer and Meta are asked again no sooner (platform-apis.md §5).
FIRST_LOOK = timedelta(seconds=30)

NOT_PUBLIC = frozenset({Step.BEGUN, Step.PREPARED, Step.SUBMITTING, Step.READY, Step.HANDED_OVER})


def settle(chain: PublishContext, schedule_id: str, revision: int, *, broke_off: bool = False) -> StepOutcome:
    """Where an interrupted chain goes: `withdraw` before `publishing`, `unknown` from there on, forward once live.

    A chain that `broke_off` by an error of our own side, before anything is unclear, goes back to the queue instead.
    """
    schedule = chain.current(schedule_id, revision)
    if schedule is None:
        return SUPERSEDED
    if schedule.step is Step.PUBLISHED:
        return StepOutcome(outcome="published")
    if schedule.step is Step.HANDED_OVER and not schedule.cancel_requested:
        return StepOutcome(outcome="handed_over")
    if not is_unclear(schedule, visible=chain.submits_visibly(schedule)):
        requeued = chain.requeue(schedule) if broke_off else None
        return requeued or StepOutcome(outcome="withdraw")
    logger.warning("write without a clear answer", schedule_id=schedule_id, step=schedule.step)
    return _to_unknown(chain, schedule)


def withdraw(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """Undo the submission; repeating it is harmless. What is live or on its way rolls forward instead."""
    schedule = _to_take_back(chain, schedule_id, revision)
    if schedule is None:
        return SUPERSEDED
    if schedule.ref is None or not chain.submits_visibly(schedule):
        # What nobody can see expires by itself, and needs no token that may be the very thing that failed.
        return StepOutcome(outcome="withdrawn")
    account = chain.account(schedule)
    answer = account if isinstance(account, Failure) else chain.adapter(schedule).withdraw(account, schedule.ref)
    if isinstance(answer, Failure):
        return _not_withdrawn(chain, schedule, answer)
    if isinstance(answer, TooLate):
        forward = {"intent": Intent.PUBLISH, "cancel_requested": False, **NO_MOVE}
        now, aim = chain.clock.now(), schedule.next_run_at
        left = [] if aim is None else chain.slot_left(schedule, aim, "it was too late to move the post there")
        moved = chain.advance(schedule, along=left, **forward, lease_until=None, due_at=now)
        return StepOutcome(outcome="too_late") if moved else SUPERSEDED
    return StepOutcome(outcome="withdrawn")


def release(chain: PublishContext, schedule_id: str, revision: int) -> StepOutcome:
    """End the schedule as failed or cancelled, mark its claims released with the reason, free the photo if allowed.

    One that was withdrawn in order to be moved waits for its new instant instead.
    """
    schedule = _to_take_back(chain, schedule_id, revision)
    if schedule is not None and schedule.next_run_at is not None and not schedule.cancel_requested:
        return _wait_anew(chain, schedule)
    if schedule is not None:
        cancelled = schedule.cancel_requested or schedule.intent is Intent.WITHDRAW
        chain.releaser.end(schedule, ScheduleStatus.CANCELLED if cancelled else ScheduleStatus.FAILED)
        chain.copies.remove(schedule.public_keys)
    ended = chain.schedules.get(schedule_id)
    if ended.revision != revision or ended.is_open:
        return SUPERSEDED
    return StepOutcome(outcome="released")


def _wait_anew(chain: PublishContext, schedule: Schedule) -> StepOutcome:
    """Back to the queue at the instant it was moved to; sync starts it there, as a fresh revision."""
    now, run_at = chain.clock.now(), schedule.next_run_at or schedule.run_at
    start_at = start_instant(chain.row(schedule), run_at, now)
    moved = chain.schedules.move(
        schedule,
        ScheduleStatus.QUEUED,
        now=now,
        along=chain.slot_left(schedule, schedule.run_at, "the post was moved"),
        **FRESH,
        public_keys=[],
        revision=schedule.revision + 1,
        run_at=run_at,
        wall_time=schedule.next_wall_time,
        zone=schedule.next_zone,
        start_at=start_at,
        due_at=start_at,
    )
    if isinstance(moved, StaleWrite):
        return chain.lost(schedule)
    chain.lanes.give_back(schedule)
    chain.copies.remove(schedule.public_keys)
    return StepOutcome(outcome="released")


def _to_take_back(chain: PublishContext, schedule_id: str, revision: int) -> Schedule | None:
    """The schedule while there is something to take back: nothing of it is public, or its withdrawal is wanted."""
    schedule = chain.current(schedule_id, revision, at=NOT_PUBLIC)
    if schedule is None or schedule.step is not Step.HANDED_OVER:
        return schedule
    return schedule if schedule.cancel_requested or schedule.intent is Intent.WITHDRAW else None


def _to_unknown(chain: PublishContext, schedule: Schedule) -> StepOutcome:
    now = chain.clock.now()
    event = event_of(schedule, EventOutcome.UNKNOWN, at=now)
    moved = chain.schedules.move(
        schedule,
        ScheduleStatus.UNKNOWN,
        now=now,
        event=event,
        lease_until=None,
        look_count=0,
        due_at=now + FIRST_LOOK,
    )
    return SUPERSEDED if isinstance(moved, StaleWrite) else StepOutcome(outcome="unknown")


def _not_withdrawn(chain: PublishContext, schedule: Schedule, failure: Failure) -> StepOutcome:
    retried = chain.fail(schedule, failure)
    if retried.outcome != "settle":
        return retried
    again = chain.current(schedule.schedule_id, schedule.revision)
    return _to_unknown(chain, again) if again else SUPERSEDED
