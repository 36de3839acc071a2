"""What costs somebody something must have a cause: a failure, an abandoned execution, a slot picked for by sync."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shutterpost.scheduling import ScheduleStatus, Step
from tests.simulation.faults import Fault
from tests.simulation.persons import PersonAction
from tests.simulation.world import World

Item = dict[str, Any]
# Faults that a caller repeats or does not notice; more conflicts or refused invocations than these end it.
HARMLESS = frozenset({Fault.TWICE, Fault.SLOW, Fault.CONFLICT})
MOST_CONFLICTS, MOST_REFUSALS = 5, 6
# So many slow calls may use up a function's minute.
MANY_SLOW = 3
# The arming of one persona calls this; its run goes on with the others, and fails at its end.
OF_ONE_PERSONA = "ListSchedules"
# No fault of a call explains these.
MISTAKES = (AttributeError, TypeError, LookupError, ArithmeticError, AssertionError)
# A post that is never sent is asked about less and less often: so often an hour at most, on the average.
ASKED_AN_HOUR = 5
TOO_LATE, NO_LONGER = "The slot's event came at", "The persona no longer has a slot"
# So long after a change of the rules no timer of an earlier slot is left.
ARMED_WITHIN = timedelta(minutes=3)
# Actions that change a schedule with one write.
SINGLE = frozenset({"retry", "skip", "move"})


@dataclass
class Causes:
    """Notes what nothing explains, as rules and cases."""

    world: World
    needless: list[tuple[str, str]] = field(default_factory=list)
    picked: set[str] = field(default_factory=set)
    missed: list[str] = field(default_factory=list)
    rules_changed: dict[str, datetime] = field(default_factory=dict)
    reads_before: int = 0
    changed: dict[str, str] = field(default_factory=dict)

    def watch(self) -> None:
        """Note failures and ended executions from now on."""
        self.world.failed, self.world.execution_ended = self._failed, self._ended

    def written(self, before: Item | None, after: Item) -> None:
        """Note what was changed by whom, and the slots whose timer was late or lost."""
        task = self.world.kernel.task
        if task is not None and "run_at" in after:
            self.changed[task.name] = after["schedule_id"]["S"]
        if "pick_lead_seconds" in after:
            self.rules_changed[after["persona_id"]["S"]] = self.world.kernel.now()
        if task is None or "slot_at" not in after:
            return
        slot = f"{after['persona_id']['S']} at {after['slot_at']['S']}"
        by_sync = before is None and after.get("kind", {}).get("S") == "Post" and task.name.startswith("sync ")
        decided, changed_at = str(after.get("body")), self.rules_changed.get(after["persona_id"]["S"])
        # A slot that was picked for is picked for again once its post has failed, without a timer.
        stale = changed_at is not None and self.world.kernel.now() > changed_at + ARMED_WITHIN
        needless = by_sync or (stale and NO_LONGER in decided)
        if (needless and slot not in self.picked) or TOO_LATE in decided:
            self.missed.append(slot)
        self.picked.add(slot)

    def calm_begins(self) -> None:
        """Count how often Buffer is asked from now on."""
        self.reads_before = self._reads()

    def findings(self, calm_hours: float) -> Iterator[tuple[str, str]]:
        """Each rule that was broken, with its case."""
        yield from self.needless
        if not self._timers_may_be_lost():
            yield from (
                ("timers are kept", f"{slot} is not picked for in time, or is no slot any more, and no timer was lost")
                for slot in self.missed
            )
        items = self.world.account.tables.items("posts")
        waiting = sum(item.get("step", {}).get("S") == Step.HANDED_OVER for item in items)
        rate = (self._reads() - self.reads_before) / calm_hours
        if waiting and rate > ASKED_AN_HOUR * waiting:
            yield "asked in measure", f"Buffer is asked {rate:.1f} times an hour about {waiting} posts"

    def untrue(self, actions: list[PersonAction]) -> Iterator[tuple[str, str]]:
        """Actions that were refused although they were carried out."""
        for action in actions:
            broke = {fault for _, fault in self.world.calls.broke[action.task]}
            if action.name in SINGLE and action.refusal and action.task in self.changed and broke <= HARMLESS:
                yield "a refusal changes nothing", f"{action.name} {self.changed[action.task]}: {action.refusal}"

    def _failed(self, error: BaseException) -> None:
        """A worker of the current task ended with an error."""
        task = self.world.kernel.task
        assert task is not None
        broke = self.world.calls.broke[task.name]
        explained = any(fault not in HARMLESS for operation, fault in broke if operation != "Invoke")
        slow = sum(number for (_, fault), number in broke.items() if fault is Fault.SLOW)
        conflicts = sum(number for (_, fault), number in broke.items() if fault is Fault.CONFLICT)
        refusals = sum(number for (operation, _), number in broke.items() if operation == "Invoke")
        if getattr(error, "operation_name", None) == OF_ONE_PERSONA:
            self.needless.append(("one failure stops no arming", f"{task.name} failed: {error!r:.150}"))
        bearable = conflicts < MOST_CONFLICTS and refusals <= MOST_REFUSALS and slow < MANY_SLOW
        if isinstance(error, MISTAKES) or (not explained and bearable):
            self.needless.append(("failures have a cause", f"{task.name} failed: {error!r:.150}"))

    def _ended(self, schedule_id: str, revision: int) -> None:
        """The execution of the current task ended in order: its schedule is no longer begun by it."""
        task = self.world.kernel.task
        assert task is not None
        with self.world.kernel.unobserved():
            schedule = self.world.stores.schedules.get(schedule_id)
        broke = {fault for _, fault in self.world.calls.broke[task.name]}
        begun = schedule.status is ScheduleStatus.PROCESSING and schedule.run_id == schedule.execution_name
        if begun and schedule.revision == revision and schedule.step is not Step.HANDED_OVER and broke <= HARMLESS:
            self.needless.append(("executions end", f"{task.name} leaves its schedule at {schedule.step}"))

    def _timers_may_be_lost(self) -> bool:
        broke = self.world.calls.broke
        tasks = [name for name, faults in broke.items() if any(fault is not Fault.SLOW for _, fault in faults)]
        return bool(self.world.died) or any(name.startswith(("arm", "timer", "person")) for name in tasks)

    def _reads(self) -> int:
        return sum(
            number for (operation, _, _), number in self.world.calls.hits.items() if operation.startswith("buffer post")
        )
