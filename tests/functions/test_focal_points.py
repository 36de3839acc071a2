"""Focal points of imported photos: from analyses and annotations, before or after the picture, through every crop."""

from collections.abc import Iterator

import pytest

from shutterpost.flows.importing.import_photo import Kind
from shutterpost.personas import RatioPolicy
from shutterpost.photos import Photo, PhotoChange, change_photo
from tests.support.aws import mocked_aws, simulated_tables
from tests.support.builders import analysis_fields, jsonl
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg

WIDE = jpeg(900, 300)
RIGHT = [0.9, 0.5]
ANALYSIS = jsonl(analysis_fields(photo="a.jpg", focus=RIGHT))


@pytest.fixture
def system() -> Iterator[ImportSystem]:
    with mocked_aws(), simulated_tables():
        yield ImportSystem(ratio_policy=RatioPolicy.CROP)


def only(system: ImportSystem) -> Photo:
    [photo] = system.library()
    return photo


def shown(photo: Photo) -> tuple[float, float]:
    """The left and right end of what its rendition shows."""
    window = photo.windows["feed"]
    return window.left, window.left + window.width


@pytest.mark.parametrize("analysis_first", [True, False])
@pytest.mark.parametrize("line", [ANALYSIS, jsonl({"photo": "a.jpg", "focus": RIGHT})])
def test_a_crop_keeps_the_focus_whichever_file_comes_first(
    system: ImportSystem, line: bytes, *, analysis_first: bool
) -> None:
    if analysis_first:
        system.drop("all.jsonl", line, under="analyses")
        system.drop("a.jpg", WIDE)
    else:
        system.drop("a.jpg", WIDE)
        system.drop("all.jsonl", line, under="analyses")
    left, right = shown(only(system))
    assert (only(system).focus, right) == (tuple(RIGHT), 1)
    assert left <= RIGHT[0] <= right
    assert only(system).focus_in("feed") is not None


def test_a_focus_within_a_whole_rendition_makes_nothing_again(system: ImportSystem) -> None:
    system.drop("a.jpg", jpeg())
    before = system.rendition(only(system)), only(system).made_for
    system.drop("all.jsonl", ANALYSIS, under="analyses")
    photo = only(system)
    assert (system.rendition(photo), photo.made_for) == before
    assert photo.focus_in("feed") == pytest.approx((0.8, 0))


def test_a_persons_focus_makes_a_cropped_rendition_again_on_request(system: ImportSystem) -> None:
    system.drop("a.jpg", WIDE)
    photo = only(system)
    change_photo(system.persona_id, photo.photo_id, PhotoChange(focus=(0.9, 0.5)))
    assert system.importing.render(system.persona_id, photo.photo_id).kind is Kind.RENEWED
    assert shown(only(system))[1] == 1
    assert system.importing.render(system.persona_id, photo.photo_id).kind is Kind.KNOWN
    change_photo(system.persona_id, photo.photo_id, PhotoChange(focus=None))
    assert system.importing.render(system.persona_id, photo.photo_id).kind is Kind.RENEWED


def test_a_padded_rendition_moves_the_focus_towards_its_centre() -> None:
    with mocked_aws(), simulated_tables():
        system = ImportSystem(ratio_policy=RatioPolicy.PAD)
        system.drop("a.jpg", jpeg(900, 300))
        system.drop("all.jsonl", jsonl(analysis_fields(photo="a.jpg", focus=[0.9, 0])), under="analyses")
        x, y = only(system).focus_in("feed") or (0, 0)
        assert x == pytest.approx(0.8)
        assert 0.5 < y < 0.7


def test_a_photo_of_an_earlier_release_is_rendered_again_to_place_its_focus(system: ImportSystem) -> None:
    system.drop("a.jpg", jpeg())
    photo = only(system)
    system.photos.renew(photo, renditions=photo.renditions, made_for=photo.made_for, withheld=None, windows={})
    assert only(system).windows == {}
    assert system.drop("a.jpg", jpeg()).kind is Kind.KNOWN
    system.drop("all.jsonl", ANALYSIS, under="analyses")
    assert only(system).focus_in("feed") == pytest.approx((0.8, 0))
    assert system.drop("a.jpg", jpeg()).kind is Kind.KNOWN
