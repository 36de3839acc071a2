"""Clusters of photos and their names."""

import random
import sys

import pytest

from shutterpost.console.imports.clustering import (
    CannotCluster,
    ClusterPhoto,
    PhotoCluster,
    cluster_names,
    find_clusters,
    vectors_of_main_model,
)

SUBJECTS = {"birds": "lake", "boats": "harbour", "bridges": "river"}


def library(count: int = 20, spread: float = 0.15, strays: int = 0) -> list[ClusterPhoto]:
    """Photos around a centre per subject, each with its subject's word, most with its place, all with `photo`."""
    chance = random.Random(7)
    photos = []
    for number, (subject, place) in enumerate(SUBJECTS.items()):
        for item in range(count):
            vector = [chance.gauss(3 if axis == number else 0, spread) for axis in range(8)]
            words = (subject.upper(), "photo", *([place] if item % 3 else []))
            photos.append(ClusterPhoto(f"{subject}-{item:02}", vector, words))
    photos += [
        ClusterPhoto(f"stray-{entry}", [chance.gauss(0, 1) for _ in range(8)], ("photo",)) for entry in range(strays)
    ]
    return photos


def members(themes: tuple[PhotoCluster, ...]) -> dict[str, set[str]]:
    return {theme.name: {photo_id.split("-")[0] for photo_id in theme.photo_ids} for theme in themes}


# The first use of scikit-learn takes seconds of processor time.
@pytest.mark.slow
@pytest.mark.parametrize("count", [None, 3])
def test_photos_near_each_other_are_a_theme_named_by_what_only_they_have(count: int | None) -> None:
    clusters = find_clusters(library(), min_size=6, count=count)
    assert members(clusters) == {subject: {subject} for subject in SUBJECTS}
    assert [len(theme.photo_ids) for theme in clusters] == [20, 20, 20]
    assert clusters[0].words["photo"] == 1


@pytest.mark.slow
def test_the_order_of_the_photos_changes_nothing() -> None:
    photos = library(strays=5)
    assert find_clusters(photos, min_size=6) == find_clusters(photos[::-1], min_size=6)


@pytest.mark.slow
def test_what_is_near_nothing_stays_without_a_theme() -> None:
    clusters = find_clusters(library(strays=6), min_size=8)
    assert sum(photo_id.startswith("stray") for theme in clusters for photo_id in theme.photo_ids) < 6
    assert set(members(clusters)) == set(SUBJECTS)


def test_names_are_all_different_and_fall_back_to_numbers() -> None:
    groups = [
        [ClusterPhoto("a", (), ("fog", "lake"))],
        [ClusterPhoto("b", (), ("fog", "wood"))],
        [ClusterPhoto("c", (), ("fog",))],
    ]
    names = cluster_names([*groups, [ClusterPhoto("d", ())], groups[0]], [photo for group in groups for photo in group])
    assert names == ("lake", "wood", "fog", "theme 4", "lake fog")


def test_too_few_photos_are_refused() -> None:
    with pytest.raises(CannotCluster, match="3 photos have a vector; clustering needs 10"):
        find_clusters(library(1), min_size=5)


def test_only_vectors_of_the_most_frequent_model_are_compared() -> None:
    vectors = [{"model": model, "photo_id": str(number)} for number, model in enumerate(("b", "a", "c", "a"))]
    assert [vector["photo_id"] for vector in vectors_of_main_model(vectors)] == ["1", "3"]
    assert vectors_of_main_model([]) == []


def test_without_scikit_learn_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(CannotCluster, match="themes"):
        find_clusters(library(), min_size=6)
