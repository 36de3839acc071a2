"""Claims on slots: each connection claims its part, and a post that fills the slot claims the whole."""

from collections.abc import Sequence
from datetime import datetime

from shutterpost.channels import ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.slots import connected, is_slot_ahead
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.commit import Write
from shutterpost.scheduling import Claims, ClaimState, Post, Schedule, slot_claim_key


@flow
class SlotClaims:
    clock: Clock
    connections: ConnectionStore
    claims: Claims

    def keys(
        self, persona: Persona, connection_ids: Sequence[str], at: datetime, *, picked: bool
    ) -> list[tuple[str, str]]:
        """The labels and keys of the claims that a new post needs for `at`; those of a pick include the whole slot."""
        ahead = picked or is_slot_ahead(persona, at, self.clock.now())
        parts = list(connection_ids) if ahead else []
        keys = [(f"slot:{part}", slot_claim_key(persona.persona_id, at, part)) for part in parts]
        if picked or (parts and self._connected_ids(persona) <= set(parts)):
            keys.append(("slot", slot_claim_key(persona.persona_id, at)))
        return keys

    def part(self, persona: Persona, schedule: Schedule, at: datetime) -> list[Write]:
        """The writes, labelled `slot`, that claim a schedule's part in the slot at `at`; none if there is no slot.

        They claim the whole slot if its post then has all parts.
        """
        now = self.clock.now()
        if not is_slot_ahead(persona, at, now):
            return []
        holder, whole = schedule.post_id, slot_claim_key(persona.persona_id, at)
        keys = [slot_claim_key(persona.persona_id, at, schedule.connection_id)]
        others = self._connected_ids(persona) - {schedule.connection_id}
        parts = [slot_claim_key(persona.persona_id, at, other) for other in others]
        if all(self._holder(key) == holder for key in parts) and self._holder(whole) in {None, holder}:
            keys.append(whole)
        return [self.claims.take("slot", key, holder=holder, owner=schedule.owner, now=now, again=True) for key in keys]

    def transfer(
        self, persona: Persona, connection_ids: Sequence[str], at: datetime, *, giver: str, holder: Post
    ) -> list[Write]:
        """The writes, labelled `slot`, that give the parts of post `giver` in the slot at `at` to post `holder`."""
        now, writes = self.clock.now(), list[Write]()
        for part in (*connection_ids, None):
            key = slot_claim_key(persona.persona_id, at, part)
            holding = self._holder(key)
            if holding == giver:
                writes.append(self.claims.transfer("slot", key, giver=giver, holder=holder.post_id, now=now))
            elif holding is None and part is not None and is_slot_ahead(persona, at, now):
                writes.append(self.claims.take("slot", key, holder=holder.post_id, owner=holder.owner, now=now))
        return writes

    def _connected_ids(self, persona: Persona) -> set[str]:
        return {item.connection_id for item in connected(self.connections.list(persona.persona_id))}

    def _holder(self, key: str) -> str | None:
        claim = self.claims.get(key)
        return claim.holder if claim is not None and claim.state is ClaimState.HELD else None
