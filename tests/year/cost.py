"""What the year would cost at list price, from the calls that were counted.

Writes are priced by the sizes of their items and index entries, as transactions. A read is priced as one unit, an
invocation as half a second at 512 MB, and an execution by its steps and the states between them. Jobs count as often as
a deployment runs them; the reads of the notices' job count as often as the year runs it.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.benchmarks.bill.capacity import Index, Table, write_units
from tests.benchmarks.bill.prices import prices
from tests.simulation.world import SYNC_EVERY, World

Item = dict[str, Any]
GB_SECONDS = 0.25
DAY, NOTIFY_EVERY = timedelta(days=1), timedelta(minutes=15)
NOT_COUNTED = "alarms, storage, delivery of pictures, logs, imports and the API"
STATES_A_STEP, STATES_AN_EXECUTION = 2, 6
READS = {"GetItem": 1, "Query": 1, "BatchGetItem": 2}
OBJECT_WRITES = ("CopyObject", "PutObject")


@dataclass
class Meter:
    """Counts what the world's functions use."""

    world: World
    writes: float = 0.0
    steps: int = 0
    used: Counter[str] = field(default_factory=Counter)
    layouts: list[Table] = field(init=False)

    def __post_init__(self) -> None:
        """Read the tables' layouts."""
        self.layouts = [
            Table(
                tuple(table.keys()),
                tuple(
                    Index(
                        tuple(name for name in (index.hash_name, index.range_name) if name),
                        None if index.attributes is None else tuple(index.attributes),
                    )
                    for index in table.indexes.values()
                ),
            )
            for table in self.world.account.tables.tables.values()
        ]

    def written(self, before: Item | None, after: Item) -> None:
        """Count a write."""
        layout = next(item for item in self.layouts if all(key in after for key in item.keys))
        self.writes += write_units(layout, before, after, transactional=True)

    def step(self, payload: Item) -> Item:
        """Count a step of an execution, and take it."""
        self.steps += 1
        return type(self.world).step(self.world, payload)

    def dollars(self, days: int) -> float:
        """The price of what was used in `days`."""
        hits = Counter[str]()
        for (operation, _, effect), number in self.world.calls.hits.items():
            hits[operation] += number if effect == "effect" else 0
        executions, timers = len(self.world.account.executions.names), self.world.account.timers.number
        jobs = days * (DAY / SYNC_EVERY + DAY / NOTIFY_EVERY + 2)
        invocations = self.steps + timers + jobs
        amounts = {
            "dynamodb-writes": self.writes,
            "dynamodb-reads": sum(hits[name] * units for name, units in READS.items()),
            "lambda-requests": invocations,
            "lambda-gb-seconds": invocations * GB_SECONDS,
            "states-transitions": self.steps * STATES_A_STEP + executions * STATES_AN_EXECUTION,
            "scheduler-invocations": timers + jobs,
            "s3-writes": sum(hits[name] for name in OBJECT_WRITES),
            "kms-requests": hits["GetParameter"] + hits["PutParameter"],
            "sns-email": hits["Publish"],
        }
        table = prices()[1]
        return sum(amount / table[name].per * table[name].usd for name, amount in amounts.items())
