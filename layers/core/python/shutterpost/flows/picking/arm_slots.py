"""Arming a persona's slots: timers that pick for the coming slots, and picks for slots whose timer never fired."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shutterpost.flows.flow import flow
from shutterpost.flows.picking.pick_next import Picker
from shutterpost.personas import EXPLAINED_FOR, Persona, Personas, PersonaStatus, announced_slots, coming_slots
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import MIN_AHEAD, Claims, Posts, Timers, slot_claim_key, slot_name

# A daily run arms a day and a half ahead, so that a late or repeated run leaves no slot unarmed.
ARM_AHEAD = timedelta(hours=36)


class ArmResult(Value):
    """The slots that were armed, those picked for at once, and the timers that were deleted."""

    persona_id: str
    armed: tuple[datetime, ...]
    started: tuple[datetime, ...]
    disarmed: tuple[str, ...]


@flow
class SlotArmer:
    """Arms slots; `function_arn` is the function that slot timers invoke."""

    clock: Clock
    personas: Personas
    posts: Posts
    claims: Claims
    timers: Timers
    picker: Picker
    function_arn: str

    def arm(self, persona_id: str) -> ArmResult:
        """Arm the persona's coming slots and delete timers that no longer apply; repeating it changes nothing.

        Repeats itself if the persona was changed meanwhile. Raises `PersonaNotFound`.
        """
        while True:
            # Listed before the persona is read, so that timers of a newer change are not taken for stale ones.
            names = list(self.timers.armed_slots(persona_id))
            persona = self.personas.get(persona_id)
            result = self._arm(persona, names)
            if self.personas.get(persona_id).version == persona.version:
                return result

    def _arm(self, persona: Persona, names: Sequence[str]) -> ArmResult:
        now = self.clock.now()
        active = persona.status is PersonaStatus.ACTIVE
        armed, started = list[datetime](), list[datetime]()
        for slot in coming_slots(persona, now, now + ARM_AHEAD + persona.pick_ahead) if active else []:
            fire_at = slot.run_at - persona.pick_ahead
            if fire_at > now + MIN_AHEAD:
                self.timers.arm_slot(persona.persona_id, slot.run_at, fire_at=fire_at, function_arn=self.function_arn)
                armed.append(slot.run_at)
            else:
                self.picker.pick(persona.persona_id, slot.run_at)
                started.append(slot.run_at)
        started += self._missed(persona, now)
        wanted = {slot_name(persona.persona_id, slot_at) for slot_at in armed}
        stale = tuple(name for name in names if name not in wanted)
        for name in stale:
            self.timers.disarm_slot(name)
        logger.info("slots armed", persona_id=persona.persona_id, armed=len(armed), started=len(started))
        return ArmResult(persona_id=persona.persona_id, armed=tuple(armed), started=tuple(started), disarmed=stale)

    def _missed(self, persona: Persona, now: datetime) -> Iterator[datetime]:
        for slot_at in announced_slots(persona, now - EXPLAINED_FOR, now):
            if self.posts.decision(persona.persona_id, slot_at) is not None:
                continue
            if self.claims.get(slot_claim_key(persona.persona_id, slot_at)) is None:
                self.picker.pick(persona.persona_id, slot_at)
                yield slot_at
