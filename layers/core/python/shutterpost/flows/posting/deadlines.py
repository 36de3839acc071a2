"""A schedule that waits for its start: when sync looks at it, and how a pick that nobody rejected goes on."""

from datetime import datetime, timedelta

from shutterpost.channels import ChannelRow
from shutterpost.personas import ApprovalMode, Persona
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Review, Schedule, Schedules, ScheduleStatus, StaleWrite

# A timer may fire up to a minute late (AWS, EventBridge Scheduler): sync looks for what has not started after this.
TIMER_SLACK = timedelta(seconds=90)
# Nearer to its start a post is not looked at ahead: the chain's own Prepare does it.
PREFLIGHT_LEAST = timedelta(minutes=30)
# A channel that schedules by itself gets a post this long ahead: its public copy lives for three days.
HAND_OVER_AHEAD = timedelta(days=2)
# A veto must be able to stop what such a channel would otherwise hold for days.
VETO_AHEAD = timedelta(minutes=15)


def start_instant(row: ChannelRow, run_at: datetime, now: datetime, review: Review | None = None) -> datetime:
    """When a chain starts: its lead before `run_at`, or days ahead where the channel schedules by itself and nobody has
    a word in it any more."""
    if row.hands_over:
        return max(now, run_at - (HAND_OVER_AHEAD if review is None else VETO_AHEAD))
    return max(now, run_at - timedelta(seconds=row.lead))


def review_of(persona: Persona) -> Review | None:
    """Whose word the persona's picks wait for."""
    return None if persona.approval is ApprovalMode.AUTO else Review(persona.approval)


def start_deadline(persona: Persona, review: Review | None, *, run_at: datetime, start_at: datetime) -> datetime:
    """When sync looks at what should have started, or been approved, by then."""
    if review is Review.APPROVAL:
        return run_at + timedelta(minutes=persona.late_grace_minutes)
    return start_at + TIMER_SLACK


def next_check_at(
    persona: Persona, review: Review | None, *, run_at: datetime, start_at: datetime, now: datetime
) -> datetime:
    """`start_deadline`, or earlier: when the schedule is looked at ahead of its time (`preflight_hours`)."""
    look_at = max(now, run_at - timedelta(hours=persona.preflight_hours))
    if persona.preflight_hours and look_at <= start_at - PREFLIGHT_LEAST:
        return look_at
    return start_deadline(persona, review, run_at=run_at, start_at=start_at)


def queue_after_veto(schedules: Schedules, schedule: Schedule, now: datetime) -> Schedule | None:
    """Queue a pick whose veto window has closed; `None` where somebody rejected or moved it meanwhile."""
    moved = schedules.move(schedule, ScheduleStatus.QUEUED, now=now, review=None, due_at=now + TIMER_SLACK)
    if isinstance(moved, StaleWrite):
        return None
    logger.info("veto window closed, nobody objected", schedule_id=schedule.schedule_id)
    return moved
