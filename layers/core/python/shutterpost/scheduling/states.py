"""The states of a schedule and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum

from shutterpost.runtime.refusals import Conflict


class ScheduleStatus(StrEnum):
    """Where a schedule stands."""

    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """How far a chain has come; written before every remote write."""

    BEGUN = "begun"
    PREPARED = "prepared"
    SUBMITTING = "submitting"
    READY = "ready"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    HANDED_OVER = "handed_over"


class Intent(StrEnum):
    """What a revision's chain is to do."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


_S = ScheduleStatus
ALLOWED: Mapping[ScheduleStatus, frozenset[ScheduleStatus]] = {
    _S.PENDING: frozenset({_S.QUEUED, _S.CANCELLED, _S.SKIPPED}),
    _S.QUEUED: frozenset({_S.PROCESSING, _S.PENDING, _S.CANCELLED, _S.SKIPPED}),
    _S.PROCESSING: frozenset({_S.SUCCESS, _S.FAILED, _S.UNKNOWN, _S.CANCELLED, _S.QUEUED}),
    _S.UNKNOWN: frozenset({_S.SUCCESS, _S.FAILED, _S.QUEUED}),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.SKIPPED: frozenset({_S.QUEUED}),
    _S.SUCCESS: frozenset(),
    _S.CANCELLED: frozenset(),
}
OPEN = frozenset({_S.PENDING, _S.QUEUED, _S.PROCESSING, _S.UNKNOWN})


class IllegalMove(Conflict):
    """The state table does not allow this move."""

    kind = "illegal-move"


def check_move(current: ScheduleStatus, to: ScheduleStatus) -> None:
    """Raise `IllegalMove` unless the table allows `current` → `to`; staying is always allowed."""
    if to != current and to not in ALLOWED[current]:
        allowed = ", ".join(sorted(ALLOWED[current])) or "nowhere: it has ended"
        raise IllegalMove(f"A schedule that is {current} cannot become {to}; it may go to: {allowed}.")
