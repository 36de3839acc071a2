"""The public API of the personas pack: social identities, their slots and rules."""

from shutterpost.personas.curating import Strategy, Theme, Weights
from shutterpost.personas.persona import (
    NEAR_DUPLICATE_BITS,
    TEMPLATE_FACTS,
    ApprovalMode,
    LateThen,
    Name,
    Persona,
    PersonaRules,
    PersonaStatus,
    RatioPolicy,
    Slot,
    Weekday,
    Zone,
    new_persona,
    persona_id_for,
)
from shutterpost.personas.slots import SlotInstant, coming_slots, instant_of
from shutterpost.personas.store import (
    NameIsFixed,
    PersonaExists,
    PersonaNotFound,
    PersonaPage,
    Personas,
    StaleVersion,
    use_table,
)

__all__ = [
    "NEAR_DUPLICATE_BITS",
    "TEMPLATE_FACTS",
    "ApprovalMode",
    "LateThen",
    "Name",
    "NameIsFixed",
    "Persona",
    "PersonaExists",
    "PersonaNotFound",
    "PersonaPage",
    "PersonaRules",
    "PersonaStatus",
    "Personas",
    "RatioPolicy",
    "Slot",
    "SlotInstant",
    "StaleVersion",
    "Strategy",
    "Theme",
    "Weekday",
    "Weights",
    "Zone",
    "coming_slots",
    "instant_of",
    "new_persona",
    "persona_id_for",
    "use_table",
]
