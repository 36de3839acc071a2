"""The daily arming of every active persona, in runs that fit into the function's time."""

from collections.abc import Iterable
from datetime import timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.operating.moving.timezone_changes import TimezoneChanges
from shutterpost.flows.picking.arm_slots import ArmResult, SlotArmer
from shutterpost.personas import Persona, Personas
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import Timers

# A run ends before its function's minute is over; a timer starts the next run for the rest.
BUDGET = timedelta(seconds=35)
NEXT_RUN = timedelta(seconds=15)


class ArmReport(Value):
    """The result of a run: `moved` are schedules whose slot or zone had changed, `failed` personas that were not armed.

    `continues_after` is the last persona of a run that another run continues.
    """

    moved: tuple[str, ...]
    armed: tuple[ArmResult, ...]
    failed: tuple[str, ...] = ()
    continues_after: str | None = None


@flow
class ArmAll:
    clock: Clock
    personas: Personas
    timers: Timers
    armer: SlotArmer
    timezone_changes: TimezoneChanges

    def run(self, after: str | None = None) -> ArmReport:
        """Arm every active persona with an id above `after`, in the order of their ids."""
        return self._arm(self.personas.active(after))

    def run_one(self, persona_id: str) -> ArmReport:
        return self._arm([self.personas.get(persona_id)])

    def _arm(self, personas: Iterable[Persona]) -> ArmReport:
        until = self.clock.now() + BUDGET
        moved, armed, failed = list[str](), list[ArmResult](), list[str]()
        done: str | None = None
        for persona in personas:
            if self.clock.now() >= until and done is not None:
                self.timers.arm_rest(done, at=self.clock.now() + NEXT_RUN, function_arn=self.armer.function_arn)
                return _report(moved, armed, failed, done)
            try:
                # Before arming, so that a moved schedule claims its slot before a pick does.
                moved += self.timezone_changes.follow(persona)
                armed.append(self.armer.arm(persona.persona_id))
            except Exception:  # noqa: BLE001 - one failure must not stop the others; the run reports it
                logger.exception("persona not armed", persona_id=persona.persona_id)
                failed.append(persona.persona_id)
            done = persona.persona_id
        return _report(moved, armed, failed, None)


def _report(moved: list[str], armed: list[ArmResult], failed: list[str], continues: str | None) -> ArmReport:
    return ArmReport(moved=tuple(moved), armed=tuple(armed), failed=tuple(failed), continues_after=continues)
