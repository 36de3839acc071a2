"""A strategy's memory is part of the pick's transaction, and a pick's reads do not grow with the library."""

from datetime import UTC, datetime, timedelta

import pytest

from shutterpost.curation import StrategyMemory
from shutterpost.flows.picking.choose_photo import (
    MAX_SHOWN,
    MAX_WINDOWS,
    NO_ANALYSES,
    WINDOW,
    LibraryCandidates,
    curate,
    history_of,
    rules_of,
)
from shutterpost.flows.syncing.runway import runway_of
from shutterpost.personas import coming_slots
from tests.support.libraries import THEMES, stock
from tests.support.system import System

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def test_repeated_event_does_not_advance_the_strategy(system: System) -> None:
    persona = system.add_persona(strategy="thematic_rotation", themes=tuple({"name": name} for name in THEMES))
    system.connect(persona, "instagram")
    stock(system, persona, 20, seed=5)

    first = system.picker.pick(persona.persona_id, SLOT)
    again = system.picker.pick(persona.persona_id, SLOT)
    system.picker.pick(persona.persona_id, SLOT + DAY)

    assert again.repeated
    history = history_of(system.stores.posts, rules_of(persona))
    assert history.version == 2
    assert [item.theme for item in history.outings] == [THEMES[1], THEMES[0]]
    post = system.stores.posts.details(first.post_id or "").post
    assert (post.theme, post.strategy) == (THEMES[0], "thematic_rotation")


def test_pick_that_lost_its_memory_to_another_chooses_anew(system: System, monkeypatch) -> None:
    persona = system.add_persona(strategy="thematic_rotation", themes=tuple({"name": name} for name in THEMES))
    system.connect(persona, "instagram")
    stock(system, persona, 20, seed=5)
    posts, read = system.stores.posts, system.stores.posts.memory
    late: list[str] = []

    def outrun(persona_id: str):
        result = read(persona_id)
        if not late:
            late.append(persona_id)
            system.picker.pick(persona_id, SLOT)
        return result

    monkeypatch.setattr(system.stores.posts, "memory", outrun)
    system.picker.pick(persona.persona_id, SLOT + DAY)

    themes = {publication.theme for publication in history_of(posts, rules_of(persona)).outings}
    assert themes == {THEMES[0], THEMES[1]}


@pytest.mark.parametrize(
    ("rules", "score"),
    [
        ({}, 9.0),
        ({"strategy": "weighted_choice"}, 8.2),
        ({"strategy": "weighted_choice", "weights": {"on_this_day": 0, "season": 0}}, 9.0),
        ({"strategy": "pillars", "themes": ({"name": "boats"},)}, 8.2),
    ],
    ids=["the default", "weighted choice", "its weights at 0", "a theme strategy"],
)
def test_bonuses_count_unless_the_strategy_is_curators_choice(system: System, rules, score: float) -> None:
    persona = system.add_persona(**rules)
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=8.2, captured_at=datetime(2020, 11, 22, tzinfo=UTC), theme="boats")
    system.add_photo(persona, 2, score=9.0, captured_at=datetime(2021, 5, 10, tzinfo=UTC), theme="boats")

    picked = system.picker.pick(persona.persona_id, SLOT)

    decision = system.stores.posts.decision(persona.persona_id, SLOT)
    assert picked.post_id is not None
    assert decision is not None
    assert decision.body["score"] == score


def test_photos_without_analyses_go_out_after_the_others(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=9.5, provisional=True)
    system.add_photo(persona, 2, score=4.0)
    stock = runway_of(system.stores.photos, persona, system.clock.now()).whole
    assert (stock.photos, stock.provisional, stock.not_allowed, stock.days) == (2, 1, 0, 2)

    reasons = [system.picker.pick(persona.persona_id, SLOT + day * DAY).reason for day in range(2)]
    assert reasons[0].startswith("photo-2.jpg has the highest score")
    assert reasons[1].startswith("photo-1.jpg has the highest provisional score")


def test_excluded_photos_without_analyses_are_counted_and_named(system: System) -> None:
    persona = system.add_persona(allow_provisional=False)
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=9.5, provisional=True)

    assert system.picker.pick(persona.persona_id, SLOT).reason == NO_ANALYSES
    [planned] = system.forecaster.plan(persona, 1).slots
    assert planned.reason == NO_ANALYSES
    stock = runway_of(system.stores.photos, persona, system.clock.now()).whole
    assert (stock.photos, stock.not_allowed, stock.level) == (0, 1, "exhausted")


def test_curators_choice_keeps_the_floors(system: System) -> None:
    persona = system.add_persona()
    system.connect(persona, "instagram")
    system.add_photo(persona, 1, score=9.0, sharpness=1.0)
    system.add_photo(persona, 2, score=8.2)
    system.picker.pick(persona.persona_id, SLOT)
    decision = system.stores.posts.decision(persona.persona_id, SLOT)
    assert decision is not None
    assert decision.body["score"] == 8.2


@pytest.mark.parametrize("photos", [60, 150])
def test_pick_reads_a_bounded_number_of_candidates_and_vectors(system: System, photos: int) -> None:
    persona = system.add_persona()
    stock(system, persona, photos, seed=5)
    request: list[int] = []

    class Counting(LibraryCandidates):
        def candidates(self, limit, **kwargs):
            result = super().candidates(limit, **kwargs)
            request.append(len(result))
            return result

    shelf = Counting(system.stores.photos, persona.persona_id)
    [slot] = coming_slots(persona, SLOT - timedelta(seconds=1), SLOT)
    decision = curate(shelf, rules_of(persona), slot, now=SLOT, shown=(), history=StrategyMemory())
    assert decision.picked is not None
    assert request == [WINDOW]
    assert MAX_WINDOWS * WINDOW + MAX_SHOWN < 200
