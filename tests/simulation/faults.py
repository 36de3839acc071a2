"""How one call goes wrong, and how that shows itself to whoever made it."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """What may become of a call."""

    REFUSED = "refused"
    THROTTLED = "throttled"
    NOT_SENT = "not-sent"
    UNREADABLE = "unreadable"
    EFFECT_THEN_ERROR = "effect-then-error"
    LOST_ANSWER = "lost-answer"
    TWICE = "twice"
    LATER = "takes-effect-later"
    CONFLICT = "conflict"
    SLOW = "slow"
    KILLED_BEFORE = "killed-before"
    KILLED_AFTER = "killed-after"


F = Fault
# What can happen to an AWS call that reads, to one that writes, and to a transaction.
AWS_READ = (F.REFUSED, F.THROTTLED, F.SLOW, F.KILLED_BEFORE)
AWS_WRITE = (*AWS_READ, F.EFFECT_THEN_ERROR, F.LOST_ANSWER, F.TWICE, F.LATER, F.KILLED_AFTER)
AWS_TABLE_WRITE = (*AWS_WRITE, F.CONFLICT)
# A platform's answer to a read, and to a write.
REMOTE_READ = (F.REFUSED, F.THROTTLED, F.NOT_SENT, F.UNREADABLE, F.LOST_ANSWER, F.SLOW, F.KILLED_BEFORE)
REMOTE_WRITE = (*REMOTE_READ, F.EFFECT_THEN_ERROR, F.LATER, F.LATER, F.LATER, F.KILLED_AFTER)

READS = frozenset(
    {"GetItem", "BatchGetItem", "Query", "GetParameter", "ListSchedules", "GetSchedule", "HeadObject", "GetObject"}
)
TABLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


def aws_faults(operation: str) -> tuple[Fault, ...]:
    """What can happen to an AWS operation."""
    if operation in READS:
        return AWS_READ
    return AWS_TABLE_WRITE if operation in TABLE_WRITES else AWS_WRITE


@dataclass(frozen=True)
class Weather:
    """How bad things are in a history: the chance that a call breaks, that a platform's write or read does, that
    its maker is preempted before it, and which faults there are; a late effect comes within `latest` seconds."""

    breaks: float
    breaks_writes: float
    breaks_reads: float
    preempts: float
    kinds: frozenset[Fault]
    lag: float
    latest: float
