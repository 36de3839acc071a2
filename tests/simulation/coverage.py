"""Which operation met which fault: the table, and where to look for what a run did not meet."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from tests.simulation.faults import OPERATIONS, Aim, Fault, every_fault, faults_of
from tests.simulation.kinds import DECLARED

Hits = Counter[tuple[str, str, str]]
Cell = tuple[str, Fault]
# How often the searched fault happens to its operation.
CERTAIN = 0.7
# What people do, and which accounts there are, where an operation is seldom called otherwise.
ACTIONS = {
    "PutParameter": ("reconnect",),
    "DeleteParameter": ("revoke",),
    "UpdateSchedule": ("change slots", "change policy"),
    "DeleteSchedule": ("cancel", "change slots", "move"),
    "buffer deletePost": ("cancel", "move", "schedule"),
    "instagram DELETE object": ("remove", "schedule"),
    "instagram POST comments": ("comment",),
    "instagram GET comments": ("comment",),
    "instagram GET stories": ("story",),
    "SendMessage": ("import before", "schedule"),
}
ACCOUNTS = {"buffer": {"kinds *": 0.7}, "instagram": {"kinds *": 0.5}}
IMPOSSIBLE = (
    "·: cannot happen. A read has no effect that could be lost, repeated or late, only a write to a table meets a "
    "transaction, botocore repeats what was not sent and reads its answers, a request to a platform is sent once and "
    "arrives twice only where the platform takes both for one, and an invocation is refused or loses its "
    "answer (its worker dies at one of its own calls)."
)


def table(hits: Hits, operations: Sequence[str] = OPERATIONS) -> str:
    """Operations and faults with their number; of late effects also how many were refused when they came."""
    happened: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for (operation, fault, effect), number in hits.items():
        happened[operation, fault][effect] += number
    columns = ["none", *Fault]
    effects = {"none": "+"} | {fault: "+" if fault in WITH_EFFECT else "-" for fault in Fault} | {Fault.LATER: "+/-"}
    lines = [
        " ".join([f"{'fault':40}", *(f"{name[:9]:>9}" for name in columns)]),
        " ".join([f"{'effect':40}", *(f"{effects[name]:>9}" for name in columns)]),
    ]
    for operation in operations:
        possible = {"none", *faults_of(operation)} - ({"none"} if operation == "Invoke" else set())
        texts = (_text(happened[operation, name], name) if name in possible else "·" for name in columns)
        lines.append(" ".join([f"{operation:40}", *(f"{text:>9}" for text in texts)]))
    return "\n".join([*lines, IMPOSSIBLE])


WITH_EFFECT = {Fault.EFFECT_THEN_ERROR, Fault.LOST_ANSWER, Fault.TWICE, Fault.SLOW, Fault.KILLED_AFTER}


def _text(effects: Counter[str], name: str) -> str:
    if name == Fault.LATER:
        return f"{effects['effect']}/{effects['refused then']}"
    return str(effects.total())


def never_hit(hits: Hits, operations: Sequence[str] = OPERATIONS) -> list[Cell]:
    """The operations and faults that did not happen."""
    seen = {(operation, fault) for operation, fault, _ in hits}
    return [cell for cell in every_fault(operations) if cell not in seen]


def aim_at(cell: Cell) -> Aim:
    """Where to look for an operation's fault."""
    platform, _, call = cell[0].partition(" ")
    declared = [kind for kind in DECLARED.values() if kind.channel == platform]
    if declared:
        actions, kinds = declared[0].people.get(call, ("schedule",)), tuple(kind.name for kind in declared)
        return Aim(cell, actions, {"acts": 0.99}, focused=CERTAIN, kinds=kinds)
    accounts = ACCOUNTS.get(platform, {})
    return Aim(cell, ACTIONS.get(cell[0], ("schedule",)), {"acts": 0.99, **accounts}, focused=CERTAIN)
