"""Rank order, the provisional score and compact vectors."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.photos.analyses.vectors import pack, unpack
from shutterpost.photos.imaging.provisional_score import provisional_score
from shutterpost.photos.ranking import photo_id_of, rank
from tests.support.builders import sha

THEN = datetime(2020, 1, 1, tzinfo=UTC)


def test_ranks_put_the_best_first_then_the_oldest_then_the_id():
    first, second = sorted([sha("x"), sha("y")])
    best_first = [
        rank(9.437, THEN + timedelta(days=9), first, provisional=False),
        rank(9.4369, THEN, first, provisional=False),
        rank(7.0, THEN, first, provisional=False),
        rank(7.0, THEN, second, provisional=False),
        rank(7.0, THEN + timedelta(seconds=1), first, provisional=False),
        rank(7.0, None, first, provisional=False),
        rank(1.0, None, first, provisional=False),
        rank(9.9, THEN, first, provisional=True),
        rank(1.0, THEN, first, provisional=True),
        rank(None, THEN, first, provisional=False),
        rank(None, None, first, provisional=False),
    ]
    assert sorted(best_first) == best_first
    assert {photo_id_of(text) for text in best_first} == {first, second}


@given(
    st.floats(1, 10).map(lambda score: round(score, 5)),
    st.floats(1, 10).map(lambda score: round(score, 5)),
)
def test_text_order_is_score_order(first, second):
    ranks = [rank(score, THEN, sha("x"), provisional=False) for score in (first, second)]
    assert (ranks[0] < ranks[1]) == (first > second)


@given(st.floats(0, 1e6), st.floats(0, 1), st.floats(0, 300))
def test_provisional_scores_stay_on_the_scale(sharpness, exposure, colourfulness):
    assert 1 <= provisional_score(sharpness, exposure, colourfulness) <= 10


def test_a_sharp_colourful_well_exposed_picture_scores_above_a_dull_one():
    assert provisional_score(900, 0.5, 70) > provisional_score(60, 0.5, 70) > provisional_score(60, 0.05, 4)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=64).filter(any))
def test_vectors_come_back_within_the_stated_error(vector):
    largest = max(map(abs, vector))
    if largest < 1e-30:
        return
    packed = pack(vector)
    assert len(packed) == 4 + 2 * len(vector)
    for before, after in zip(vector, unpack(packed), strict=True):
        assert abs(before - after) <= abs(before) * 2**-11 + largest * 2**-24


@pytest.mark.parametrize("vector", [[], [0.0, 0.0]])
def test_a_vector_without_direction_is_refused(vector):
    with pytest.raises(ValueError, match="not zero"):
        pack(vector)
