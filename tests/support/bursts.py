"""Photos of a burst, and the picks that get them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shutterpost.curation import Decision
from shutterpost.personas import Persona
from shutterpost.scheduling import PostDetails
from tests.support.system import System

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
TAKEN = datetime(2026, 5, 1, 12, tzinfo=UTC)
FAR = 0xFFFF_FFFF_0000_0000


def frames(system: System, persona: Persona, count: int = 3, **facts: Any) -> list[str]:
    """Ids of a burst, the best first and taken last, and of a worse photo of something else."""
    for number in range(1, count + 1):
        given = {"dhash": f"{1 << number:016x}", "captured_at": TAKEN - timedelta(seconds=number), **facts}
        system.add_photo(persona, number, score=9.0 - number / 10, **given)
    system.add_photo(persona, 99, score=2.0, dhash=f"{FAR:016x}", captured_at=TAKEN)
    return [f"{number:064x}" for number in range(1, count + 1)]


def picked(system: System, persona: Persona, slot_at: datetime = SLOT) -> PostDetails:
    result = system.picker.pick(persona.persona_id, slot_at)
    assert result.post_id is not None, result.reason
    return system.stores.posts.details(result.post_id)


def decision_of(system: System, persona: Persona, slot_at: datetime = SLOT) -> Decision:
    record = system.stores.posts.decision(persona.persona_id, slot_at)
    assert record is not None
    return Decision.model_validate(record.body)


def persona_with(system: System, carousels: str, *kinds: Any, **rules: Any) -> Persona:
    persona = system.add_persona(carousels=carousels, **rules)
    for kind in kinds or ("instagram",):
        system.connect(persona, kind)
    return persona
