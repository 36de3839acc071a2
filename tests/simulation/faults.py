"""How one call goes wrong, and how that shows itself to whoever made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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

# A Lambda invocation by the state machine.
INVOCATION = (F.THROTTLED, F.LOST_ANSWER)

READS = frozenset(
    {
        "GetItem",
        "BatchGetItem",
        "Query",
        "GetParameter",
        "ListSchedules",
        "GetSchedule",
        "HeadObject",
        "GetObject",
        "ListObjectsV2",
    }
)
TABLE_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"})


REMOTE_WRITES = ("createPost", "deletePost", "POST media_publish", "POST media", "DELETE object")
OPERATIONS = (
    *("BatchGetItem", "GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems", "ListObjectsV2"),
    *("CopyObject", "DeleteObject", "GetParameter", "PutParameter", "DeleteParameter"),
    *("CreateSchedule", "UpdateSchedule", "DeleteSchedule", "ListSchedules", "StartExecution", "Invoke", "Publish"),
    *("buffer channels", "buffer createPost", "buffer deletePost", "buffer post", "buffer posts", "cdn HEAD"),
    *("instagram GET content_publishing_limit", "instagram GET media", "instagram GET object"),
    *("instagram POST media", "instagram POST media_publish", "instagram DELETE object"),
)
# Called so seldom that their faults need a greater chance.
RARE = frozenset({"PutParameter", "DeleteParameter", "DeleteSchedule", "Publish", "instagram DELETE object"})


def faults_of(operation: str) -> tuple[Fault, ...]:
    """What can happen to an operation of AWS or of a platform."""
    if " " in operation:
        return REMOTE_WRITE if operation.endswith(REMOTE_WRITES) else REMOTE_READ
    if operation in READS:
        return AWS_READ
    if operation == "Invoke":
        return INVOCATION
    return AWS_TABLE_WRITE if operation in TABLE_WRITES else AWS_WRITE


# Each operation with each of its faults.
EVERY_FAULT = tuple((operation, fault) for operation in OPERATIONS for fault in dict.fromkeys(faults_of(operation)))
# The chance of the one fault that a history focuses on.
FOCUSED = 0.4


@dataclass(frozen=True)
class Weather:
    """How bad things are in a history: the chance that a call breaks, that a platform's write or read does, that
    its maker is preempted before it, and which faults there are; a late effect comes within `latest` seconds.
    `focus` names an operation and its fault, which is far more frequent than the others, as often as `focused`."""

    breaks: float
    breaks_writes: float
    breaks_reads: float
    preempts: float
    kinds: frozenset[Fault]
    lag: float
    latest: float
    focus: tuple[str, Fault] | None = None
    focused: float = FOCUSED


@dataclass(frozen=True)
class Aim:
    """What a search wants to be frequent: an operation's fault, actions of people, and `draws` of the world by key."""

    focus: tuple[str, Fault] | None = None
    actions: tuple[str, ...] = ()
    draws: Mapping[str, float] = field(default_factory=dict)
    focused: float = FOCUSED
