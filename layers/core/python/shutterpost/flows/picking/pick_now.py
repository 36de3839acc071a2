"""A person's wish to have a slot filled before its time, or to see what would fill it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shutterpost.flows.picking.forecast import MAX_DAYS, Forecaster, ForecastSlot
from shutterpost.flows.posting.create_post import PostCreator
from shutterpost.flows.posting.slots import ComingSlot, slots_between
from shutterpost.flows.refusals import NoFreeSlot, SlotUnknown
from shutterpost.personas import Persona
from shutterpost.runtime.clock import iso

_STEP = timedelta(microseconds=1)


def slot_to_fill(scheduler: PostCreator, persona: Persona, slot_at: datetime | None) -> ComingSlot:
    """The persona's slot at `slot_at` (aware), or its next free one. Raises `SlotUnknown` and `NoFreeSlot`."""
    now = scheduler.clock.now()
    if slot_at is None:
        free = (slot for slot in _slots(scheduler, persona, (now, now + timedelta(days=MAX_DAYS))) if slot.free)
        return _first(free, NoFreeSlot(f"{persona.name} has no free slot ahead; give it one, or resume it."))
    unknown = f"{persona.name} has no coming slot at {iso(slot_at)}; list its slots and take one of them."
    until = max(slot_at, now)
    return _first(_slots(scheduler, persona, (until - _STEP, until)), SlotUnknown(unknown, field="slot_at"))


def foreseen(scheduler: PostCreator, persona: Persona, slot: ComingSlot) -> ForecastSlot:
    """What the slot will be given if nothing changes; nothing is written."""
    days = (slot.run_at - scheduler.clock.now()).days + 1
    plan = Forecaster(scheduler=scheduler).plan(persona, days)
    return next(one for one in plan.slots if one.run_at == slot.run_at)


def _slots(scheduler: PostCreator, persona: Persona, window: tuple[datetime, datetime]) -> Iterator[ComingSlot]:
    return slots_between(scheduler.claims, scheduler.schedules, scheduler.connections, persona, window)


def _first(slots: Iterator[ComingSlot], otherwise: NoFreeSlot | SlotUnknown) -> ComingSlot:
    for slot in slots:
        return slot
    raise otherwise
