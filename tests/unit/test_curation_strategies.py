"""Strategies order the themes of a slot; their memory is a value."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import (
    PILLARS,
    THEMATIC_ROTATION,
    THEME_OF_WEEK,
    Candidate,
    Rules,
    StrategyMemory,
    ThemeRule,
    after,
    choose,
    preferences,
)

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def rules(strategy: str, *themes: ThemeRule) -> Rules:
    return Rules(persona_id="p", strategy=strategy, themes=themes)


def run(settings: Rules, days: int, *, stock: dict[str, int] | None = None) -> list[str]:
    """The themes of so many daily picks from a stock of photos by theme."""
    left = {**(stock or dict.fromkeys((rule.name for rule in settings.themes), days))}
    history, memories = StrategyMemory(), []
    for number in range(days):
        at = MONDAY + number * DAY
        for preference in preferences(settings, history, slot_at=at, wall=at):
            names = [name for name, count in left.items() if count and preference.theme in {None, name}]
            candidates = [Candidate(photo_id=f"{name}{left[name]}", name=name, score=5, theme=name) for name in names]
            decision = choose(candidates, settings, slot_at=at, wall=at, now=at, history=history, preference=preference)
            if decision.picked is not None:
                break
        if decision.picked is not None:
            left[decision.theme] -= 1
            history = after(history, settings, decision, at)
        memories.append(decision.theme)
    return memories


def test_theme_of_the_week_stays_a_week_and_then_gives_way_to_the_next() -> None:
    request = rules(THEME_OF_WEEK, ThemeRule(name="a"), ThemeRule(name="b"))
    assert run(request, 16) == ["a"] * 7 + ["b"] * 7 + ["a"] * 2


def test_exhausted_theme_of_the_week_gives_way_to_the_next_at_once() -> None:
    request = rules(THEME_OF_WEEK, ThemeRule(name="a"), ThemeRule(name="b"))
    assert run(request, 9, stock={"a": 3, "b": 9}) == ["a"] * 3 + ["b"] * 6


def test_rotation_takes_the_theme_that_waited_longest() -> None:
    request = rules(THEMATIC_ROTATION, ThemeRule(name="a"), ThemeRule(name="b"), ThemeRule(name="c"))
    assert run(request, 7) == ["a", "b", "c", "a", "b", "c", "a"]


def test_pillars_come_to_their_shares_and_targets_come_first() -> None:
    request = rules(PILLARS, ThemeRule(name="a", weight=3), ThemeRule(name="b", weight=1))
    assert run(request, 28).count("a") == 21
    first = rules(PILLARS, ThemeRule(name="a", weight=9, target_per_week=1), ThemeRule(name="b", target_per_week=6))
    assert run(first, 7).count("b") == 6


@pytest.mark.slow
@given(st.integers(1, 5), st.integers(1, 4), st.sampled_from((PILLARS, THEMATIC_ROTATION, THEME_OF_WEEK)))
def test_gap_and_weekly_maximum_hold_under_every_strategy(gap: int, most: int, strategy: str) -> None:
    request = rules(strategy, ThemeRule(name="a", min_gap_days=gap), ThemeRule(name="b", max_per_week=most))
    result = run(request, 28)
    days = [number for number, theme in enumerate(result) if theme == "a"]
    assert all(later - earlier >= gap for earlier, later in pairwise(days))
    assert all(result[week : week + 7].count("b") <= most for week in range(0, 28, 7))


def test_theme_outside_its_dates_does_not_go_out() -> None:
    day = MONDAY.date()
    request = rules(PILLARS, ThemeRule(name="a", starts=day + 2 * DAY, ends=day + 3 * DAY), ThemeRule(name="b"))
    result = run(request, 6)
    assert set(result[:2]) == set(result[4:]) == {"b"}
    assert "a" in result[2:4]


def test_second_pick_for_a_slot_takes_the_place_of_the_first_in_memory() -> None:
    request = rules(PILLARS, ThemeRule(name="a"), ThemeRule(name="b"))
    candidate = Candidate(photo_id="1", name="1", score=5, theme="a")
    decision = choose([candidate], request, slot_at=MONDAY, wall=MONDAY, now=MONDAY)
    history = after(after(StrategyMemory(), request, decision, MONDAY), request, decision, MONDAY)
    assert [publication.theme for publication in history.outings] == ["a"]
    assert (history.version, history.outings[0].day) == (2, date(2026, 11, 23))


def test_memory_stays_bounded() -> None:
    request = rules(THEMATIC_ROTATION, ThemeRule(name="a"))
    history = StrategyMemory()
    for number in range(90):
        at = MONDAY + number * DAY
        decision = choose([Candidate(photo_id="1", name="1", score=5, theme="a")], request, slot_at=at, wall=at, now=at)
        history = after(history, request, decision, at)
    assert len(history.outings) == pytest.approx(31, abs=1)
