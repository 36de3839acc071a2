"""Picks for slots whose timer was lost, as long as their posts can go out in time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from shutterpost.flows.flow import flow
from shutterpost.personas import Persona, Personas, announced_slots
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.scheduling import Claims, Posts, slot_claim_key

if TYPE_CHECKING:
    from shutterpost.flows.picking.pick_next import Picker

# A timer fires within a minute of its time, and an event that fails is delivered again within the next three.
LOST_AFTER = timedelta(minutes=5)


@flow
class MissedSlots:
    """Finds slots that should have been picked for, and picks; the slot's claim keeps a late timer from a second pick.

    After a change of the persona its arming has as long as a timer. Slots past the grace are left to the daily arming.
    """

    clock: Clock
    personas: Personas
    posts: Posts
    claims: Claims
    picker: "Callable[[], Picker]"

    def of_everyone(self) -> Iterator[tuple[Persona, datetime]]:
        """Active personas with their slots that nothing was picked for."""
        for persona in self.personas.active():
            for slot_at in self._of(persona):
                yield persona, slot_at

    def pick(self, persona: Persona, slot_at: datetime) -> None:
        logger.warning("slot timer lost", persona_id=persona.persona_id, slot_at=iso(slot_at))
        self.picker().pick(persona.persona_id, slot_at)

    def _of(self, persona: Persona) -> Iterator[datetime]:
        now = self.clock.now()
        if now < persona.updated_at + LOST_AFTER:
            return
        for slot_at in announced_slots(persona, now - persona.late_grace, now + persona.pick_ahead - LOST_AFTER):
            claim = self.claims.get(slot_claim_key(persona.persona_id, slot_at))
            if claim is None and self.posts.decision(persona.persona_id, slot_at) is None:
                yield slot_at
