"""How one call goes wrong, and how that shows itself to whoever made it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.simulation.kinds import DECLARED


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
# Where the platform takes a request that arrives twice for one.
REMOTE_WRITE_OR_TWICE = (*REMOTE_WRITE, F.TWICE)

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
# Made of public copies, which a platform that takes uploads does not need.
OF_COPIES = frozenset({"CopyObject", "DeleteObject"})


REMOTE_WRITES = ("createPost", "deletePost", "POST media_publish", "POST media", "POST comments", "DELETE object")
AWS_OPERATIONS = (
    *("BatchGetItem", "GetItem", "Query", "PutItem", "UpdateItem", "TransactWriteItems", "ListObjectsV2"),
    *("CopyObject", "DeleteObject", "GetParameter", "PutParameter", "DeleteParameter"),
    *("CreateSchedule", "UpdateSchedule", "DeleteSchedule", "ListSchedules", "StartExecution", "Invoke", "Publish"),
)
BUFFER_OPERATIONS = ("buffer channels", "buffer createPost", "buffer deletePost", "buffer post", "buffer posts")
INSTAGRAM_OPERATIONS = (
    *("instagram GET content_publishing_limit", "instagram GET media", "instagram GET object"),
    *("instagram POST media", "instagram POST media_publish", "instagram DELETE object"),
)
# What only these actions of people lead to, in histories that are asked for them.
OPERATIONS_OF_ACTIONS = {
    "comment": ("instagram POST comments", "instagram GET comments"),
    "story": ("instagram GET stories",),
    "import before": ("SendMessage",),
}
OPERATIONS = (*AWS_OPERATIONS, *BUFFER_OPERATIONS, "cdn HEAD", *INSTAGRAM_OPERATIONS)
# Called so seldom that their faults need a greater chance.
RARE = frozenset({"PutParameter", "DeleteParameter", "DeleteSchedule", "Publish", "instagram DELETE object"}) | {
    f"{kind.channel} {operation}" for kind in DECLARED.values() for operation in kind.rare
}
_DECLARED_FAULTS = {
    f"{kind.channel} {operation}": REMOTE_WRITE_OR_TWICE if kind.takes_twice else REMOTE_WRITE
    for kind in DECLARED.values()
    for operation in kind.writes
} | {f"{kind.channel} {operation}": REMOTE_READ for kind in DECLARED.values() for operation in kind.reads}


def faults_of(operation: str) -> tuple[Fault, ...]:
    """What can happen to an operation of AWS or of a platform."""
    if operation in _DECLARED_FAULTS:
        return _DECLARED_FAULTS[operation]
    if " " in operation:
        return REMOTE_WRITE if operation.endswith(REMOTE_WRITES) else REMOTE_READ
    if operation in READS:
        return AWS_READ
    if operation == "Invoke":
        return INVOCATION
    return AWS_TABLE_WRITE if operation in TABLE_WRITES else AWS_WRITE


def operations_of(kinds: Sequence[str]) -> tuple[str, ...]:
    """The operations in a history of these kinds; without `kinds`, of Instagram's and Buffer's."""
    if not kinds:
        return OPERATIONS
    declared = [DECLARED[kind] for kind in kinds if kind in DECLARED]
    fetched = not all(kind in DECLARED and DECLARED[kind].uploads for kind in kinds)
    return (
        *(operation for operation in AWS_OPERATIONS if fetched or operation not in OF_COPIES),
        *(("GetObject",) if any(kind.uploads for kind in declared) else ()),
        *(BUFFER_OPERATIONS if "buffer" in kinds else ()),
        *(("cdn HEAD",) if fetched else ()),
        *(INSTAGRAM_OPERATIONS if {"facebook", "instagram"} & set(kinds) else ()),
        *dict.fromkeys(operation for kind in declared for operation in kind.operations),
    )


def operations_also(actions: Iterable[str]) -> tuple[str, ...]:
    """The operations that `actions` add to those of a history's connections."""
    return tuple(operation for action in actions for operation in OPERATIONS_OF_ACTIONS.get(action, ()))


def every_fault(operations: Sequence[str]) -> tuple[tuple[str, Fault], ...]:
    """Each operation with each of its faults."""
    return tuple((operation, fault) for operation in operations for fault in dict.fromkeys(faults_of(operation)))


EVERY_FAULT = every_fault(OPERATIONS)
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
    """What a search wants to be frequent: an operation's fault, actions of people, and `draws` of the world by key;
    `kinds` are those of the world's connections, where others than Instagram's and Buffer's are wanted."""

    focus: tuple[str, Fault] | None = None
    actions: tuple[str, ...] = ()
    draws: Mapping[str, float] = field(default_factory=dict)
    focused: float = FOCUSED
    kinds: tuple[str, ...] = ()
