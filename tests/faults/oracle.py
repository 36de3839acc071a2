"""The rules that hold after recovery; each returns a sentence if it is broken."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from shutterpost.scheduling import Schedule, ScheduleStatus
from tests.faults.story import Ending, asks
from tests.support.failures import RETURNING


class Wrong(StrEnum):
    """The ways in which the promise can be broken."""

    DOUBLE = "double"
    LOST = "lost"
    STUCK = "stuck"
    UNTRUE = "untrue"


LAST_EVENT = {
    ScheduleStatus.SUCCESS: "success",
    ScheduleStatus.FAILED: "failed",
    ScheduleStatus.CANCELLED: "cancelled",
    ScheduleStatus.SKIPPED: "failed",
}


def findings(ending: Ending) -> Iterator[tuple[Wrong, str]]:
    """Every broken promise of `ending`."""
    for wrong, rule in ALWAYS:
        if words := rule(ending):
            yield wrong, words
    schedule = ending.schedule
    if schedule is None or schedule.is_open:
        return
    for wrong, judge in ONCE_ENDED:
        if words := judge(ending, schedule):
            yield wrong, words


def _one_post(ending: Ending) -> str:
    return f"{ending.existing} posts on the platform" if ending.existing > 1 else ""


def _right_use(ending: Ending) -> str:
    return f"wrong use of the platform: {ending.violations}" if ending.violations else ""


def _published_photo_is_taken(ending: Ending) -> str:
    free = ending.photo.in_unposted and ending.existing
    return "the photo is free although it was published" if free else ""


def _slot_is_filled(ending: Ending) -> str:
    return "the slot passed without a post" if ending.schedule is None else ""


def _ended_or_asks(ending: Ending) -> str:
    schedule = ending.schedule
    if schedule is None or not schedule.is_open or (asks(schedule) and schedule.error_message):
        return ""
    return f"still {schedule.status} at {schedule.step}: {schedule.error_message}"


def _success_is_live(ending: Ending, schedule: Schedule) -> str:
    wrong = schedule.status is ScheduleStatus.SUCCESS and [schedule.external_id] != ending.live_ids
    return f"success with id {schedule.external_id}, but live is {ending.live_ids}" if wrong else ""


def _no_success_is_not_live(ending: Ending, schedule: Schedule) -> str:
    wrong = schedule.status is not ScheduleStatus.SUCCESS and ending.existing
    return f"{schedule.status}, but it is on the platform" if wrong else ""


def _unpublished_photo_returns(ending: Ending, schedule: Schedule) -> str:
    may = schedule.status is not ScheduleStatus.FAILED or schedule.error_cause in RETURNING
    unpublished = schedule.status is not ScheduleStatus.SUCCESS and not ending.existing
    lost = unpublished and may and not ending.photo.in_unposted
    return f"{schedule.status}, nothing was published, but the photo does not return" if lost else ""


def _last_event_tells_the_end(ending: Ending, schedule: Schedule) -> str:
    recorded = not schedule.attempt_count or (ending.events and ending.events[-1] == LAST_EVENT[schedule.status])
    return "" if recorded else f"{schedule.status} after {schedule.attempt_count} attempts with events {ending.events}"


def _end_has_a_reason(ending: Ending, schedule: Schedule) -> str:
    del ending
    silent = schedule.status in {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED} and not schedule.error_message
    return f"{schedule.status} without a reason" if silent else ""


ALWAYS: Sequence[tuple[Wrong, Callable[[Ending], str]]] = (
    (Wrong.DOUBLE, _one_post),
    (Wrong.DOUBLE, _right_use),
    (Wrong.UNTRUE, _published_photo_is_taken),
    (Wrong.LOST, _slot_is_filled),
    (Wrong.STUCK, _ended_or_asks),
)
ONCE_ENDED: Sequence[tuple[Wrong, Callable[[Ending, Schedule], str]]] = (
    (Wrong.UNTRUE, _success_is_live),
    (Wrong.UNTRUE, _no_success_is_not_live),
    (Wrong.LOST, _unpublished_photo_returns),
    (Wrong.UNTRUE, _last_event_tells_the_end),
    (Wrong.UNTRUE, _end_has_a_reason),
)
