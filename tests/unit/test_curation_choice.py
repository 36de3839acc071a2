"""Curator's Choice: the best photo not yet posted, and a reason for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import (
    Candidate,
    Decision,
    Preference,
    Rules,
    ScoreWeights,
    Shown,
    StrategyMemory,
    ThemedPick,
    ThemeRule,
    choose,
    unit,
)

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
WALL = datetime(2026, 11, 22, 9)  # noqa: DTZ001 - the wall time of a slot is naive
NOW = SLOT - timedelta(minutes=15)


def candidate(photo_id: str, score: float | None, *, day: int | None = None, provisional: bool = False) -> Candidate:
    captured_at = datetime(2026, 1, day, tzinfo=UTC) if day else None
    return Candidate(
        photo_id=photo_id, name=f"{photo_id}.jpg", score=score, provisional=provisional, captured_at=captured_at
    )


def decide(*candidates: Candidate, refused: dict[str, str] | None = None, allow_provisional: bool = False) -> Decision:
    rules = Rules(persona_id="nature-1a2b3c", allow_provisional=allow_provisional)
    return choose(candidates, rules, slot_at=SLOT, wall=WALL, now=NOW, refused=refused)


def test_highest_score_is_picked_and_the_runner_up_named() -> None:
    decision = decide(candidate("a", 6.1), candidate("b", 9.4), candidate("c", 8.8))
    assert (decision.picked, decision.score) == ("b", 9.4)
    assert "next would be c.jpg (8.8)" in decision.reason


def test_equal_scores_go_to_the_earlier_capture_then_to_the_id() -> None:
    assert decide(candidate("a", 7, day=9), candidate("b", 7, day=3)).picked == "b"
    assert decide(candidate("b", 7), candidate("a", 7)).picked == "a"
    assert decide(candidate("a", 7), candidate("b", 7, day=3)).picked == "b"


def test_photo_refused_before_gives_way_to_the_next_best_with_its_reason() -> None:
    decision = decide(candidate("a", 9), candidate("b", 8), refused={"a": "already claimed by another post"})
    assert decision.picked == "b"
    assert decision.considered[0].rules == ("already claimed by another post",)
    assert "1 better or equal passed over" in decision.reason


def test_a_photo_without_a_score_is_refused_with_the_reason() -> None:
    decision = decide(candidate("a", None))
    assert decision.picked is None
    assert decision.considered[0].rules == ("no analysis yet, so no score",)


def test_provisional_score_counts_only_where_the_persona_allows_it() -> None:
    photos = (candidate("a", 9, provisional=True), candidate("b", 5))
    assert decide(*photos).picked == "b"
    alone = decide(photos[0], allow_provisional=True)
    assert alone.picked == "a"
    assert alone.reason.startswith("a.jpg has the highest provisional score")


def test_provisional_scores_come_after_all_others() -> None:
    photos = (candidate("a", 9, provisional=True), candidate("b", 5), candidate("c", 9.5, provisional=True))
    decision = decide(*photos, allow_provisional=True)
    assert [entry.photo_id for entry in decision.considered] == ["b", "c", "a"]
    assert decision.picked == "b"
    assert "passed over" not in decision.reason


def test_empty_library_decides_for_nothing_in_plain_words() -> None:
    decision = decide()
    assert decision.picked is None
    assert decision.reason == "No unposted photos available to schedule."


libraries = st.lists(
    st.builds(
        candidate,
        st.uuids().map(lambda item: item.hex),
        st.one_of(st.none(), st.floats(1, 10)),
        day=st.one_of(st.none(), st.integers(1, 28)),
    ),
    min_size=1,
    max_size=20,
    unique_by=lambda item: item.photo_id,
)


@given(libraries, st.randoms())
def test_pick_does_not_depend_on_the_order_of_the_candidates(library: list[Candidate], chance: object) -> None:
    shuffled = list(library)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert decide(*shuffled).picked == decide(*library).picked


@given(libraries, st.floats(0.1, 5))
def test_raising_the_pick_keeps_it_picked(library: list[Candidate], more: float) -> None:
    picked = decide(*library).picked
    raised = [
        item.model_copy(update={"score": (item.score or 0) + more}) if item.photo_id == picked else item
        for item in library
    ]
    assert decide(*raised).picked == picked


@given(libraries)
def test_every_scored_photo_is_picked_in_the_end(library: list[Candidate]) -> None:
    refused: dict[str, str] = {}
    while (picked := decide(*library, refused=refused).picked) is not None:
        assert picked not in refused
        refused[picked] = "posted"
    assert set(refused) == {item.photo_id for item in library if item.score is not None}


def themed(photo_id: str, score: float, theme: str = "", **facts: Any) -> Candidate:
    return Candidate(photo_id=photo_id, name=f"{photo_id}.jpg", score=score, theme=theme, **facts)


@pytest.mark.parametrize(
    ("candidates", "preference", "reason"),
    [
        ([themed("a", 9)], {}, "a.jpg has the highest score not yet posted (9)."),
        (
            [themed("a", 9), themed("b", 8.5)],
            {},
            "a.jpg has the highest score not yet posted (9); next would be b.jpg (8.5).",
        ),
        (
            [themed("a", 9), themed("b", 9), themed("c", 9, theme="refused"), themed("d", 8, theme="refused")],
            {},
            (
                "a.jpg has the highest score not yet posted (9); among equals the earliest capture wins; next would be"
                " b.jpg (9); 1 better or equal passed over by rule."
            ),
        ),
        (
            [themed("a", 9, provisional=True), themed("b", 10, theme="refused")],
            {},
            "a.jpg has the highest provisional score not yet posted (9); 1 better or equal passed over by rule.",
        ),
        (
            [themed("a", 9)],
            {"theme": "sea", "reason": "it is next in turn"},
            "Of the theme sea (it is next in turn), a.jpg has the highest score not yet posted (9).",
        ),
        (
            [themed("a", 9)],
            {"theme": None, "reason": "no photo of the wanted themes is left"},
            "Of any theme (no photo of the wanted themes is left), a.jpg has the highest score not yet posted (9).",
        ),
        (
            [themed("a", 9, theme="refused"), themed("b", 8, theme="refused")],
            {},
            "None of the 2 unposted photos considered may be picked; see the rules of each.",
        ),
    ],
)
def test_the_reason_says_what_was_compared(candidates, preference, reason) -> None:
    refused = {item.photo_id: "taken" for item in candidates if item.theme == "refused"}
    rules = Rules(persona_id="p", allow_provisional=True)
    preferred = Preference(**{"theme": None, "reason": ""} | preference)
    decision = choose(candidates, rules, slot_at=SLOT, wall=WALL, now=NOW, refused=refused, preference=preferred)
    assert decision.reason == reason


def test_the_reason_has_the_sum_of_the_parts() -> None:
    weights = ScoreWeights(freshness=1, on_this_day=0.5, variety=4)
    shown = Shown(photo_id="z", name="z.jpg", dhash="", where="@nature", post_id="p1")
    vectors = {name: unit("m", (1, 0)) for name in "az"}
    photo = themed("a", 3, captured_at=SLOT.replace(year=2025))
    rules = Rules(persona_id="p", weights=weights)
    decision = choose([photo], rules, slot_at=SLOT, wall=WALL, now=NOW, shown=[shown], vectors=vectors)
    total = "-0.4998 = 3 aesthetic + 0.0002 freshness + 0.5 on this day - 4 variety"
    assert decision.reason == f"a.jpg has the highest score not yet posted ({total})."
    assert decision.considered[0].resembles == "z.jpg"
    unweighted = Rules(persona_id="p")
    [judged] = choose([photo], unweighted, slot_at=SLOT, wall=WALL, now=NOW, shown=[shown], vectors=vectors).considered
    assert judged.resembles is None


def test_a_photo_without_a_score_stands_behind_any_total() -> None:
    rules = Rules(persona_id="p", weights=ScoreWeights(variety=9))
    shown = Shown(photo_id="z", name="z.jpg", dhash="", where="@nature", post_id="p1")
    vectors = {name: unit("m", (1, 0)) for name in ("low", "zero", "z")}
    photos = [candidate("a", None, day=1), candidate("low", 4, day=2), candidate("zero", 9, day=3)]
    decision = choose(photos, rules, slot_at=SLOT, wall=WALL, now=NOW, shown=[shown], vectors=vectors)
    assert [(entry.photo_id, entry.total) for entry in decision.considered] == [("zero", 0), ("low", -5), ("a", None)]
    assert "passed over" not in decision.reason
    assert [entry.verdict for entry in decision.considered] == ["picked", "next", "refused"]


def test_a_theme_is_refused_by_its_rules_and_by_the_picks_of_other_slots() -> None:
    rules = Rules(persona_id="p", themes=(ThemeRule(name="sea", min_gap_days=2, starts=WALL.date()),))
    photos = [themed("a", 9, theme="sea"), themed("b", 8, theme="fog"), themed("c", 7)]

    def theme(picked_at: datetime | None, wall: datetime = WALL) -> str:
        picks = [ThemedPick(slot_at=picked_at, day=picked_at.date(), theme="sea")] if picked_at else []
        memory = StrategyMemory(outings=tuple(picks))
        return choose(photos, rules, slot_at=SLOT, wall=wall, now=NOW, history=memory).theme

    assert theme(None) == "sea"
    assert theme(SLOT) == "sea"
    assert theme(SLOT - timedelta(days=1)) == "fog"
    assert theme(SLOT - timedelta(days=2)) == "sea"
    assert theme(None, WALL - timedelta(days=1)) == "fog"
    nothing = choose([], rules, slot_at=SLOT, wall=WALL, now=NOW)
    assert (nothing.theme, nothing.picked, nothing.score) == ("", None, None)


def test_a_decision_says_when_and_for_whom_it_was_made() -> None:
    decision = decide(candidate("a", 9, provisional=True))
    assert (decision.persona_id, decision.slot_at, decision.decided_at) == ("nature-1a2b3c", SLOT, NOW)
    assert decision.strategy == "curators_choice"
    assert decision.considered[0].rules == ("its score is provisional and the persona wants precomputed ones",)
