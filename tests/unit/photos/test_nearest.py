"""The nearest vectors, against sorting all of them."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.photos.analyses.nearest import Nearest
from shutterpost.photos.analyses.vectors import pack, unpack

COMPONENTS = st.floats(-1e6, 1e6, width=32)
VECTORS = st.lists(st.tuples(COMPONENTS, COMPONENTS, COMPONENTS).filter(any), min_size=1, max_size=40)


def cosine(first: Sequence[float], second: Sequence[float]) -> float:
    product = math.fsum(a * b for a, b in zip(first, second, strict=True))
    return product / (math.hypot(*first) * math.hypot(*second))


@given(VECTORS, st.integers(1, 12))
def test_the_best_are_those_that_sorting_all_finds(vectors: list[tuple[float, ...]], limit: int) -> None:
    query, *others = vectors
    nearest = Nearest(query, limit)
    packed = {f"photo {number:02}": pack(vector) for number, vector in enumerate(others)}
    similarities = {name: nearest.similarity(vector) for name, vector in packed.items()}
    for name, similarity in similarities.items():
        assert similarity == pytest.approx(cosine(query, unpack(packed[name])), abs=1e-9)
        nearest.offer(name, similarity)
    by_sorting = sorted(similarities.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]
    assert nearest.best() == by_sorting


@pytest.mark.parametrize(("other", "expected"), [((3, 4), 1), ((-4, 3), 0), ((-3e5, -4e5), -1), ((3e-30, 4e-30), 1)])
def test_the_length_of_a_vector_does_not_matter(other: tuple[float, ...], expected: float) -> None:
    assert Nearest((6.0, 8.0), 1).similarity(pack(other)) == pytest.approx(expected, abs=1e-3)


def test_what_is_not_admitted_is_not_kept() -> None:
    nearest = Nearest((1.0, 0.0), 2)
    for name, similarity in (("a", 0.5), ("b", 0.7)):
        assert nearest.admits(similarity)
        nearest.offer(name, similarity)
    assert not nearest.admits(0.5)
    nearest.offer("as similar, and later", 0.5)
    assert nearest.best() == [("b", 0.7), ("a", 0.5)]
