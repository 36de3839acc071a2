"""The look-ahead: what each coming slot would get, checked once, early enough to leave out a photo that is not fit.

A slot is examined `preflight_hours` before its time; its photo is picked later. Nothing is claimed.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from shutterpost.channels import Catalogue, Cause, Connection, ConnectionStatus, ConnectionStore
from shutterpost.flows.flow import flow
from shutterpost.flows.picking.forecast import Forecaster, ForecastSlot
from shutterpost.flows.picking.foreseen import Foreseen, ReplacedPhoto
from shutterpost.flows.refusals import ConnectionNotConnected
from shutterpost.flows.syncing.health import HealthCheck
from shutterpost.flows.syncing.rendition_check import RenditionCheck
from shutterpost.personas import Persona, Personas, SlotInstant, coming_slots
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock, iso
from shutterpost.runtime.telemetry import logger
from shutterpost.runtime.values import Value
from shutterpost.scheduling import LookAheads

# The most photos that one look-ahead withholds, so that a broken bucket does not empty the library.
MAX_WITHHELD = 3
# Look-aheads are kept for so long after their slot.
KEPT = timedelta(days=2)


class SlotAtRisk(Value):
    """A coming slot that would stay empty, and why."""

    persona_id: str
    slot_at: datetime
    reason: str


class LookAheadReport(Value):
    """The result of a run: slots examined, slots at risk, photos withheld, and personas that could not be examined."""

    examined: int
    at_risk: tuple[SlotAtRisk, ...] = ()
    withheld: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@flow
class LookAhead:
    clock: Clock
    catalogue: Catalogue
    personas: Personas
    photos: Photos
    connections: ConnectionStore
    forecaster: Forecaster
    health: HealthCheck
    renditions: RenditionCheck
    look_aheads: LookAheads

    def run(self) -> LookAheadReport:
        """Examine the coming slots of every active persona that were not examined yet."""
        examined, at_risk, withheld, failed = 0, list[SlotAtRisk](), list[str](), list[str]()
        for persona in self.personas.active():
            try:
                foreseen = self._examine(persona)
            except Exception:  # noqa: BLE001 - one failure must not stop the others; the run reports it
                logger.exception("slots not examined", persona_id=persona.persona_id)
                failed.append(persona.persona_id)
                continue
            examined += len(foreseen)
            at_risk += _risks(persona.persona_id, foreseen)
            withheld += [photo.name for item in foreseen.values() for photo in item.replaced]
        for risk in at_risk:
            logger.warning("slot at risk", **risk.model_dump(mode="json"))
        return LookAheadReport(
            examined=examined, at_risk=tuple(at_risk), withheld=tuple(withheld), failed=tuple(failed)
        )

    def risks(self, persona: Persona) -> tuple[SlotAtRisk, ...]:
        """The persona's coming slots that were at risk when they were examined."""
        stored = {key: Foreseen.model_validate(body) for key, body in self.look_aheads.get(persona.persona_id).items()}
        now = self.clock.now()
        return tuple(risk for risk in _risks(persona.persona_id, stored) if risk.slot_at > now)

    def _examine(self, persona: Persona) -> dict[str, Foreseen]:
        now = self.clock.now()
        stored = self.look_aheads.get(persona.persona_id)
        until = now + timedelta(hours=persona.preflight_hours)
        slots = [slot for slot in coming_slots(persona, now, until) if iso(slot.run_at) not in stored]
        if not slots:
            return {}
        connections = self._working(persona)
        foreseen = {iso(slot.run_at): self._foresee(persona, slot, connections) for slot in slots}
        kept = {key: body for key, body in stored.items() if datetime.fromisoformat(key) > now - KEPT}
        fresh = {key: item.model_dump(mode="json") for key, item in foreseen.items()}
        self.look_aheads.put(persona.persona_id, persona.owner, {**kept, **fresh})
        return foreseen

    def _working(self, persona: Persona) -> Sequence[Connection]:
        connections = [
            item for item in self.connections.list(persona.persona_id) if item.status is not ConnectionStatus.REVOKED
        ]
        return [item for item in connections if self._works(item)]

    def _works(self, connection: Connection) -> bool:
        try:
            return self.health.try_now(connection.persona_id, connection.connection_id).works
        except ConnectionNotConnected:
            # It was revoked since it was listed.
            return False

    def _foresee(self, persona: Persona, slot: SlotInstant, connections: Sequence[Connection]) -> Foreseen:
        now, replaced = self.clock.now(), list[ReplacedPhoto]()
        for planned in self._forecasts(persona, slot):
            facts = {"checked_at": now, "name": planned.name, "replaced": tuple(replaced)}
            if planned.post_id is not None:
                return Foreseen(**facts, photo_id=planned.photo_id)
            if not connections:
                return Foreseen(**facts, risk="No connection accepts a post now.")
            if planned.photo_id is None:
                return Foreseen(**facts, risk=planned.reason)
            rows = (self.catalogue.row(connection.channel) for connection in connections)
            different = {(row.rendition, row.media): row for row in rows}
            checks = (
                (photo_id, name, self.renditions.fault(persona.persona_id, photo_id, row))
                for photo_id, name in _posted(planned.photo_id, planned)
                for _, row in sorted(different.items())
            )
            bad = next(((photo_id, name, fault) for photo_id, name, fault in checks if fault is not None), None)
            if bad is None:
                return Foreseen(**facts, photo_id=planned.photo_id)
            photo_id, name, fault = bad
            if fault.cause is not Cause.PHOTO or len(replaced) == MAX_WITHHELD:
                return Foreseen(**facts, photo_id=planned.photo_id, risk=fault.message)
            self._withhold(persona, photo_id, fault.message)
            replaced.append(ReplacedPhoto(name=name, reason=fault.message))
        return Foreseen(checked_at=now, replaced=tuple(replaced), risk="The persona has no such slot any more.")

    def _forecasts(self, persona: Persona, slot: SlotInstant) -> Iterator[ForecastSlot]:
        days = (slot.run_at - self.clock.now()).days + 1
        while True:
            planned = self.forecaster.plan(persona, days).slots
            own = next((item for item in planned if item.run_at == slot.run_at), None)
            if own is None:
                return
            yield own

    def _withhold(self, persona: Persona, photo_id: str, reason: str) -> None:
        photo = self.photos.get(persona.persona_id, photo_id)
        logger.warning("photo withheld", persona_id=persona.persona_id, photo_id=photo_id, reason=reason)
        self.photos.renew(photo, renditions={}, made_for={}, withheld=reason)


def _posted(photo_id: str, planned: ForecastSlot) -> Iterator[tuple[str, str]]:
    yield photo_id, planned.name
    if planned.burst is not None and planned.burst.posted:
        yield from zip(planned.burst.photo_ids, planned.burst.names, strict=True)


def _risks(persona_id: str, foreseen: dict[str, Foreseen]) -> Iterator[SlotAtRisk]:
    for key, item in foreseen.items():
        if item.risk is not None:
            yield SlotAtRisk(persona_id=persona_id, slot_at=datetime.fromisoformat(key), reason=item.risk)
