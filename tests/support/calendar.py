"""Months of posting in simulated time: the forecast of the first day, and what was published."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from shutterpost.flows.picking.forecast import Forecast
from shutterpost.flows.wiring import build_health_check
from shutterpost.personas import Persona, coming_slots
from tests.support.libraries import stock
from tests.support.system import System

DAY = timedelta(days=1)
# Score alone, themes by share with limits, one theme a week; in zones that change their clocks.
PERSONAS: tuple[dict[str, Any], ...] = (
    {"name": "By Score", "zone": "Europe/Berlin", "slots": ({"at": "09:00"},)},
    {
        "name": "By Share",
        "zone": "America/New_York",
        "slots": ({"at": "18:30"},),
        "strategy": "pillars",
        "themes": (
            {"name": "birds", "weight": 2, "max_per_week": 3},
            {"name": "boats", "weight": 1, "min_gap_days": 2},
            {"name": "bridges", "weight": 1, "target_per_week": 2},
        ),
    },
    {
        "name": "By Week",
        "zone": "Australia/Sydney",
        "slots": ({"weekdays": ("mon", "wed", "sat"), "at": "02:30"}, {"weekdays": ("sun",), "at": "12:00"}),
        "strategy": "theme_of_week",
    },
)


class Outcome(NamedTuple):
    """A persona's plan of the first day, and the photo that each slot then had."""

    persona: Persona
    plan: Forecast
    picked: dict[datetime, str]
    published: int


def settle_in(
    system: System, *, photos: int, only: str | None = None, put: Callable[..., None] = stock
) -> list[Persona]:
    """Make the personas, or `only` the one of that name, each with a connection and `photos`, put there by `put`."""
    collected = []
    for seed, rules in enumerate(PERSONAS, start=1):
        if only not in {None, rules["name"]}:
            continue
        persona = system.add_persona(**rules)
        system.connect(persona, "instagram")
        put(system, persona, photos, seed=seed)
        collected.append(persona)
    return collected


def live_through(system: System, personas: list[Persona], days: int, *, publish: bool) -> list[Outcome]:
    """Plan on day 0, then let the real flows arm, pick and, with `publish`, post for `days`; tell both."""
    plans = {item.persona_id: system.forecaster.plan(item, days) for item in personas}
    if publish:
        for _ in range(days):
            system.arm_all.run()
            # The day's other standing jobs: without the first, tokens end after two months.
            build_health_check(system.stores, system.platforms).run()
            system.syncer.run()
            system.advance_to(system.clock.now() + DAY)
    else:
        _pick_all(system, personas, days)
    return [_outcome(system, persona, plans[persona.persona_id]) for persona in personas]


def broken_rules(outcome: Outcome) -> list[str]:
    """Where a plan breaks a gap or a weekly maximum of the persona's themes, or leaves a slot without a word."""
    collected = []
    days = [(datetime.fromisoformat(slot.wall_time).date(), slot) for slot in outcome.plan.slots]
    for day, slot in days:
        if slot.photo_id is None and not slot.reason:
            collected.append(f"{day}: empty and not explained")
        for theme in (item for item in outcome.persona.themes if item.name == slot.theme):
            before = [other for other, its in days if its.theme == theme.name and other < day]
            if any((day - other).days < theme.min_gap_days for other in before):
                collected.append(f"{day}: {theme.name} too soon")
            in_week = sum(other.isocalendar()[:2] == day.isocalendar()[:2] for other in before)
            if theme.max_per_week is not None and in_week >= theme.max_per_week:
                collected.append(f"{day}: {theme.name} too often")
    return collected


def _pick_all(system: System, personas: list[Persona], days: int) -> None:
    """Every slot's event in order of time, each at its lead before the slot."""
    now = system.clock.now()
    slots = [(slot.run_at, item) for item in personas for slot in coming_slots(item, now, now + days * DAY)]
    for run_at, persona in sorted(slots, key=lambda slot: slot[0]):
        fire_at = run_at - timedelta(seconds=persona.pick_lead_seconds)
        system.clock.sleep(fire_at - system.clock.now())
        system.picker.pick(persona.persona_id, run_at)


def _outcome(system: System, persona: Persona, plan: Forecast) -> Outcome:
    picked, published, cursor = {}, 0, None
    while True:
        page = system.stores.posts.of_persona(persona.persona_id, limit=100, cursor=cursor)
        for post in page.posts:
            if post.slot_at is not None:
                picked[post.slot_at] = post.photo_ids[0]
                published += all(
                    schedule.status == "success" for schedule in system.schedules_of(post.post_id).values()
                )
        cursor = page.cursor
        if cursor is None:
            return Outcome(persona, plan, picked, published)
