"""The daily arming of every persona: however many there are, and whatever is wrong with one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from shutterpost.flows.operating.operator import Operator
from shutterpost.flows.operating.timezone_changes import follow_zone_changes
from shutterpost.flows.picking.pick_next import ArmResult, Picker
from shutterpost.personas import Persona
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value

# A run ends in time before its function's minute is over; the rest is armed by a run of its own.
BUDGET = timedelta(seconds=35)
NEXT_RUN = timedelta(seconds=15)


class ArmReport(Value):
    """What a run armed, the schedules it moved because their slot or zone had changed, the personas that could not be
    armed, and the last one before those left to the next run."""

    moved: tuple[str, ...]
    armed: tuple[ArmResult, ...]
    failed: tuple[str, ...] = ()
    continues_after: str | None = None


@dataclass(frozen=True, kw_only=True)
class ArmAll:
    """Arms personas one after the other."""

    picker: Picker
    operator: Operator

    def run(self, after: str | None = None) -> ArmReport:
        """Arm every active persona behind `after`, in the order of their ids."""
        return self._armed(self.picker.personas.active(after))

    def run_one(self, persona_id: str) -> ArmReport:
        """Arm one persona."""
        return self._armed([self.picker.personas.get(persona_id)])

    def _armed(self, personas: Iterable[Persona]) -> ArmReport:
        clock, timers = self.picker.scheduler.clock, self.picker.scheduler.timers
        until = clock.now() + BUDGET
        moved, armed, failed = list[str](), list[ArmResult](), list[str]()
        done: str | None = None
        for persona in personas:
            if clock.now() >= until and done is not None:
                timers.arm_rest(done, at=clock.now() + NEXT_RUN, function_arn=self.picker.function_arn)
                return _report(moved, armed, failed, done)
            try:
                # Before arming, so that a moved schedule claims its slot before a pick does.
                moved += follow_zone_changes(self.operator, persona)
                armed += self.picker.arm([persona])
            except Exception:  # noqa: BLE001 - whatever it is, the others are armed and the run is told as failed
                logger.exception("persona not armed", persona_id=persona.persona_id)
                failed.append(persona.persona_id)
            done = persona.persona_id
        return _report(moved, armed, failed, None)


def _report(moved: list[str], armed: list[ArmResult], failed: list[str], continues: str | None) -> ArmReport:
    return ArmReport(moved=tuple(moved), armed=tuple(armed), failed=tuple(failed), continues_after=continues)
