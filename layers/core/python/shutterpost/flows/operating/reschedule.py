"""New times for schedules, shared by retry and move."""

from datetime import datetime
from typing import Any

from shutterpost.flows.planning.deadlines import next_check_at
from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.flows.planning.start_timers import StartTimers
from shutterpost.personas import Persona
from shutterpost.scheduling import Review, Schedule


def timing_fields(
    start_timers: StartTimers,
    persona: Persona,
    schedule: Schedule,
    when: ScheduledTime,
    now: datetime,
    *,
    review: Review | None = None,
) -> dict[str, Any]:
    """The fields of a new revision of the schedule that is published at `when`."""
    start_at = start_timers.start_at(schedule.channel, when.run_at, now, review)
    return {
        "revision": schedule.revision + 1,
        "run_at": when.run_at,
        "wall_time": when.wall_time,
        "zone": when.zone,
        "start_at": start_at,
        "review": review,
        "due_at": next_check_at(persona, review, run_at=when.run_at, start_at=start_at, now=now),
    }


def planned_at(schedule: Schedule, when: ScheduledTime) -> Schedule:
    """The schedule as the persona's limits count it after the change."""
    return schedule.model_copy(update={"run_at": when.run_at, "next_run_at": None})
