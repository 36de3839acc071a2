"""A photo's score at a slot, part by part."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.curation import Candidate, Rules, RunwayLevel, ScoreWeights, Shown, choose, stock_of, unit

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


def test_the_runway_has_its_last_day_and_level() -> None:
    slots = [SLOT + timedelta(days=number) for number in range(1, 91)]

    def level(photos: int, share: float = 1):
        result = stock_of(photos, slots, now=SLOT, low=timedelta(days=14), share=share)
        return result.level, result.days

    assert level(0) == (RunwayLevel.EXHAUSTED, 1)
    assert level(3) == (RunwayLevel.CRITICAL, 4)
    assert level(10) == (RunwayLevel.LOW, 11)
    assert level(20) == (RunwayLevel.READY, 21)
    assert level(200) == (RunwayLevel.READY, None)
    assert level(5, share=0.5) == (RunwayLevel.LOW, 11)
