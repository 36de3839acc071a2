"""A persona's coming slots: which are free, and why others are not."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from shutterpost.channels import Connection, ConnectionStatus, ConnectionStore, catalogue
from shutterpost.flows.planning.capacity import find_conflict
from shutterpost.flows.planning.scheduled_time import ScheduledTime
from shutterpost.flows.refusals import SlotUnknown
from shutterpost.personas import Persona, SlotInstant, coming_slots
from shutterpost.scheduling import Claims, ClaimState, Schedules, slot_claim_key

# Slots are computed for this long at a time, so that the next free slot costs little.
_STEP = timedelta(days=14)
_INSTANT = timedelta(microseconds=1)


class ComingSlot(SlotInstant):
    """A coming slot; if it is not free, the post that claims it or the rule that forbids it."""

    free: bool
    post_id: str | None = None
    reason: str | None = None


def slots_between(
    claims: Claims,
    schedules: Schedules,
    connections: ConnectionStore,
    persona: Persona,
    window: tuple[datetime, datetime],
) -> Iterator[ComingSlot]:
    """The persona's slots after the start of `window`, to its end, earliest first; each is checked when requested."""
    targets = [item.connection_id for item in connected(connections.list(persona.persona_id))]
    after, until = window
    while after < until:
        end = min(after + _STEP, until)
        for slot in coming_slots(persona, after, end):
            holder = _holder(claims, persona, slot, None)
            conflict = None if holder else find_conflict(schedules, persona, targets, slot.run_at)
            reason = f"Post {holder} has it." if holder else conflict.detail if conflict else None
            yield ComingSlot(**slot.model_dump(), free=reason is None, post_id=holder, reason=reason)
        after = end


def free_slots(
    claims: Claims,
    schedules: Schedules,
    persona: Persona,
    connection_ids: Collection[str],
    window: tuple[datetime, datetime],
    *,
    post_id: str,
) -> Iterator[SlotInstant]:
    """The slots after the start of `window`, to its end, that the post may use: unclaimed and within the limits."""
    for slot in coming_slots(persona, *window):
        if slot_holders(claims, persona, slot, connection_ids) - {post_id}:
            continue
        if find_conflict(schedules, persona, connection_ids, slot.run_at, besides=post_id) is None:
            yield slot


def slot_holders(claims: Claims, persona: Persona, slot: SlotInstant, connection_ids: Collection[str]) -> set[str]:
    """The posts that claim the slot, or the part of one of the connections in it."""
    holders = (_holder(claims, persona, slot, part) for part in (None, *connection_ids))
    return {holder for holder in holders if holder is not None}


def is_slot_ahead(persona: Persona, at: datetime, now: datetime) -> bool:
    """Whether `at` is ahead and a slot of the persona."""
    return at > now and bool(coming_slots(persona, at - _INSTANT, at))


def check_slot_ahead(persona: Persona, when: ScheduledTime, now: datetime) -> None:
    """Raise `SlotUnknown` if `when` is no slot ahead of the persona."""
    if not is_slot_ahead(persona, when.run_at, now):
        raise SlotUnknown(f"Persona {persona.persona_id} has no slot at {when.wall_time} in {when.zone}.", field="slot")


def connected(connections: Sequence[Connection]) -> tuple[Connection, ...]:
    """The connections that can be posted to, and have a budget where their channel charges for posts."""
    able = (item for item in connections if item.status is ConnectionStatus.CONNECTED)
    return tuple(item for item in able if not catalogue().row(item.channel).lacks_budget(item))


def _holder(claims: Claims, persona: Persona, slot: SlotInstant, part: str | None) -> str | None:
    claim = claims.get(slot_claim_key(persona.persona_id, slot.run_at, part))
    return claim.holder if claim is not None and claim.state is ClaimState.HELD else None
