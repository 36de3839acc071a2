"""The runway: how long a persona's library lasts, as a whole and by theme."""

from collections.abc import Collection
from datetime import datetime, timedelta

from shutterpost.curation import RunwayLevel, Stock, stock_of
from shutterpost.flows.flow import flow
from shutterpost.flows.notifying.conditions import Condition, Scope
from shutterpost.flows.notifying.kinds import NoticeKind
from shutterpost.flows.notifying.ports import Observed
from shutterpost.personas import Persona, PersonaStatus, coming_slots
from shutterpost.photos import Photos
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
    wanted = [theme for theme in persona.themes if theme.weight > 0]
    whole = sum(theme.weight for theme in wanted)
    themes = tuple(stock_left(photos, persona, now, theme.name, theme.weight / whole) for theme in wanted)
    return Runway(whole=stock_left(photos, persona, now), themes=themes)


def stock_left(photos: Photos, persona: Persona, now: datetime, theme: str | None = None, share: float = 1) -> Stock:
    """The photos left for the slots of `HORIZON`, or of a theme for its share of them."""
    slots = [slot.run_at for slot in coming_slots(persona, now, now + HORIZON)]
    low = timedelta(days=persona.runway_days)
    most = len(slots) + 1
    allowed = persona.allow_provisional
    count = photos.stock(persona.persona_id, most, provisional=allowed, theme=theme)
    analysed = photos.stock(persona.persona_id, most, provisional=False, theme=theme) if allowed else count
    unanalysed = photos.provisional_stock(persona.persona_id, most - analysed, theme=theme)
    stock = stock_of(count, slots, now=now, low=low, share=share, theme=theme)
    return stock.model_copy(update={"provisional" if allowed else "not_allowed": unanalysed})


@flow
class LibraryObserver:
    """Observes how long the libraries of active personas last; counts photos once a day."""

    photos: Photos

    def observe(self, persona: Persona, now: datetime, _: Collection[str]) -> Observed:
        """A condition for the library and for each theme that does not last long enough."""
        active = persona.status is PersonaStatus.ACTIVE
        runway = runway_of(self.photos, persona, now) if active else None
        stocks = (runway.whole, *runway.themes) if runway else ()
        for stock in stocks:
            logger.info("runway", persona_id=persona.persona_id, **stock.model_dump(mode="json"))
        conditions = [_condition(persona, stock) for stock in stocks if stock.level is not RunwayLevel.READY]
        return Observed(conditions, Scope(persona_id=persona.persona_id, kinds=frozenset({NoticeKind.LIBRARY_LOW})))


def runway_text(photos: Photos, persona: Persona, now: datetime) -> str:
    """How many photos the persona's library has left, and for how long."""
    return _left(runway_of(photos, persona, now).whole)


def _condition(persona: Persona, stock: Stock) -> Condition:
    return Condition(
        kind=NoticeKind.LIBRARY_LOW,
        subject=stock.theme or "",
        persona_id=persona.persona_id,
        label=f"{persona.name}{f', theme {stock.theme}' if stock.theme else ''}: the library is {stock.level}",
        what=_left(stock),
        level=stock.level,
        commands=(
            f"shutterpost photos import FOLDER --persona {persona.persona_id}",
            f"shutterpost personas update {persona.persona_id} --set evergreen=true",
        ),
        zone=persona.zone,
    )


def _left(stock: Stock) -> str:
    if stock.level is RunwayLevel.EXHAUSTED and not stock.not_allowed:
        return "No photo is left; slots stay empty until photos are added or returned."
    left = f"{stock.photos} photos are left"
    if stock.provisional:
        left += f" ({stock.provisional} of them without an analysis)"
    if stock.not_allowed:
        left += f", and {stock.not_allowed} without an analysis that the persona's allow_provisional excludes"
    if stock.lasts_until is not None:
        left += f", for {stock.days} days, until the slot of {stock.lasts_until:%Y-%m-%d}"
    return f"{left}."
