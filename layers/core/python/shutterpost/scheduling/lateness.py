from datetime import datetime, timedelta
from enum import StrEnum


class LateAction(StrEnum):
    START = "start"
    NEXT_SLOT = "next_slot"
    SKIP = "skip"


def late_action(*, run_at: datetime, now: datetime, grace: timedelta, then: str) -> LateAction:
    """Start within `grace`; later, do what the persona's policy `then` says (`next_slot` or `skip`)."""
    if now <= run_at + grace:
        return LateAction.START
    return LateAction.NEXT_SLOT if then == "next_slot" else LateAction.SKIP
