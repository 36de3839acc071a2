"""The states of a schedule and the allowed transitions."""

from collections.abc import Mapping
from enum import StrEnum

from shutterpost.runtime.refusals import Conflict


class ScheduleStatus(StrEnum):
    PENDING = "pending"
    QUEUED = "queued"
    PROCESSING = "processing"
    UNKNOWN = "unknown"
    SUCCESS = "success"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """The progress of a publication; stored before every write to the platform."""

    BEGUN = "begun"
    PREPARED = "prepared"
    SUBMITTING = "submitting"
    READY = "ready"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    HANDED_OVER = "handed_over"


class Intent(StrEnum):
    """The purpose of a revision's execution."""

    PUBLISH = "publish"
    WITHDRAW = "withdraw"


class CommentState(StrEnum):
    """The first comment under a post: to be made once it is live, begun, made, refused, or without a clear answer."""

    WAITING = "waiting"
    SENDING = "sending"
    MADE = "made"
    NOT_MADE = "not_made"
    UNCLEAR = "unclear"


_S = ScheduleStatus
ALLOWED: Mapping[ScheduleStatus, frozenset[ScheduleStatus]] = {
    _S.PENDING: frozenset({_S.QUEUED, _S.CANCELLED, _S.SKIPPED}),
    _S.QUEUED: frozenset({_S.PROCESSING, _S.PENDING, _S.CANCELLED, _S.SKIPPED}),
    _S.PROCESSING: frozenset({_S.SUCCESS, _S.FAILED, _S.UNKNOWN, _S.CANCELLED, _S.QUEUED}),
    _S.UNKNOWN: frozenset({_S.SUCCESS, _S.FAILED, _S.QUEUED, _S.PROCESSING}),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.SKIPPED: frozenset({_S.QUEUED}),
    _S.SUCCESS: frozenset(),
    _S.CANCELLED: frozenset(),
}
OPEN = frozenset({_S.PENDING, _S.QUEUED, _S.PROCESSING, _S.UNKNOWN})


class IllegalMove(Conflict):
    kind = "illegal-move"


def check_move(current: ScheduleStatus, to: ScheduleStatus) -> None:
    """Raise `IllegalMove` unless `to` is `current` or the table allows the transition."""
    if to != current and to not in ALLOWED[current]:
        allowed = ", ".join(sorted(ALLOWED[current])) or "none, because the schedule has ended"
        raise IllegalMove(f"A schedule cannot change from {current} to {to}. Allowed states: {allowed}.")
