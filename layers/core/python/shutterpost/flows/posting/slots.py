"""A persona's coming slots: which are free, and why the others are not."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from shutterpost.flows.posting.capacity import find_conflict
from shutterpost.flows.posting.create_post import PostCreator, connected
from shutterpost.personas import Persona, SlotInstant, coming_slots
from shutterpost.scheduling import ClaimState, slot_claim_key

# Slots are worked out this far at a time, so that the next one costs little.
_STRETCH = timedelta(days=14)


class ComingSlot(SlotInstant):
    """A coming slot; where it is not free, the post that has it or the rule that forbids it."""

    free: bool
    post_id: str | None = None
    reason: str | None = None


def slots_between(scheduler: PostCreator, persona: Persona, after: datetime, until: datetime) -> Iterator[ComingSlot]:
    """`persona`'s slots with `after < run_at <= until`, earliest first, each looked at when it is asked for."""
    targets = [one.connection_id for one in connected(scheduler.connections.list(persona.persona_id))]
    while after < until:
        end = min(after + _STRETCH, until)
        for slot in coming_slots(persona, after, end):
            yield _looked_at(scheduler, persona, targets, slot)
        after = end


def free_slots(
    scheduler: PostCreator,
    persona: Persona,
    connection_ids: Collection[str],
    after: datetime,
    until: datetime,
    *,
    post_id: str,
) -> Iterator[SlotInstant]:
    """The slots with `after < run_at <= until` that post `post_id` may have: nobody else's, and with room for it."""
    for slot in coming_slots(persona, after, until):
        holders = {_holder(scheduler, persona, slot, part) for part in (None, *connection_ids)}
        if (
            not holders - {None, post_id}
            and find_conflict(scheduler.schedules, persona, connection_ids, slot.run_at, besides=post_id) is None
        ):
            yield slot


def _looked_at(
    scheduler: PostCreator, persona: Persona, connection_ids: Collection[str], slot: SlotInstant
) -> ComingSlot:
    holder = _holder(scheduler, persona, slot, None)
    if holder is not None:
        return ComingSlot(**slot.model_dump(), free=False, post_id=holder, reason=f"Post {holder} has it.")
    hindered = find_conflict(scheduler.schedules, persona, connection_ids, slot.run_at)
    return ComingSlot(**slot.model_dump(), free=hindered is None, reason=hindered.detail if hindered else None)


def _holder(scheduler: PostCreator, persona: Persona, slot: SlotInstant, part: str | None) -> str | None:
    """The post that has a slot, or one connection's part in it."""
    claim = scheduler.claims.get(slot_claim_key(persona.persona_id, slot.run_at, part))
    return claim.holder if claim is not None and claim.state is ClaimState.HELD else None
