"""Statements about a photo in sidecars, in the file and in lists; the result does not depend on their order."""

import io
import itertools
import json

import pytest
from PIL import Image

from shutterpost.flows.importing.import_photo import Kind
from shutterpost.personas import RatioPolicy
from shutterpost.photos import Reason
from shutterpost.runtime.commit import Committed, commit
from tests.support.awkward import xmp
from tests.support.aws import BUCKET, keys_in, mocked_aws, simulated_tables
from tests.support.builders import analysis_fields, jsonl
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg, opened


@pytest.fixture
def system():
    with mocked_aws(), simulated_tables():
        yield ImportSystem()


def test_rating_caption_keywords_and_credit_are_read_from_a_photo(system):
    photo = system.photo(system.drop("a.jpg", jpeg(xmp=xmp("Evening light over the harbour."))))
    assert (photo.caption, photo.caption_source) == ("Evening light over the harbour.", "embedded_xmp")
    assert (photo.rating, photo.keywords, photo.credit) == (4, ("harbour", "evening"), "A. Painter")
    assert photo.alt_text == ""


DROPS = {
    "2020/a.jpg": jpeg(xmp=xmp("embedded", rating=1, credit="Embedded")),
    "2020/a.txt": b"\xef\xbb\xbfby text\r\n",
    "2020/a.jpg.xmp": xmp("by sidecar", rating=5, credit="Sidecar"),
    "2020/a.json": json.dumps(analysis_fields(caption="by machine")).encode(),
}


@pytest.mark.parametrize("order", list(itertools.permutations(DROPS)), ids=" ".join)
def test_sidecars_meet_their_photo_in_any_order(system, order):
    ends = {name: system.drop(name, DROPS[name]) for name in order}
    photo = system.photo(ends["2020/a.jpg"])
    assert (photo.caption, photo.caption_source, photo.alt_text) == ("by text", "text_sidecar", "by machine")
    assert (photo.rating, photo.credit, photo.score) == (5, "Sidecar", 7.5)
    assert not keys_in(system.s3, "rejected/")


def test_sources_are_believed_in_the_written_order(system):
    output = {"annotation": None, "text_sidecar": None, "xmp_sidecar": None, "embedded_xmp": None, "analysis": None}
    system.drop("all.jsonl", jsonl(analysis_fields(photo="a.jpg", caption="analysis")), under="analyses")
    drops = [
        ("embedded_xmp", "a.jpg", jpeg(xmp=xmp("embedded_xmp")), "photos"),
        ("xmp_sidecar", "a.xmp", xmp("xmp_sidecar"), "photos"),
        ("text_sidecar", "a.txt", b"text_sidecar", "photos"),
        ("annotation", "b.jsonl", jsonl({"photo": "a.jpg", "caption": "annotation", "rating": 2}), "analyses"),
    ]
    for source, name, data, under in drops:
        system.drop(name, data, under)
        [photo] = system.photos.of_persona(system.persona_id).photos
        assert (photo.caption, photo.caption_source) == (source, source)
        output.pop(source)
    assert (photo.alt_text, photo.rating, list(output)) == ("analysis", 2, ["analysis"])


def test_a_sidecar_speaks_of_the_photo_in_its_own_folder(system):
    first = system.drop("2020/a.jpg", jpeg(hue=1))
    second = system.drop("2021/a.jpg", jpeg(hue=2))
    system.drop("2021/a.txt", b"of the second")
    assert (system.photo(first).caption, system.photo(second).caption) == ("", "of the second")


def test_the_closest_sidecar_wins_and_an_empty_one_states_nothing(system):
    photo = system.drop("a.b.jpg", jpeg(xmp=xmp("embedded")))
    for name, data, caption in [
        ("a.b.jpg.txt", b"exact", "exact"),
        ("a.b.txt", b"by stem", "exact"),
        ("a.b.jpg.TXT", b"", "embedded"),
    ]:
        system.drop(name, data)
        assert system.photo(photo).caption == caption


def test_a_sidecar_alone_waits_and_is_no_rejection(system):
    outcome = system.drop("later.txt", b"a caption")
    assert (outcome.kind, outcome.photo_id) == (Kind.DESCRIBED, None)
    assert keys_in(system.s3) == [f"photos/{system.persona_id}/later.txt"]


def test_a_picture_called_like_a_sidecar_is_a_photo(system):
    assert system.drop("scan.txt", jpeg()).kind is Kind.IMPORTED


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.xmp", b"<x", Reason.BROKEN_SIDECAR),
        ("a.xmp", b'<!DOCTYPE x [<!ENTITY a "aaa">]><x>&a;</x>', Reason.BROKEN_SIDECAR),
        ("a.xmp", b"<html/>", Reason.BROKEN_SIDECAR),
        ("a.txt", b"\x00\x01\x02", Reason.BROKEN_SIDECAR),
        ("a.txt", b"word " * 2000, Reason.BROKEN_SIDECAR),
        ("a.txt", b"x" * 70_000, Reason.TOO_LARGE_FILE),
    ],
)
def test_a_sidecar_that_cannot_be_read_has_a_reason_file(system, name, data, reason):
    outcome = system.drop(name, data)
    assert (outcome.kind, outcome.reason) == (Kind.REJECTED, reason)
    assert system.reason(outcome)["what_to_do"]


