"""How long a persona's library lasts, as a whole and theme by theme."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shutterpost.curation import RunwayLevel, Stock, stock_of
from shutterpost.flows.syncing.notices import Notices
from shutterpost.personas import Persona, Personas, coming_slots
from shutterpost.photos import Photos
from shutterpost.runtime.clock import Clock
from shutterpost.runtime.telemetry import logger
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


class RunwayChange(Value):
    """A stock that came to another level since it was told last."""

    persona_id: str
    theme: str | None
    level: RunwayLevel


@dataclass(frozen=True, kw_only=True)
class RunwayWatch:
    """Tells the owner how long the libraries last: a line a day, and a notice where a level is crossed."""

    clock: Clock
    personas: Personas
    photos: Photos
    notices: Notices

    def run(self) -> tuple[RunwayChange, ...]:
        """Look at every active persona's library; the levels that were crossed since yesterday."""
        return tuple(crossing for persona in self.personas.active() for crossing in self._of(persona))

    def _of(self, persona: Persona) -> Iterable[RunwayChange]:
        runway = runway_of(self.photos, persona, self.clock.now())
        for stock in (runway.whole, *runway.themes):
            tell = logger.info if stock.level is RunwayLevel.READY else logger.warning
            tell("runway", persona_id=persona.persona_id, **stock.model_dump(mode="json"))
            if self._told(persona, stock):
                yield RunwayChange(persona_id=persona.persona_id, theme=stock.theme, level=stock.level)

    def _told(self, persona: Persona, stock: Stock) -> bool:
        topic = "runway" if stock.theme is None else f"runway#{stock.theme}"
        # A library that was never short is no news.
        if stock.level is RunwayLevel.READY and not self.notices.standing(persona.persona_id, topic):
            return False
        library = persona.name if stock.theme is None else f"{persona.name}, theme {stock.theme}"
        return self.notices.tell(
            persona.persona_id,
            persona.owner,
            topic,
            stock.level,
            subject=f"{library}: the library is {stock.level}",
            text=f"{library}: {_left(stock)}",
        )


def _left(stock: Stock) -> str:
    if stock.level is RunwayLevel.EXHAUSTED:
        return "no photo is left; slots stay empty until some are dropped or returned."
    left = f"{stock.photos} photos are left"
    if stock.lasts_until is None:
        return f"{left}, enough for all slots that were looked at."
    lasting = f"{left}, for {stock.days} days, until the slot of {stock.lasts_until:%Y-%m-%d}"
    return f"{lasting}." if stock.level is RunwayLevel.READY else f"{lasting}; drop some more."
