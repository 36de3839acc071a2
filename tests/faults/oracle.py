"""What must hold after recovery, whatever was broken (DESIGN §2, issue of the fault matrix)."""

from collections.abc import Iterator
from enum import StrEnum

from shutterpost.flows.release import RETURNS
from shutterpost.scheduling import ScheduleStatus
from tests.faults.story import Ending, asks


class Wrong(StrEnum):
    """The ways in which a promise can be broken."""

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
    """Every broken promise of `ending`, in words."""
    if ending.existing > 1:
        yield Wrong.DOUBLE, f"{ending.existing} posts on the platform"
    if ending.violations:
        yield Wrong.DOUBLE, f"wrong use of the platform: {ending.violations}"
    schedule, photo = ending.schedule, ending.photo
    if photo.in_unposted and ending.existing:
        yield Wrong.UNTRUE, "the photo is free although it was published"
    if schedule is None:
        if not photo.in_unposted:
            yield Wrong.LOST, "the photo is taken by a post that does not exist"
        yield Wrong.LOST, "the slot passed without a post"
        return
    if schedule.is_open and not asks(schedule):
        yield Wrong.STUCK, f"still {schedule.status} at {schedule.step}"
        return
    if asks(schedule):
        if not schedule.error_message:
            yield Wrong.STUCK, "waits for a person without a reason"
        return
    if schedule.status is ScheduleStatus.SUCCESS and ending.live != 1:
        yield Wrong.UNTRUE, f"success, but {ending.live} are live"
    if schedule.status is ScheduleStatus.SUCCESS and schedule.external_id not in ending.live_ids:
        yield Wrong.UNTRUE, f"success with id {schedule.external_id}, but live is {ending.live_ids}"
    if schedule.status is not ScheduleStatus.SUCCESS and ending.existing:
        yield Wrong.UNTRUE, f"{schedule.status}, but it is on the platform"
    may_return = schedule.status is not ScheduleStatus.FAILED or schedule.error_cause in RETURNS
    unpublished = schedule.status is not ScheduleStatus.SUCCESS and not ending.existing
    if unpublished and may_return and not photo.in_unposted:
        yield Wrong.LOST, f"{schedule.status}, nothing was published, but the photo does not return"
    if schedule.attempt_count and (not ending.events or ending.events[-1] != LAST_EVENT[schedule.status]):
        yield Wrong.UNTRUE, f"{schedule.status} after {schedule.attempt_count} attempts with events {ending.events}"
    if schedule.status in {ScheduleStatus.FAILED, ScheduleStatus.SKIPPED} and not schedule.error_message:
        yield Wrong.UNTRUE, f"{schedule.status} without a reason"
