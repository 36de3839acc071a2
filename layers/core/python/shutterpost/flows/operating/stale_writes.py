"""Changes by a person while a workflow may change the same schedule: read, write on a condition, repeat."""

from collections.abc import Callable
from typing import TypeVar

from shutterpost.runtime.refusals import Conflict
from shutterpost.scheduling import Schedule, Schedules

_T = TypeVar("_T")

# A round is lost only if a workflow changed the schedule between the read and the write; it makes few changes a second.
ROUNDS = 10


def change_schedule(
    schedules: Schedules, schedule_id: str, busy: type[Conflict], change: Callable[[Schedule], _T | None]
) -> _T:
    """The result of `change`, repeated while it returns `None` for a stale read; raises `busy` at the end."""
    for _ in range(ROUNDS):
        result = change(schedules.get(schedule_id))
        if result is not None:
            return result
    raise busy(f"Schedule {schedule_id} is changing right now; try again in a moment.")
