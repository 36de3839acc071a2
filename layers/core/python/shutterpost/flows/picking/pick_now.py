"""Filling a slot before its time on a person's request, and a preview of what fills it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from shutterpost.channels import ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.forecast import MAX_DAYS, Forecaster, ForecastSlot
from shutterpost.flows.planning.slots import ComingSlot, slots_between
from shutterpost.flows.refusals import NoFreeSlot, SlotUnknown
from shutterpost.personas import Persona
from shutterpost.runtime.clock import Clock, iso
from shutterpost.scheduling import Claims, Schedules

_INSTANT = timedelta(microseconds=1)


@flow
class SlotChooser:
    clock: Clock
    connections: ConnectionStore
    schedules: Schedules
    claims: Claims
    forecaster: Forecaster

    def slot_to_fill(self, persona: Persona, slot_at: datetime | None) -> ComingSlot:
        """The persona's slot at `slot_at` (aware), or its next free one. Raises `SlotUnknown` and `NoFreeSlot`."""
        now = self.clock.now()
        if slot_at is None:
            free = (slot for slot in self._slots(persona, now, now + timedelta(days=MAX_DAYS)) if slot.free)
            return _first(free, NoFreeSlot(f"{persona.name} has no free slot ahead; add one, or resume the persona."))
        unknown = f"{persona.name} has no coming slot at {iso(slot_at)}; list its slots and use one of them."
        until = max(slot_at, now)
        return _first(self._slots(persona, until - _INSTANT, until), SlotUnknown(unknown, field="slot_at"))

    def preview(self, persona: Persona, slot: ComingSlot) -> ForecastSlot:
        """The forecast of the slot; nothing is written."""
        days = (slot.run_at - self.clock.now()).days + 1
        forecast = self.forecaster.plan(persona, days)
        return next(item for item in forecast.slots if item.run_at == slot.run_at)

    def _slots(self, persona: Persona, after: datetime, until: datetime) -> Iterator[ComingSlot]:
        return slots_between(self.claims, self.schedules, self.connections, persona, (after, until))


def _first(slots: Iterator[ComingSlot], otherwise: NoFreeSlot | SlotUnknown) -> ComingSlot:
    for slot in slots:
        return slot
    raise otherwise
