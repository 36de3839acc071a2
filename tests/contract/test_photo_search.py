"""Search by similarity over a stored library, against sorting all vectors."""

import random
from datetime import timedelta

import pytest

from shutterpost.photos import Analysis, Embedding, Photos, PhotoWithoutVector, VectorUnfit
from shutterpost.photos.analyses.nearest import Nearest
from shutterpost.photos.analyses.vectors import pack, unpack
from shutterpost.photos.storage import searching
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.photos.storage.searching import find_like_photo, find_like_vector
from shutterpost.runtime.commit import commit
from tests.contract.conftest import CreateTable
from tests.support.builders import NOW, OWNER, a_photo, sha

PERSONA = a_photo().persona_id
MODEL = "drawn-4"
COUNT = 36


@pytest.fixture
def photos(new_table: CreateTable) -> Photos:
    new_table(PhotosTable)
    return Photos()


def give_vector(photos: Photos, photo_id: str, vector: tuple[float, ...], model: str = MODEL) -> None:
    analysis = Analysis(sha256=photo_id, aesthetic_score=5.0, embedding=vector, embedding_model=model)
    photos.record_analysis(PERSONA, OWNER, analysis, stated_at=NOW + timedelta(minutes=1))


def fill(photos: Photos) -> dict[str, tuple[float, ...]]:
    """Photos with vectors, among photos without, vectors without a photo, and vectors of another model."""
    chance = random.Random(7)
    vectors: dict[str, tuple[float, ...]] = {}
    for number in range(COUNT):
        photo_id = sha(str(number))
        vector = tuple(chance.choice((-1.0, -0.5, 0.25, 1.0)) for _ in range(4))
        if number % 6:
            photos.record(a_photo(f"{number}.jpg", photo_id=photo_id))
        if number % 6 == 5:
            give_vector(photos, photo_id, (*vector, 1.0), "drawn-5")
        elif number % 6 != 4:
            give_vector(photos, photo_id, vector)
            vectors |= {photo_id: vector} if number % 6 else {}
    return vectors


def by_sorting(query: tuple[float, ...], vectors: dict[str, tuple[float, ...]], limit: int) -> list[tuple[str, float]]:
    nearest = Nearest(query, 1)
    similar = {photo_id: nearest.similarity(pack(vector)) for photo_id, vector in vectors.items()}
    return sorted(similar.items(), key=lambda pair: (-pair[1], pair[0]))[:limit]


def test_the_similar_photos_are_those_that_sorting_all_vectors_finds(
    photos: Photos, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "_CHUNK", 7)
    monkeypatch.setattr(searching, "_LOOKED_UP", 2)
    vectors = fill(photos)
    used = sorted(vectors)[::2]
    for photo_id in used:
        commit([photos.take(PERSONA, photo_id, "p1", must_be_unposted=True)])
    free = {photo_id: vector for photo_id, vector in vectors.items() if photo_id not in used}
    query, first = (0.3, -1.0, 0.2, 0.9), min(vectors)
    others = {photo_id: vector for photo_id, vector in vectors.items() if photo_id != first}
    for limit in (1, 5, 100):
        for unposted, expected in ((False, vectors), (True, free)):
            result = find_like_vector(PERSONA, Embedding(model=MODEL, vector=query), limit, unposted=unposted)
            assert [(each.photo_id, each.similarity) for each in result.photos] == by_sorting(query, expected, limit)
            assert (result.model, result.whole) == (MODEL, True)
            assert {each.photo_id for each in result.photos if each.in_unposted} <= free.keys()
        like = find_like_photo(PERSONA, first, limit)
        assert [(each.photo_id, each.similarity) for each in like.photos] == by_sorting(
            unpack(pack(vectors[first])), others, limit
        )


@pytest.mark.parametrize(("bound", "value", "compared"), [("MAX_ANALYSES", 5, 5), ("MAX_COMPONENTS", 27, 6)])
def test_a_library_beyond_the_bound_is_compared_up_to_it(
    photos: Photos, monkeypatch: pytest.MonkeyPatch, bound: str, value: int, compared: int
) -> None:
    for number in range(7):
        photos.record(a_photo(f"{number}.jpg"))
        give_vector(photos, sha(f"{number}.jpg"), (1.0, 0.5, 0.25, float(number)))
    query = Embedding(model=MODEL, vector=(1.0, 0.0, 0.0, 0.0))
    assert find_like_vector(PERSONA, query, 3).whole
    monkeypatch.setattr(searching, bound, value)
    result = find_like_vector(PERSONA, query, 3)
    assert (result.compared, result.whole) == (compared, False)


def test_a_photo_without_a_vector_is_refused(photos: Photos) -> None:
    photos.record(a_photo("plain.jpg"))
    photos.record(a_photo("scored.jpg"))
    scored = Analysis(sha256=sha("scored.jpg"), aesthetic_score=5.0)
    photos.record_analysis(PERSONA, OWNER, scored, stated_at=NOW)
    for name in ("plain.jpg", "scored.jpg"):
        with pytest.raises(PhotoWithoutVector):
            find_like_photo(PERSONA, sha(name), 5)


@pytest.mark.parametrize(
    ("model", "vector", "field"),
    [("drawn-9", (1.0, 0.0, 0.0, 0.0), "model"), (MODEL, (1.0, 0.0), "vector"), ("", (1.0, 0.0), "model")],
)
def test_a_vector_that_no_photo_is_comparable_with_is_refused(
    photos: Photos, model: str, vector: tuple[float, ...], field: str
) -> None:
    photos.record(a_photo("a.jpg"))
    give_vector(photos, sha("a.jpg"), (1.0, 0.5, 0.25, 0.0))
    with pytest.raises(VectorUnfit) as refused:
        find_like_vector(PERSONA, Embedding(model=model, vector=vector), 5)
    assert refused.value.members == {"field": field, "models": {MODEL: 4}}
