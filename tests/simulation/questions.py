"""Questions to a person: only where a fault or a refused token explains what is not known, and each counted once."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shutterpost.flows.syncing.actions import ASK
from shutterpost.scheduling import ScheduleStatus
from tests.simulation.faults import Fault
from tests.simulation.kinds import DECLARED
from tests.simulation.setting import Setting
from tests.simulation.shown import schedule_of
from tests.simulation.world import World

Item = dict[str, Any]
# Faults whose caller knows what became of its call.
CLEAR = frozenset({Fault.TWICE, Fault.SLOW, Fault.CONFLICT})


@dataclass
class Questions:
    """Notes which schedules were unclear, and which a person was asked about, by their ids."""

    world: World
    setting: Setting
    unclear: set[str] = field(default_factory=set)
    asked_of: dict[str, str] = field(default_factory=dict)
    asked_at: dict[str, str] = field(default_factory=dict)

    def written(self, before: Item | None, after: Item) -> None:
        """Look at a schedule that changes."""
        name = after["schedule_id"]["S"]
        if after["status"]["S"] == ScheduleStatus.UNKNOWN:
            self.unclear.add(name)
        is_asked, was_asked = (_code(item) == ASK for item in (after, before or {}))
        if is_asked and not was_asked:
            self.asked_of[name] = after.get("step", {}).get("S", "")
            self.asked_at[name] = after["connection_id"]["S"]

    def findings(self) -> Iterator[tuple[str, str]]:
        """Questions that nothing explains."""
        broke = self.world.calls.broke
        explained = {
            schedule_of(task)
            for task, faults in broke.items()
            if task.startswith("chain ") and any(fault not in CLEAR for _, fault in faults)
        }
        # LinkedIn's refusal of a member's text as a duplicate may be about the same post, sent twice on its way.
        refused = {
            item.connection_id
            for item in self.setting.channels
            if item.token in self.world.platforms.refused
            or (item.kind in DECLARED and not DECLARED[item.kind].can_tell)
        }
        for name, step in self.asked_of.items():
            if name not in explained and self.asked_at[name] not in refused:
                yield "a question has a cause", f"{name} is asked about at {step}, and no call of its publication broke"


def _code(item: Item) -> str:
    return str(item.get("error_code", {}).get("S", ""))
