"""The late policy: what becomes of a schedule that did not start in time."""

from datetime import datetime, timedelta
from enum import StrEnum


class LateAction(StrEnum):
    """What to do now with a schedule whose instant has passed."""

    START = "start"
    NEXT_SLOT = "next_slot"
    SKIP = "skip"


def late_action(*, run_at: datetime, now: datetime, grace: timedelta, then: str) -> LateAction:
    """Within `grace` it still goes out; later `then` (`next_slot` or `skip`, the persona's policy) decides."""
    if now <= run_at + grace:
        return LateAction.START
    return LateAction.NEXT_SLOT if then == "next_slot" else LateAction.SKIP
