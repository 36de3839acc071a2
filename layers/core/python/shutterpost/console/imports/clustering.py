"""Clusters photos by their vectors and names each cluster.

HDBSCAN leaves outliers without a cluster, k-means assigns every photo to one of a given number of clusters. A name
consists of words that are more common in the cluster than in the library.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shutterpost.runtime.refusals import Invalid

MAX_NAME = 60
# The share of a cluster's photos that must have a word of its name.
MIN_SHARE = 0.3
NAME_WORDS = 2
# HDBSCAN's membership strength (0-1); photos between clusters have about 0.1.
MIN_STRENGTH = 0.3
_SEED = 0
_LONGER_WORD = re.compile(r"[^\W\d_]{4,}")


class CannotCluster(Invalid):
    """There are too few vectors, or scikit-learn is not installed."""

    kind = "cannot-cluster"


@dataclass(frozen=True)
class ClusterPhoto:
    photo_id: str
    vector: Sequence[float]
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class PhotoCluster:
    """A named cluster; `words` are the shares of its photos that have each word."""

    name: str
    photo_ids: tuple[str, ...]
    words: Mapping[str, float]


def theme_labels(clusters: Iterable[PhotoCluster]) -> bytes:
    """The JSON-lines file by which the import assigns themes."""
    rows = ({"sha256": photo_id, "theme": each.name} for each in clusters for photo_id in each.photo_ids)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def find_clusters(
    photos: Sequence[ClusterPhoto], *, min_size: int, count: int | None = None
) -> tuple[PhotoCluster, ...]:
    """Clusters of `min_size` photos or more, or `count` clusters of any size; the largest first.

    Independent of the order of `photos`. Raises `CannotCluster`.
    """
    needed = max(2 * min_size if count is None else count, 2)
    if len(photos) < needed:
        raise CannotCluster(f"{len(photos)} photos have a vector; clustering needs {needed}. Import analyses first.")
    ordered = sorted(photos, key=lambda photo: photo.photo_id)
    groups: dict[int, list[ClusterPhoto]] = defaultdict(list)
    for photo, group in zip(ordered, _group_numbers(ordered, min_size, count), strict=True):
        if group >= 0:
            groups[group].append(photo)
    sized = sorted(groups.values(), key=lambda group: (-len(group), group[0].photo_id))
    return tuple(
        PhotoCluster(name, tuple(photo.photo_id for photo in group), _shares(group))
        for name, group in zip(cluster_names(sized, ordered), sized, strict=True)
    )


def cluster_names(groups: Sequence[Sequence[ClusterPhoto]], library: Sequence[ClusterPhoto]) -> tuple[str, ...]:
    """A unique name for each of `groups`: the word, or words, that distinguish it best from the library."""
    everywhere = _shares(library)
    taken: set[str] = set()
    names = []
    for number, group in enumerate(groups, start=1):
        own = _shares(group)
        distinctive = sorted(
            (term for term in own if own[term] >= MIN_SHARE),
            key=lambda term: (-own[term] * (own[term] - everywhere[term]), term),
        )[:NAME_WORDS]
        names_to_try = [" ".join(distinctive[: length + 1])[:MAX_NAME].strip() for length in range(len(distinctive))]
        name = next((each for each in names_to_try if each not in taken), f"theme {number}")
        taken.add(name)
        names.append(name)
    return tuple(names)


def vectors_of_main_model(vectors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The vectors of the most frequent model; vectors of different models cannot be compared."""
    every = list(vectors)
    models = Counter(str(vector["model"]) for vector in every)
    best = min(models, key=lambda model: (-models[model], model), default="")
    return [vector for vector in every if vector["model"] == best]


def photo_from_vector(vector: Mapping[str, Any]) -> ClusterPhoto:
    words = (*vector["keywords"], *vector["objects"]) or tuple(_LONGER_WORD.findall(vector["caption"]))
    return ClusterPhoto(vector["photo_id"], vector["vector"], words)


def common_words(cluster: PhotoCluster) -> list[str]:
    return sorted(cluster.words, key=lambda term: (-cluster.words[term], term))[: 2 * NAME_WORDS]


def _group_numbers(photos: Sequence[ClusterPhoto], min_size: int, count: int | None) -> list[int]:
    try:
        from sklearn.cluster import HDBSCAN, KMeans
        from sklearn.preprocessing import normalize
    except ImportError as error:
        detail = "Clustering needs scikit-learn: pip install 'shutterpost[themes]'."
        raise CannotCluster(detail) from error
    directions = normalize([photo.vector for photo in photos])
    if count is not None:
        model = KMeans(n_clusters=count, n_init=10, random_state=_SEED)
        return [int(group) for group in model.fit_predict(directions)]
    clusters = HDBSCAN(min_cluster_size=min_size, min_samples=max(2, min_size // 3), copy=True).fit(directions)
    return [
        int(group) if strength >= MIN_STRENGTH else -1
        for group, strength in zip(clusters.labels_, clusters.probabilities_, strict=True)
    ]


def _shares(photos: Sequence[ClusterPhoto]) -> dict[str, float]:
    counts = Counter(term for photo in photos for term in {term.strip().casefold() for term in photo.words} if term)
    return {term: count / len(photos) for term, count in counts.items()}
