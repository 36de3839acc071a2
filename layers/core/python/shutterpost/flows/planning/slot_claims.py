"""Claims on slots: each connection claims its part, and a post that fills the slot claims the whole."""

from collections.abc import Sequence
from datetime import datetime

from shutterpost.channels import ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.planning.post_move import PostMove
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

    def parts(self, persona: Persona, schedules: Sequence[Schedule], at: datetime) -> list[Write]:
        """The writes, labelled `slot`, that claim the parts of a post's schedules in the slot at `at`, if there is one.

        They claim the whole slot if the post then has all parts.
        """
        now = self.clock.now()
        if not schedules or not is_slot_ahead(persona, at, now):
            return []
        holder, owner, whole = schedules[0].post_id, schedules[0].owner, slot_claim_key(persona.persona_id, at)
        own = [item.connection_id for item in schedules]
        keys = [slot_claim_key(persona.persona_id, at, part) for part in own]
        parts = [slot_claim_key(persona.persona_id, at, other) for other in self._connected_ids(persona) - set(own)]
        if all(self._holder(key) == holder for key in parts) and self._holder(whole) in {None, holder}:
            keys.append(whole)
        return [self.claims.take("slot", key, holder=holder, owner=owner, now=now, again=True) for key in keys]

    def transfer(self, persona: Persona, at: datetime, *, giver: PostMove, taker: PostMove) -> list[Write]:
        """The writes, labelled `slot`, that give the slot at `at`, which post `giver` leaves, to post `taker`.

        The whole slot stays claimed if `taker` has all parts of `giver`. A part of a third post refuses the writes.
        """
        ahead, needed = is_slot_ahead(persona, at, self.clock.now()), set(taker.connection_ids)
        writes = []
        for part in sorted({*giver.connection_ids, *needed}):
            key = slot_claim_key(persona.persona_id, at, part)
            writes += self._given(key, giver.post, taker.post, wanted=part in needed, ahead=ahead)
        whole, fills = slot_claim_key(persona.persona_id, at), needed >= self._connected_ids(persona)
        replaces, free = needed >= set(giver.connection_ids), self._holder(whole) is None
        return writes + self._given(
            whole, giver.post, taker.post, wanted=fills or replaces, ahead=ahead and fills and free
        )

    def _given(self, key: str, giver: Post, taker: Post, *, wanted: bool, ahead: bool) -> list[Write]:
        now, holding = self.clock.now(), self._holder(key)
        if holding == giver.post_id and wanted:
            return [self.claims.transfer("slot", key, giver=giver.post_id, holder=taker.post_id, now=now)]
        if holding == giver.post_id:
            reason = f"Post {taker.post_id} took its place."
            return [self.claims.release("slot", key, holder=giver.post_id, reason=reason, now=now)]
        if wanted and ahead:
            return [self.claims.take("slot", key, holder=taker.post_id, owner=taker.owner, now=now, again=True)]
        return []

    def _connected_ids(self, persona: Persona) -> set[str]:
        return {item.connection_id for item in connected(self.connections.list(persona.persona_id))}

    def _holder(self, key: str) -> str | None:
        claim = self.claims.get(key)
        return claim.holder if claim is not None and claim.state is ClaimState.HELD else None
