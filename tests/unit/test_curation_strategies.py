"""Strategies order the themes of a slot; their memory is a value."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import (
    CURATORS_CHOICE,
    PILLARS,
    STRATEGIES,
    THEMATIC_ROTATION,
    THEME_OF_WEEK,
    Candidate,
    Rules,
    StrategyMemory,
    ThemedPick,
    ThemeRule,
    after,
    choose,
    preferences,
)
from shutterpost.curation.strategies import theme_rules_against

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
    assert [pick.slot_at for pick in history.outings] == [MONDAY + number * DAY for number in range(89, 58, -1)]


def picks(*entries: tuple[int, str]) -> StrategyMemory:
    """The memory after picks of themes, so many days from Monday."""
    entries = tuple(sorted(entries, reverse=True))
    return StrategyMemory(
        outings=tuple(
            ThemedPick(slot_at=MONDAY + day * DAY, day=(MONDAY + day * DAY).date(), theme=theme)
            for day, theme in entries
        )
    )


def order(
    settings: Rules, history: StrategyMemory, day: int = 0, known: tuple[str, ...] = ()
) -> list[tuple[str | None, str]]:
    at = MONDAY + day * DAY
    given = preferences(settings, history, slot_at=at, wall=at, known=known)
    return [(preference.theme, preference.reason) for preference in given]


ABC = tuple(ThemeRule(name=name) for name in "abc")
LEFT = (None, "no photo of the wanted themes is left")
OF_WEEK, IN_TURN = "it is the theme of the week", "it is next in turn"
WAITED = "it has waited longest"
FURTHEST, IN_NEED = "it is furthest below its share", "it is next in need"
OF_A_WEEK = {"week": MONDAY.date(), "theme": "b"}


@pytest.mark.parametrize(
    ("strategy", "history", "day", "expected"),
    [
        (CURATORS_CHOICE, {}, 0, [(None, ""), *((name, "any theme will do") for name in "abc")]),
        (THEME_OF_WEEK, {}, 0, [("a", OF_WEEK), ("b", IN_TURN), ("c", IN_TURN), LEFT]),
        (THEME_OF_WEEK, OF_A_WEEK, 6, [("b", OF_WEEK), ("c", IN_TURN), ("a", IN_TURN), LEFT]),
        (THEME_OF_WEEK, OF_A_WEEK, 7, [("c", OF_WEEK), ("a", IN_TURN), ("b", IN_TURN), LEFT]),
        (THEME_OF_WEEK, OF_A_WEEK | {"theme": "gone"}, 7, [("a", OF_WEEK), ("b", IN_TURN), ("c", IN_TURN), LEFT]),
        (THEMATIC_ROTATION, {}, 0, [("a", WAITED), ("b", WAITED), ("c", WAITED), LEFT]),
        (
            THEMATIC_ROTATION,
            picks((-4, "b"), (-3, "a"), (-2, "a"), (-1, "b")).model_dump(),
            0,
            [("c", WAITED), ("a", WAITED), ("b", WAITED), LEFT],
        ),
        (PILLARS, {}, 0, [("a", FURTHEST), ("b", IN_NEED), ("c", IN_NEED), LEFT]),
        (
            PILLARS,
            picks((-4, "other"), (-3, "a"), (-2, "c"), (-1, "a")).model_dump(),
            0,
            [("b", FURTHEST), ("c", IN_NEED), ("a", IN_NEED), LEFT],
        ),
    ],
)
def test_every_strategy_orders_the_themes_with_their_reasons(strategy, history, day, expected) -> None:
    assert order(rules(strategy, *ABC), StrategyMemory(**history), day) == expected


def test_a_persona_without_themes_has_those_of_its_library_by_name() -> None:
    assert order(rules(THEMATIC_ROTATION), StrategyMemory(), known=("sea", "fog")) == [
        ("fog", WAITED),
        ("sea", WAITED),
        LEFT,
    ]
    assert order(rules(CURATORS_CHOICE), StrategyMemory(), known=("sea", "fog")) == [(None, "")]


def test_pillars_follow_each_share_closely_and_settle_ties_by_priority_and_name() -> None:
    shares = rules(
        PILLARS, ThemeRule(name="a", weight=3), ThemeRule(name="b", weight=2), ThemeRule(name="never", weight=0)
    )
    assert "".join(run(shares, 10, stock={"a": 9, "b": 9, "never": 9})) == "ababaababa"
    assert "never" not in [theme for theme, _ in order(shares, StrategyMemory())]
    close = rules(PILLARS, *(ThemeRule(name=name, weight=weight) for name, weight in (("a", 3), ("b", 4), ("c", 5))))
    assert [theme for theme, _ in order(close, StrategyMemory())] == ["c", "b", "a", None]
    tie = rules(PILLARS, ThemeRule(name="a"), ThemeRule(name="c", priority=1), ThemeRule(name="b", priority=1))
    assert [theme for theme, _ in order(tie, StrategyMemory())] == ["b", "c", "a", None]
    # 0.1, 0.2 and 0.3 have no exact binary form; the shares that are reached exactly are a tie all the same.
    third = rules(
        PILLARS, *(ThemeRule(name=name, weight=weight) for name, weight in (("b", 0.1), ("a", 0.1), ("c", 0.1)))
    )
    assert [theme for theme, _ in order(third, picks((-3, "a"), (-2, "b"), (-1, "c")))] == ["a", "b", "c", None]


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_an_excluded_theme_is_not_preferred(strategy: str) -> None:
    settings = rules(strategy, ThemeRule(name="a", ends=MONDAY.date() - DAY), ThemeRule(name="b"))
    assert {theme for theme, _ in order(settings, StrategyMemory())} == {"b", None}


@pytest.mark.parametrize("strategy", sorted(STRATEGIES))
def test_picking_for_a_slot_again_has_the_same_order(strategy: str) -> None:
    settings = rules(strategy, *(rule.model_copy(update={"min_gap_days": 2, "max_per_week": 3}) for rule in ABC))
    history = picks((-3, "c"), (-2, "b"), (-1, "a"))
    before = order(settings, history)
    theme = before[0][0] or "b"
    candidate = Candidate(photo_id="1", name="1", score=5, theme=theme)
    decision = choose([candidate], settings, slot_at=MONDAY, wall=MONDAY, now=MONDAY, history=history)
    assert order(settings, after(history, settings, decision, MONDAY)) == before


FROM = "the theme a is wanted from"
EARLIER, LATER = "the theme a went out less than 3 days ago", "the theme a goes out less than 3 days later"


@pytest.mark.parametrize(
    ("rule", "days", "reasons"),
    [
        ({}, (0, 0, 0), ()),
        ({"starts": 0, "ends": 0}, (), ()),
        ({"starts": 1}, (), (f"{FROM} 2026-11-24 to ever",)),
        ({"ends": -1}, (), (f"{FROM} ever to 2026-11-22",)),
        ({"starts": 1, "ends": 2}, (), (f"{FROM} 2026-11-24 to 2026-11-25",)),
        ({"min_gap_days": 3}, (-3, 3), ()),
        ({"min_gap_days": 3}, (-2,), (EARLIER,)),
        ({"min_gap_days": 3}, (0,), (EARLIER,)),
        ({"min_gap_days": 3}, (1,), (LATER,)),
        ({"min_gap_days": 3}, (2,), (LATER,)),
        ({"min_gap_days": 3}, (-2, 1), (EARLIER,)),
        ({"max_per_week": 2}, (-1, 0, 7), ()),
        ({"max_per_week": 2}, (0, 6), ("the theme a had its 2 of this week",)),
        ({"max_per_week": 0}, (), ("the theme a had its 0 of this week",)),
    ],
)
def test_the_rules_of_a_theme_exclude_it_for_these_reasons(rule, days, reasons) -> None:
    today = MONDAY.date()
    dates = {name: today + value * DAY for name, value in rule.items() if name in {"starts", "ends"}}
    settings = rules(PILLARS, ThemeRule(name="a", **rule | dates))
    others = picks(*((day, "a") for day in days), (0, "b")).outings
    assert theme_rules_against("a", settings, others, today) == reasons
    assert theme_rules_against("b", settings, others, today) == ()


@pytest.mark.parametrize(
    ("strategy", "theme", "week", "expected"),
    [
        (THEME_OF_WEEK, "b", None, (0, "b")),
        (THEME_OF_WEEK, "b", -7, (0, "b")),
        (THEME_OF_WEEK, "b", 0, (0, "b")),
        (THEME_OF_WEEK, "b", 7, (7, "a")),
        (THEME_OF_WEEK, "", -7, (-7, "a")),
        (PILLARS, "b", -7, (-7, "a")),
    ],
)
def test_the_theme_of_the_week_is_that_of_its_last_pick(strategy, theme, week, expected) -> None:
    """A pick for an earlier week, or of no theme, or under another strategy, leaves it."""
    history = StrategyMemory(week=MONDAY.date() + week * DAY, theme="a") if week is not None else StrategyMemory()
    decision = choose(
        [Candidate(photo_id="1", name="1", score=5, theme=theme)],
        rules(strategy),
        slot_at=MONDAY,
        wall=MONDAY,
        now=MONDAY,
    )
    result = after(history, rules(strategy), decision, MONDAY + 2 * DAY)
    assert (result.week, result.theme) == (MONDAY.date() + expected[0] * DAY, expected[1])
