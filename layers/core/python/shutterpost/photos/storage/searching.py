"""Search by similarity: exact, over the vectors of a library in the order of their photos' ids."""

from collections.abc import Iterator, Mapping
from itertools import islice

from pynamodb.exceptions import DoesNotExist

from shutterpost.photos.analyses.nearest import Nearest
from shutterpost.photos.analyses.vectors import unpack
from shutterpost.photos.photo import Embedding, SimilarPhoto, SimilarPhotos
from shutterpost.photos.storage.items import ANALYSIS, MODEL, PHOTO, AnalysisItem, ModelItem, PhotoItem
from shutterpost.runtime.refusals import Conflict, Invalid

# What a function compares within the API's 29 seconds (tests/benchmarks/similar.py), in vectors and in components.
MAX_ANALYSES = 20_000
MAX_COMPONENTS = MAX_ANALYSES * 1024
# Vectors in memory at a time, and photos of which it is looked up whether they may be shown.
_CHUNK, _LOOKED_UP = 500, 50


class PhotoWithoutVector(Conflict):
    """The photo has no embedding."""

    kind = "photo-without-vector"


class VectorUnfit(Invalid):
    """The library has no such vectors; `members["models"]` has the length of each model's."""

    kind = "vector-unfit"


def find_like_photo(persona_id: str, photo_id: str, limit: int, *, unposted: bool = False) -> SimilarPhotos:
    """The `limit` photos most similar to a photo, without it. Raises `PhotoWithoutVector`."""
    try:
        item = AnalysisItem.get(persona_id, f"{ANALYSIS}{photo_id}")
    except DoesNotExist:
        item = None
    if item is None or not item.embedding:
        detail = f"The photo {photo_id[:12]} has no vector; import an analysis of it with an embedding and its model."
        raise PhotoWithoutVector(detail, photo_id=photo_id)
    query = Embedding(model=item.embedding_model or "", vector=unpack(item.embedding))
    return _search(persona_id, query, limit, unposted=unposted, without=photo_id)


def find_like_vector(persona_id: str, query: Embedding, limit: int, *, unposted: bool = False) -> SimilarPhotos:
    """The `limit` photos whose vectors are most similar to `query`. Raises `VectorUnfit`."""
    models = {
        item.item_key.removeprefix(MODEL): int(item.dimensions)
        for item in ModelItem.query(persona_id, ModelItem.item_key.startswith(MODEL), limit=_LOOKED_UP)
    }
    if models.get(query.model) != len(query.vector):
        known = ", ".join(f"{model} ({length})" for model, length in models.items()) or "none"
        detail = (
            f"No photo has a vector of {query.model} with {len(query.vector)} components; the library has: {known}."
        )
        raise VectorUnfit(detail, field="model" if query.model not in models else "vector", models=models)
    return _search(persona_id, query, limit, unposted=unposted)


def _search(persona_id: str, query: Embedding, limit: int, *, unposted: bool, without: str = "") -> SimilarPhotos:
    most = min(MAX_ANALYSES, MAX_COMPONENTS // len(query.vector))
    read = ["item_key", "embedding", "embedding_model"]
    every = AnalysisItem.item_key.startswith(ANALYSIS)
    analyses = AnalysisItem.query(persona_id, every, limit=most + 1, attributes_to_get=read)
    nearest, photos, compared = Nearest(query.vector, limit), dict[str, SimilarPhoto](), 0
    within = islice(analyses, most)
    while chunk := list(islice(within, _CHUNK)):
        similarities = {
            photo_id: nearest.similarity(item.embedding)
            for item in chunk
            if item.embedding and item.embedding_model == query.model
            if (photo_id := item.item_key.removeprefix(ANALYSIS)) != without
        }
        compared += len(similarities)
        for photo in _admitted(persona_id, nearest, similarities, unposted=unposted):
            nearest.offer(photo.photo_id, photo.similarity)
            photos[photo.photo_id] = photo
        photos = {photo_id: photos[photo_id] for photo_id, _ in nearest.best()}
    whole = next(analyses, None) is None
    return SimilarPhotos(photos=tuple(photos.values()), model=query.model, compared=compared, whole=whole)


def _admitted(
    persona_id: str, nearest: Nearest, similarities: Mapping[str, float], *, unposted: bool
) -> Iterator[SimilarPhoto]:
    """The photos of a chunk that may be among the nearest; an analysis can be older than its photo's import."""
    by_similarity = iter(sorted(similarities, key=lambda photo_id: (-similarities[photo_id], photo_id)))
    while batch := [
        photo_id for photo_id in islice(by_similarity, _LOOKED_UP) if nearest.admits(similarities[photo_id])
    ]:
        keys = [(persona_id, f"{PHOTO}{photo_id}") for photo_id in batch]
        items = PhotoItem.batch_get(keys, attributes_to_get=["item_key", "names", "unposted"])
        stored = {item.item_key.removeprefix(PHOTO): item for item in items}
        for photo_id in batch:
            item = stored.get(photo_id)
            if item is not None and (item.unposted or not unposted):
                yield SimilarPhoto(
                    photo_id=photo_id,
                    names=tuple(sorted(item.names)),
                    similarity=similarities[photo_id],
                    in_unposted=bool(item.unposted),
                )