def test_annotations_name_photos_by_hash_path_or_name_and_are_reported_by_line(system):
    photos = [system.drop(f"2020/{name}.jpg", jpeg(hue=hue)) for hue, name in enumerate("abc")]
    lines = jsonl(
        {"photo": "a.jpg", "keywords": ["one", "one", "two"]},
        {"photo": "2020/b.jpg", "credit": "B"},
        {"sha256": photos[2].photo_id, "rating": 3, "caption": "c"},
        {"photo": "a.jpg", "rating": 9},
        {"rating": 3},
    )
    outcome = system.drop("said.jsonl", lines, under="analyses")
    assert (outcome.analyses, outcome.broken) == (3, 2)
    first, second, third = (system.photo(photo) for photo in photos)
    assert (first.keywords, second.credit, third.rating, third.caption) == (("one", "two"), "B", 3, "c")
    assert first.rating is None


def test_an_annotation_of_an_alt_text_alone_describes_the_picture(system):
    photo = system.drop("a.jpg", jpeg())
    outcome = system.drop("said.jsonl", jsonl({"photo": "a.jpg", "alt_text": "A quay."}), under="analyses")
    assert (outcome.analyses, outcome.broken) == (1, 0)
    assert (system.photo(photo).alt_text, system.photo(photo).caption) == ("A quay.", "")


def test_a_label_gives_a_theme_and_leaves_all_else(system):
    photo = system.drop("a.jpg", jpeg())
    system.drop("said.jsonl", jsonl({"photo": "a.jpg", "keywords": ["one"], "caption": "c"}), under="analyses")
    lines = jsonl(
        {"sha256": photo.photo_id, "theme": "boats"},
        {"sha256": "0" * 64, "theme": "boats"},
        {"sha256": photo.photo_id, "theme": "x" * 61},
    )
    outcome = system.drop("themes.jsonl", lines, under="analyses")
    assert (outcome.analyses, outcome.broken) == (1, 2)
    labelled = system.photo(photo)
    assert (labelled.theme, labelled.keywords, labelled.caption) == ("boats", ("one",), "c")


def bears(data: bytes) -> tuple[str, ...]:
    """The metadata a rendition bears."""
    with Image.open(io.BytesIO(data)) as picture:
        result = {"exif", "xmp", "icc_profile", "photoshop", "comment"}
        return tuple(name for name in sorted(result) if name in picture.info)


def test_only_a_wanted_credit_stays_in_the_rendition():
    report = jpeg(xmp=xmp(credit="Ann & Co"))
    with mocked_aws(), simulated_tables():
        system = ImportSystem()
        assert bears(system.rendition(system.photo(system.drop("a.jpg", report)))) == ()
    with mocked_aws(), simulated_tables():
        system = ImportSystem(keep_credit=True)
        outcome = system.drop("a.jpg", report)
        data = system.rendition(system.photo(outcome))
        assert bears(data) == ("xmp",)
        assert b"Ann &amp; Co" in data
        assert b"Evening" not in data
        system.drop("a.xmp", xmp(credit="Somebody else"))
        assert b"Somebody else" in system.rendition(system.photo(outcome))


def test_a_credit_that_is_annotated_reaches_renditions_at_once_and_many_at_the_next_remake(monkeypatch):
    monkeypatch.setattr("shutterpost.flows.importing.import_photo.MAX_RENEWED", 1)
    with mocked_aws(), simulated_tables():
        system = ImportSystem(keep_credit=True)
        photos = [system.drop(f"{name}.jpg", jpeg(hue=hue)) for hue, name in enumerate("ab")]
        output = jsonl(*({"photo": f"{name}.jpg", "credit": "By annotation"} for name in "ab"))
        system.drop("said.jsonl", output, under="analyses")
        bearing = [b"By annotation" in system.rendition(system.photo(item)) for item in photos]
        assert sorted(bearing) == [False, True]
        for photo in photos:
            system.importing(system.photo(photo).keys[0])
        assert all(b"By annotation" in system.rendition(system.photo(item)) for item in photos)


def test_renditions_are_made_anew_when_the_rules_change(system):
    outcome = system.drop("wide.jpg", jpeg(2000, 400))
    key = f"photos/{system.persona_id}/wide.jpg"
    assert opened(system.rendition(system.photo(outcome))).size == (1440, 754)
    assert system.importing(key).kind is Kind.KNOWN
    system.change(ratio_policy=RatioPolicy.CROP)
    assert system.importing(key).kind is Kind.RENEWED
    assert opened(system.rendition(system.photo(outcome))).size == (764, 400)
    system.change(ratio_policy=RatioPolicy.SKIP)
    system.importing(key)
    assert (system.photo(outcome).withheld, system.photo(outcome).in_unposted) == ("ratio-skipped", False)
    system.change(ratio_policy=RatioPolicy.PAD)
    system.importing(key)
    assert (system.photo(outcome).withheld, system.photo(outcome).in_unposted) == (None, True)
    assert system.importing(key).kind is Kind.KNOWN


def test_a_scheduled_photo_keeps_its_rendition_when_rules_or_source_change(system):
    outcome = system.drop("wide.jpg", jpeg(2000, 400))
    photo = system.photo(outcome)
    take = system.photos.take(system.persona_id, photo.photo_id, "p1", must_be_unposted=True)
    assert commit([take]) == Committed()
    system.change(ratio_policy=RatioPolicy.SKIP)
    system.importing(photo.keys[0])
    assert (system.photo(outcome).renditions, system.photo(outcome).withheld) == (photo.renditions, None)
    system.s3.delete_object(Bucket=BUCKET, Key=photo.keys[0])
    assert system.importing(photo.keys[0]).kind is Kind.GONE
    assert system.rendition(photo)
