"""When a waiting schedule starts and when sync checks it, and the end of a veto window."""

from datetime import datetime, timedelta

from shutterpost.channels import ChannelRow
from shutterpost.personas import ApprovalMode, Persona
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Review, Schedule, Schedules, ScheduleStatus, StaleWrite

# Longer than any step may take (Lambda timeout 60 s) and than the longest wait between two polls.
LEASE = timedelta(minutes=10)
# A timer may fire up to a minute late (AWS, EventBridge Scheduler); sync starts what has not started after this.
TIMER_SLACK = timedelta(seconds=90)
# Nearer to its start there is no preflight check: the workflow's Prepare step checks the same.
PREFLIGHT_LEAST = timedelta(minutes=30)
# A channel that schedules posts itself gets a post this long ahead: its public copy lives for three days.
HAND_OVER_AHEAD = timedelta(days=2)
# A veto ends for all of a post's schedules at once, before a channel that schedules posts itself gets the post.
VETO_AHEAD = timedelta(minutes=15)


def start_instant(row: ChannelRow, run_at: datetime, now: datetime, review: Review | None = None) -> datetime:
    """When the workflow starts: at the end of a veto, the channel's lead before `run_at`, or days ahead."""
    if review is Review.VETO:
        return max(now, run_at - VETO_AHEAD)
    if row.hands_over:
        return max(now, run_at - (HAND_OVER_AHEAD if review is None else VETO_AHEAD))
    return max(now, run_at - timedelta(seconds=row.lead))


def review_of(persona: Persona) -> Review | None:
    return None if persona.approval is ApprovalMode.AUTO else Review(persona.approval)


def start_deadline(persona: Persona, review: Review | None, *, run_at: datetime, start_at: datetime) -> datetime:
    """When sync checks a schedule that should have started, or been approved, by then."""
    if review is Review.APPROVAL:
        return run_at + persona.late_grace
    return start_at + TIMER_SLACK


def next_check_at(
    persona: Persona, review: Review | None, *, run_at: datetime, start_at: datetime, now: datetime
) -> datetime:
    """When sync checks the schedule next: the preflight check (`preflight_hours` ahead), else `start_deadline`."""
    check_at = max(now, run_at - timedelta(hours=persona.preflight_hours))
    if persona.preflight_hours and check_at <= start_at - PREFLIGHT_LEAST:
        return check_at
    return start_deadline(persona, review, run_at=run_at, start_at=start_at)


def queue_after_veto(schedules: Schedules, schedule: Schedule, now: datetime) -> Schedule | None:
    """Queue a pick whose veto window has closed; `None` if it changed since it was read."""
    moved = schedules.move(schedule, ScheduleStatus.QUEUED, now=now, review=None, due_at=now + TIMER_SLACK)
    if isinstance(moved, StaleWrite):
        return None
    logger.info("veto window closed", schedule_id=schedule.schedule_id)
    return moved
