"""How long a persona's library lasts, as a whole and theme by theme."""

from datetime import datetime, timedelta

from shutterpost.curation import Stock, stock_of
from shutterpost.personas import Persona, coming_slots
from shutterpost.photos import Photos
from shutterpost.runtime.values import Value

# Looked at; where more photos are left than these days have slots, no more are counted.
HORIZON = timedelta(days=90)


class Runway(Value):
    """What is left for the coming slots; `themes` are those the persona names, by their share."""

    whole: Stock
    themes: tuple[Stock, ...] = ()


def runway_of(photos: Photos, persona: Persona, now: datetime) -> Runway:
    """The persona's runway at `now`; counts no more photos than the slots of `HORIZON`."""
    slots = [slot.run_at for slot in coming_slots(persona, now, now + HORIZON)]
    low = timedelta(days=persona.runway_days)

    def left(theme: str | None, share: float) -> Stock:
        found = photos.stock(persona.persona_id, len(slots) + 1, provisional=persona.allow_provisional, theme=theme)
        return stock_of(found, slots, now=now, low=low, share=share, theme=theme)

    wanted = [theme for theme in persona.themes if theme.weight > 0]
    whole = sum(theme.weight for theme in wanted)
    return Runway(whole=left(None, 1), themes=tuple(left(theme.name, theme.weight / whole) for theme in wanted))
