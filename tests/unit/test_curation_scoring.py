"""A photo's score at a slot, part by part."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import Candidate, Rules, ScoreWeights, Shown, choose, unit
from shutterpost.curation.scoring import below_floors, resemblance

SLOT = datetime(2026, 11, 22, 8, tzinfo=UTC)
WEIGHTS = ScoreWeights(freshness=1, season=1, on_this_day=2, variety=4, sharpness_floor=5, exposure_floor=0.1)


def decide(*candidates: Candidate, shown: tuple[Shown, ...] = (), vectors=None, at: datetime = SLOT):
    rules = Rules(persona_id="p", weights=WEIGHTS)
    return choose(candidates, rules, slot_at=at, wall=at, now=at, shown=shown, vectors=vectors)


def photo(photo_id: str = "a", score: float = 5, **facts) -> Candidate:
    return Candidate(photo_id=photo_id, name=f"{photo_id}.jpg", score=score, **facts)


def parts(candidate: Candidate, at: datetime = SLOT):
    return decide(candidate, at=at).considered[0].parts


def test_season_and_day_count_in_later_years_and_freshness_fades() -> None:
    on_the_day = parts(photo(captured_at=SLOT.replace(year=2021)))
    assert (on_the_day.season, on_the_day.on_this_day, on_the_day.freshness) == (1, 2, 0)
    other_season = parts(photo(captured_at=SLOT.replace(year=2020, month=5)))
    assert other_season.season < 0.01
    month_old = parts(photo(captured_at=SLOT - timedelta(days=30)))
    assert (month_old.freshness, month_old.on_this_day) == (0.5, 0)


def test_leap_day_is_remembered_on_the_28th() -> None:
    leap = photo(captured_at=datetime(2024, 2, 29, tzinfo=UTC))
    assert parts(leap, datetime(2026, 2, 28, 8, tzinfo=UTC)).on_this_day == 2
    assert parts(leap, datetime(2026, 3, 1, 8, tzinfo=UTC)).on_this_day == 0


@pytest.mark.parametrize("facts", [{"sharpness": 4.9}, {"exposure": 0.05}, {"exposure": 12.0}])
def test_a_photo_below_a_floor_is_refused_permanently_with_the_reason(facts) -> None:
    decision = decide(photo("a", 9, **facts), photo("b", 3, sharpness=5.0, exposure=0.5))
    assert decision.picked == "b"
    assert decision.considered[0].lasting
    assert "floor" in decision.considered[0].rules[0] or "outside" in decision.considered[0].rules[0]


def test_likeness_to_what_went_out_takes_points_less_the_longer_ago() -> None:
    vectors = {"old": unit("m", (1, 0)), "a": unit("m", (2, 0)), "b": unit("m", (0, 3)), "z": unit("other", (1, 0))}
    seen = Shown(photo_id="old", name="old.jpg", dhash="", where="@nature", post_id="p1")
    decision = decide(photo("a", 6), photo("b", 5), photo("z", 4), shown=(seen,), vectors=vectors)
    report = {item.photo_id: item for item in decision.considered}
    assert decision.picked == "b"
    assert (report["a"].parts.variety, report["a"].resembles) == (-4, "old.jpg")
    assert (report["b"].parts.variety, report["z"].parts.variety) == (0, 0)
    long_ago = decide(photo("a", 6), shown=(seen.model_copy(update={"ago": 5}),), vectors=vectors)
    assert -2 < long_ago.considered[0].parts.variety < 0


@pytest.mark.slow
@given(st.lists(st.floats(1, 10), min_size=2, max_size=12), st.integers(0, 11), st.floats(0.01, 5), st.randoms())
def test_raising_a_score_never_makes_a_photo_later(scores, which, more, chance) -> None:
    """In a run of picks with variety on, each shown to the next."""
    which %= len(scores)
    vectors = {str(n): unit("m", [chance.gauss(0, 1) for _ in range(3)]) for n in range(len(scores))}

    def place(raised: float) -> int:
        left = {str(n): photo(str(n), score + (raised if n == which else 0)) for n, score in enumerate(scores)}
        shown: tuple[Shown, ...] = ()
        for number in range(len(scores)):
            picked = decide(*left.values(), shown=shown, vectors=vectors).picked
            if picked == str(which):
                return number
            del left[picked]
            item = Shown(photo_id=picked, name=picked, dhash="", where="w", post_id="p")
            shown = (item, *(s.model_copy(update={"ago": s.ago + 1}) for s in shown))
        raise AssertionError("a photo was never picked")

    assert place(more) <= place(0)


def date_at(text: str) -> datetime:
    return datetime.fromisoformat(text + "T08:00+00:00")


@pytest.mark.parametrize(
    ("captured", "imported", "slot", "expected"),
    [
        (None, None, "2026-11-22", (0, 0, 0)),
        (None, "2026-11-22", "2026-11-22", (1, 0, 0)),
        ("2026-11-22", "2020-11-22", "2026-11-22", (1, 1, 0)),
        ("2026-11-24", None, "2026-11-22", (1, 0.9997, 0)),
        ("2026-11-12", None, "2026-11-22", (0.7937, 0.9926, 0)),
        ("2026-08-24", None, "2026-11-22", (0.125, 0.5113, 0)),
        ("2025-11-22", None, "2026-11-22", (0.0002, 1, 2)),
        ("2025-11-21", None, "2026-11-22", (0.0002, 0.9999, 0)),
        ("2027-11-22", None, "2026-11-22", (1, 1, 0)),
        ("2024-02-29", None, "2025-02-28", (0.0002, 0.9999, 2)),
        ("2023-02-28", None, "2024-02-29", (0.0002, 0.9999, 2)),
        ("2020-02-29", None, "2024-02-29", (0, 1, 2)),
        ("2024-02-29", None, "2025-03-01", (0.0002, 1, 0)),
    ],
)
def test_the_bonuses_follow_their_formulas(captured, imported, slot, expected) -> None:
    """Freshness halves in 30 days; the season is a cosine over the year; the day counts in later years."""
    given_dates = {"captured_at": captured, "imported_at": imported}
    facts: dict[str, Any] = {name: date_at(value) for name, value in given_dates.items() if value}
    result = parts(photo(**facts), date_at(slot))
    assert result is not None
    assert (result.freshness, result.season, result.on_this_day) == expected


def test_freshness_is_measured_in_seconds() -> None:
    weights = ScoreWeights(freshness=1000)
    decision = choose(
        [photo(captured_at=SLOT - timedelta(hours=12))],
        Rules(persona_id="p", weights=weights),
        slot_at=SLOT,
        wall=SLOT,
        now=SLOT,
    )
    parts_now = decision.considered[0].parts
    assert parts_now is not None
    assert parts_now.freshness == 988.514


FLOORS = ScoreWeights(sharpness_floor=5, exposure_floor=0.1, exposure_ceiling=0.9)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ()),
        ({"sharpness": 5.0, "exposure": 0.1}, ()),
        ({"exposure": 0.9}, ()),
        ({"exposure": 25.5}, ()),
        ({"exposure": 229.5}, ()),
        ({"sharpness": 4.9}, ("its sharpness 4.9 is below the floor of 5",)),
        ({"exposure": 0.0999}, ("its mean brightness 0.0999 is outside 0.1 to 0.9",)),
        ({"exposure": 0.95}, ("its mean brightness 0.95 is outside 0.1 to 0.9",)),
        ({"exposure": 1}, ("its mean brightness 1 is outside 0.1 to 0.9",)),
        ({"exposure": 1.5}, ("its mean brightness 0.00588 is outside 0.1 to 0.9",)),
        ({"exposure": 255}, ("its mean brightness 1 is outside 0.1 to 0.9",)),
        (
            {"sharpness": 0.5, "exposure": 12.0},
            ("its sharpness 0.5 is below the floor of 5", "its mean brightness 0.0471 is outside 0.1 to 0.9"),
        ),
    ],
)
def test_the_floors_that_a_photo_misses_are_named_with_its_values(facts, expected) -> None:
    assert below_floors(photo(**facts), FLOORS) == expected


def item(name: str, ago: int = 0) -> Shown:
    return Shown(photo_id=name, name=f"{name}.jpg", dhash="", where="w", post_id="p", ago=ago)


VECTORS = {
    "own": unit("m", (3, 0)),
    "same": unit("m", (1, 0)),
    "twin": unit("m", (2, 0)),
    "near": unit("m", (4, 3)),
    "far": unit("m", (0, 1)),
    "other": unit("other", (1, 0)),
}


@pytest.mark.parametrize(
    ("own", "shown", "expected"),
    [
        ("own", [], (0, None)),
        ("unknown", [item("same")], (0, None)),
        ("own", [item("unknown"), item("other"), item("same", ago=10), item("near")], (0.8, "near")),
        ("own", [item("far")], (0, None)),
        ("own", [item("near"), item("same")], (1, "same")),
        ("own", [item("same"), item("twin")], (1, "same")),
        ("own", [item("same", ago=2), item("near")], (0.8, "near")),
        ("own", [item("same", ago=9)], (0.85**9, "same")),
        ("own", [item("same", ago=10)], (0, None)),
    ],
)
def test_a_photo_resembles_the_most_similar_of_the_last_ten_that_have_a_vector(own, shown, expected) -> None:
    likeness, closest = resemblance(own, shown, VECTORS)
    assert (round(likeness, 12), closest and closest.photo_id) == (round(expected[0], 12), expected[1])


def test_a_vector_without_length_stays_as_it_is() -> None:
    assert unit("m", (0, 0)) == ("m", (0, 0))


def test_a_deduction_has_four_decimals() -> None:
    vectors = {"a": unit("m", (1, 0)), "old": unit("m", (1, 2))}
    [judged] = decide(photo(), shown=(item("old"),), vectors=vectors).considered
    assert judged.parts.variety == -1.7889
