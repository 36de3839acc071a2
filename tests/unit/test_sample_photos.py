"""The painted library of the demo is the same in every run, with analyses in the product's format."""

import hashlib
from pathlib import Path

import pytest
from PIL import Image

from infra.local.sample_photos import COUNT, HOURS, PLACES, create_sample_photos
from shutterpost.photos import Analysis, parse_analysis

pytestmark = pytest.mark.slow
SMALLEST_WIDTH = 320


@pytest.fixture(scope="module")
def painted(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[Analysis]]:
    folder = tmp_path_factory.mktemp("painted") / "photos"
    analyses = create_sample_photos(folder)
    return sorted(folder.iterdir()), [parse_analysis(line) for line in analyses.read_text().splitlines()]


def test_each_picture_has_an_analysis_of_its_own_bytes(painted: tuple[list[Path], list[Analysis]]) -> None:
    files, analyses = painted
    assert len(files) == COUNT == len(HOURS) * len(PLACES)
    by_name = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert {analysis.photo: analysis.sha256 for analysis in analyses} == by_name
    assert len(set(by_name.values())) == COUNT


def test_scores_differ_and_the_best_is_one_picture(painted: tuple[list[Path], list[Analysis]]) -> None:
    scores = sorted(analysis.aesthetic_score for analysis in painted[1])
    assert scores[0] < scores[-2] < scores[-1]


def test_vectors_are_of_one_model_and_length_one(painted: tuple[list[Path], list[Analysis]]) -> None:
    for analysis in painted[1]:
        assert sum(number * number for number in analysis.embedding or ()) == pytest.approx(1, abs=1e-3)
    assert len({(analysis.embedding_model, len(analysis.embedding or ())) for analysis in painted[1]}) == 1


def test_shapes_vary_and_every_picture_is_wide_enough_to_post(painted: tuple[list[Path], list[Analysis]]) -> None:
    sizes = set()
    for path in painted[0]:
        with Image.open(path) as picture:
            sizes.add(picture.size)
    assert min(width for width, _ in sizes) >= SMALLEST_WIDTH
    assert {width > height for width, height in sizes} == {True, False}


def test_painting_again_gives_the_same_bytes(painted: tuple[list[Path], list[Analysis]], tmp_path: Path) -> None:
    create_sample_photos(tmp_path / "photos", count=5)
    again = sorted((tmp_path / "photos").iterdir())
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in painted[0][:5]]
