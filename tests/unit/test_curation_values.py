"""What the values of the curation pack derive from their parts."""

from datetime import UTC, datetime

import pytest

from shutterpost.curation import Decision, Parts, Passed, ScoreWeights

AT = datetime(2026, 11, 22, 8, tzinfo=UTC)
BONUSES = {"freshness": 1, "season": 2, "on_this_day": 3, "variety": 4}
FLOORS = {"sharpness_floor": 5, "exposure_floor": 0.1, "exposure_ceiling": 0.9}


def test_weights_without_bonuses_keep_their_floors() -> None:
    assert ScoreWeights(**BONUSES, **FLOORS).floors_only() == ScoreWeights(**FLOORS)


def test_the_total_is_the_sum_of_the_parts() -> None:
    assert Parts(aesthetic=7, **BONUSES).total == 17


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([], "It is the best."),
        (["The platform refused it."], "Instead of a.jpg (The platform refused it): It is the best."),
        (["It is gone.", "X"], "Instead of a.jpg (It is gone); b.jpg (X): It is the best."),
    ],
)
def test_a_decision_names_the_photos_that_it_replaces(reasons: list[str], expected: str) -> None:
    decision = Decision(
        persona_id="p", slot_at=AT, decided_at=AT, strategy="pillars", picked="c", reason="It is the best."
    )
    passed = [
        Passed(photo_id=name, name=f"{name}.jpg", post_id="1", reason=reason)
        for name, reason in zip("ab", reasons, strict=False)
    ]
    replacing = decision.replacing(passed)
    assert (replacing.reason, list(replacing.instead_of)) == (expected, passed)
