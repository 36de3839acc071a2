"""The runway: how long a persona's library lasts, as a whole and by theme."""

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

# The slots that are counted; no more photos are counted than they need.
HORIZON = timedelta(days=90)


class Runway(Value):
    """The photos left for the coming slots; `themes` are the persona's, each with its share of the slots."""

    whole: Stock
    themes: tuple[Stock, ...] = ()


def runway_of(photos: Photos, persona: Persona, now: datetime) -> Runway:
    """The persona's runway at `now`, for the slots of `HORIZON`."""
    slots = [slot.run_at for slot in coming_slots(persona, now, now + HORIZON)]
    low = timedelta(days=persona.runway_days)

    def left(theme: str | None, share: float) -> Stock:
        most = len(slots) + 1
        allowed = persona.allow_provisional
        count = photos.stock(persona.persona_id, most, provisional=allowed, theme=theme)
        analysed = photos.stock(persona.persona_id, most, provisional=False, theme=theme) if allowed else count
        unanalysed = photos.provisional_stock(persona.persona_id, most - analysed, theme=theme)
        stock = stock_of(count, slots, now=now, low=low, share=share, theme=theme)
        return stock.model_copy(update={"provisional" if allowed else "not_allowed": unanalysed})

    wanted = [theme for theme in persona.themes if theme.weight > 0]
    whole = sum(theme.weight for theme in wanted)
    return Runway(whole=left(None, 1), themes=tuple(left(theme.name, theme.weight / whole) for theme in wanted))


class RunwayChange(Value):
    """A stock that reached another level since the last notification."""

    persona_id: str
    theme: str | None
    level: RunwayLevel


@dataclass(frozen=True, kw_only=True)
class RunwayWatch:
    """Logs the runways daily, and notifies the owner when a level changes."""

    clock: Clock
    personas: Personas
    photos: Photos
    notices: Notices

    def run(self) -> tuple[RunwayChange, ...]:
        """Check every active persona's library; returns the levels that changed."""
        return tuple(change for persona in self.personas.active() for change in self._changes(persona))

    def _changes(self, persona: Persona) -> Iterable[RunwayChange]:
        runway = runway_of(self.photos, persona, self.clock.now())
        for stock in (runway.whole, *runway.themes):
            log = logger.info if stock.level is RunwayLevel.READY else logger.warning
            log("runway", persona_id=persona.persona_id, **stock.model_dump(mode="json"))
            if self._notify(persona, stock):
                yield RunwayChange(persona_id=persona.persona_id, theme=stock.theme, level=stock.level)

    def _notify(self, persona: Persona, stock: Stock) -> bool:
        topic = "runway" if stock.theme is None else f"runway#{stock.theme}"
        # The owner is not notified of a library that was never short.
        if stock.level is RunwayLevel.READY and not self.notices.status(persona.persona_id, topic):
            return False
        library = persona.name if stock.theme is None else f"{persona.name}, theme {stock.theme}"
        return self.notices.notify(
            persona.persona_id,
            persona.owner,
            topic,
            stock.level,
            subject=f"{library}: the library is {stock.level}",
            text=f"{library}: {_left(stock)}",
        )


def _left(stock: Stock) -> str:
    if stock.level is RunwayLevel.EXHAUSTED and not stock.not_allowed:
        return "no photo is left; slots stay empty until photos are added or returned."
    left = f"{stock.photos} photos are left"
    if stock.provisional:
        left += f" ({stock.provisional} of them without an analysis)"
    if stock.not_allowed:
        left += f", and {stock.not_allowed} without an analysis that the persona's allow_provisional excludes"
    if stock.lasts_until is None:
        return f"{left}, enough for the slots of the next {HORIZON.days} days."
    text = f"{left}, for {stock.days} days, until the slot of {stock.lasts_until:%Y-%m-%d}"
    return f"{text}." if stock.level is RunwayLevel.READY else f"{text}; add some more."
