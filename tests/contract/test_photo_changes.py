"""What a person changes of a photo, beside what its files and analyses state."""

from datetime import timedelta

import pytest

from shutterpost.photos import Annotation, Photo, PhotoChange, Photos, change_photo, photo_index
from shutterpost.photos.storage.items import PhotosTable
from shutterpost.runtime.commit import Committed, Refused, commit
from tests.contract.conftest import CreateTable
from tests.support.builders import NOW, OWNER, a_photo, an_analysis

PERSONA = a_photo().persona_id
ID = a_photo().photo_id
LATER = NOW + timedelta(days=1)


@pytest.fixture
def photos(new_table: CreateTable) -> Photos:
    """A library with one photo."""
    new_table(PhotosTable)
    photos = Photos()
    photos.record(a_photo(score=7.0))
    return photos


def changed(photos: Photos, **fields: object) -> Photo:
    """The photo after a person changed `fields`."""
    change_photo(PERSONA, ID, PhotoChange.model_validate(fields))
    return photos.get(PERSONA, ID)


def analysed(photos: Photos, **facts: object) -> Photo:
    """The photo after a later analysis and annotation of it."""
    photos.record_analysis(PERSONA, OWNER, an_analysis(sha256=ID, **facts), stated_at=LATER)
    line = Annotation(sha256=ID, caption="By a file.", alt_text="By a file.", keywords=("file",), rating=1)
    photos.record_annotation(PERSONA, OWNER, line, stated_at=LATER, line=1)
    return photos.get(PERSONA, ID)


def test_what_a_person_wrote_wins_over_what_is_imported_later(photos: Photos) -> None:
    changed(photos, caption="Mine.", alt_text="A lake.", keywords=["lake"], rating=5, theme="water")
    photo = analysed(photos, theme="bridges")
    assert (photo.caption, photo.caption_source) == ("Mine.", "person")
    assert (photo.alt_text, photo.keywords, photo.rating) == ("A lake.", ("lake",), 5)
    assert (photo.theme, photo.score) == ("water", 7.5)
    photos.give_theme(PERSONA, ID, "clusters")
    assert photos.get(PERSONA, ID).theme == "water"
    assert photos.record(a_photo(score=7.0)).photo.caption == "Mine."
    assert [item.photo_id for item in photos.candidates(PERSONA, 9, theme="water")] == [ID]


def test_fields_that_a_person_gives_up_are_those_of_the_files_again(photos: Photos) -> None:
    changed(photos, caption="Mine.", rating=5, theme="water")
    analysed(photos)
    photo = changed(photos, caption=None, theme=None)
    assert (photo.caption, photo.caption_source, photo.rating) == ("By a file.", "annotation", 5)
    assert changed(photos, rating=None).rating == 1
    photos.record_analysis(PERSONA, OWNER, an_analysis(sha256=ID, theme="bridges"), stated_at=LATER + timedelta(days=1))
    assert photos.get(PERSONA, ID).theme == "bridges"


def test_a_photo_that_is_kept_out_is_in_no_list_of_candidates(photos: Photos) -> None:
    assert changed(photos, kept_out="Blurred.").kept_out == "Blurred."
    assert photos.candidates(PERSONA, 9) == ()
    assert photos.unposted(PERSONA).photos == ()
    assert photo_index(PERSONA, 9).state == ("kept_out",)
    assert not analysed(photos).in_unposted
    assert changed(photos, caption="Still out.").kept_out == "Blurred."
    back = changed(photos, kept_out=None)
    assert (back.kept_out, back.in_unposted) == (None, True)
    assert [item.photo_id for item in photos.candidates(PERSONA, 9)] == [ID]


def test_nothing_returns_a_photo_that_is_kept_out(photos: Photos) -> None:
    photo = photos.get(PERSONA, ID)
    assert isinstance(commit([photos.take(PERSONA, ID, "p1", must_be_unposted=True)]), Committed)
    kept = changed(photos, kept_out="Blurred.")
    assert isinstance(commit([photos.put_back(kept, "p1")]), Refused)
    assert isinstance(commit([photos.let_go(kept, "p1")]), Committed)
    photos.renew(photo, renditions={}, made_for={}, withheld="Too small.")
    made = photos.renew(photos.get(PERSONA, ID), renditions=photo.renditions, made_for={}, withheld=None)
    assert (made.withheld, made.in_unposted) == (None, False)


def test_a_pick_that_read_the_photo_before_does_not_get_it(photos: Photos) -> None:
    write = photos.take(PERSONA, ID, "p1", must_be_unposted=True)
    changed(photos, kept_out="Blurred.")
    assert isinstance(commit([write]), Refused)
    assert isinstance(commit([photos.take(PERSONA, ID, "p2", must_be_unposted=False)]), Committed)
    photo = changed(photos, kept_out=None)
    assert (photo.kept_out, photo.in_unposted) == (None, False)


def test_a_photo_that_lacked_an_alt_text_is_ranked_as_before(photos: Photos) -> None:
    photos.record(a_photo("other.jpg", score=3.0))
    photos.set_aside(PERSONA, ID)
    assert [item.score for item in photos.unposted(PERSONA).photos] == [3.0, 7.0]
    changed(photos, alt_text="A lake.")
    assert [item.score for item in photos.unposted(PERSONA).photos] == [7.0, 3.0]


def test_a_persons_focus_wins_over_the_annotations_and_that_over_the_analysiss(photos: Photos) -> None:
    assert photos.get(PERSONA, ID).focus is None
    photos.record_analysis(PERSONA, OWNER, an_analysis(sha256=ID, focus=(0.25, 0.5)), stated_at=NOW)
    assert photos.get(PERSONA, ID).focus == (0.25, 0.5)
    line = Annotation(sha256=ID, focus=(0.5, 0.75))
    photos.record_annotation(PERSONA, OWNER, line, stated_at=NOW, line=1)
    assert photos.get(PERSONA, ID).focus == (0.5, 0.75)
    assert changed(photos, focus=(1, 0)).focus == (1, 0)
    photos.record_analysis(PERSONA, OWNER, an_analysis(sha256=ID, focus=(0.1, 0.1)), stated_at=LATER)
    assert photos.get(PERSONA, ID).focus == (1, 0)
    assert changed(photos, focus=None).focus == (0.5, 0.75)


def test_an_analysis_that_comes_before_its_photo_gives_it_the_focus(photos: Photos) -> None:
    early = a_photo("early.jpg")
    photos.record_analysis(PERSONA, OWNER, an_analysis(sha256=early.photo_id, focus=(0.25, 0.5)), stated_at=NOW)
    assert photos.record(early).photo.focus == (0.25, 0.5)
