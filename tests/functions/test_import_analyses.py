"""Analyses as lists, as single files and beside their photos, on moto."""

import gzip
import json

import pytest

from shutterpost.flows.importing.import_photo import Kind
from shutterpost.photos import Reason
from tests.support.aws import body_of, keys_in, mocked_aws, simulated_tables
from tests.support.builders import analysis_fields, digest, jsonl
from tests.support.import_system import ImportSystem
from tests.support.pictures import jpeg


@pytest.fixture
def system():
    with mocked_aws(), simulated_tables():
        yield ImportSystem()


def test_broken_lines_are_reported_by_number_and_good_ones_kept(system):
    lines = jsonl(
        analysis_fields(photo="a.jpg", aesthetic_score=8),
        "",
        "{broken",
        analysis_fields(photo="b.jpg", aesthetic_score=11),
        analysis_fields(photo="c.jpg", embedding=[1, 2]),
        analysis_fields(photo="d.jpg"),
    )
    for name in "abcd":
        system.drop(f"{name}.jpg", jpeg(hue=ord(name)))
    outcome = system.drop("all.jsonl", lines, under="analyses")
    assert (outcome.kind, outcome.analyses, outcome.broken) == (Kind.ANALYSED, 2, 3)
    scores = {photo.names[0]: photo.score for photo in system.library() if not photo.provisional}
    assert scores == {"a.jpg": 8, "d.jpg": 7.5}
    reason = system.reason(outcome)
    assert [(line["line"], line["field"]) for line in reason["lines"]] == [
        (3, ""),
        (4, "aesthetic_score"),
        (5, "embedding"),
    ]
    assert (reason["detail"][:6], reason["reason"]) == ("3 of 5", "broken-analysis")
    assert f"analyses/{system.persona_id}/all.jsonl" in keys_in(system.s3, "analyses/")
    a, b, c, d = (analysis_fields(photo=f"{name}.jpg", aesthetic_score=9) for name in "abcd")
    mended = jsonl(a, "", b, c, "", d)
    assert system.drop("all.jsonl", mended, under="analyses").analyses == 4
    assert keys_in(system.s3, "rejected/") == []
    assert {photo.score for photo in system.library()} == {9}


def test_most_lines_of_a_file_decide_how_long_the_vectors_of_a_new_model_are(system):
    wrong = [analysis_fields(photo=f"{number}.jpg", embedding=[1] * (number + 5)) for number in range(3)]
    good = [analysis_fields(photo=f"{name}.jpg") for name in "ab"]
    outcome = system.drop("all.jsonl", jsonl(*wrong, *good), under="analyses")
    assert (outcome.analyses, outcome.broken) == (2, 3)
    assert [(line["line"], line["field"]) for line in system.reason(outcome)["lines"]] == [
        (number, "embedding") for number in (1, 2, 3)
    ]
    # A later file keeps to it.
    assert system.drop("more.jsonl", jsonl(*wrong), under="analyses").broken == 3
    renamed = [fields | {"embedding_model": f"other-{number}"} for number, fields in enumerate(wrong)]
    assert system.drop("more.jsonl", jsonl(*renamed), under="analyses").analyses == 3


def test_among_equals_the_first_length_applies(system):
    lines = jsonl(analysis_fields(photo="a.jpg", embedding=[1, 2]), analysis_fields(photo="b.jpg", embedding=[1, 2, 3]))
    outcome = system.drop("all.jsonl", lines, under="analyses")
    assert [line["line"] for line in system.reason(outcome)["lines"]] == [2]


def test_a_file_without_one_good_analysis_is_moved(system):
    for name, data in (("a.jsonl", b"nonsense\nmore"), ("b.json", b"[]"), ("c.jsonl", b"\n\n"), ("d.json", b"{")):
        outcome = system.drop(name, data, under="analyses")
        assert (outcome.kind, outcome.reason) == (Kind.REJECTED, Reason.BROKEN_ANALYSIS)
        assert body_of(system.s3, outcome.moved_to) == data
    assert system.drop("e.jsonl", gzip.compress(b"x" * 99), under="analyses").kind is Kind.REJECTED
    assert system.drop("f.json", b"", under="analyses").reason is Reason.EMPTY_FILE
    assert keys_in(system.s3, "analyses/") == []


def test_many_lines_stream_and_the_last_line_about_a_photo_applies(system):
    system.drop("a.jpg", jpeg())
    many = jsonl(*(analysis_fields(photo="a.jpg", aesthetic_score=1 + number / 100) for number in range(600)))
    assert system.drop("all.jsonl", many, under="analyses").analyses == 600
    assert system.library()[0].score == 1 + 599 / 100


def test_a_report_names_the_first_thousand_lines_and_counts_all(system):
    outcome = system.drop("all.jsonl", b"broken\n" * 1500, under="analyses")
    assert (outcome.kind, outcome.broken) == (Kind.REJECTED, 1500)
    reason = system.reason(outcome)
    assert [line["line"] for line in reason["lines"]] == list(range(1, 1001))
    assert "1500" in reason["detail"]


def test_an_endless_line_is_one_broken_line(system):
    data = b'{"photo": "' + b"x" * 3_000_000 + b'"}\n' + jsonl(analysis_fields(photo="a.jpg")) + b"\r\n"
    outcome = system.drop("all.jsonl", data, under="analyses")
    assert (outcome.analyses, outcome.broken) == (1, 1)
    assert system.reason(outcome)["lines"][0]["line"] == 1


@pytest.mark.parametrize("name", ["a.jpg.json", "a.json"])
@pytest.mark.parametrize("photo_first", [True, False])
def test_a_lone_analysis_beside_a_photo_is_its_own(system, name, photo_first):
    drops = [("a.jpg", jpeg()), (f"{name}", json.dumps(analysis_fields()).encode())]
    for dropped in drops if photo_first else reversed(drops):
        system.drop(*dropped)
    assert [(photo.score, photo.provisional) for photo in system.library()] == [(7.5, False)]


def test_photos_and_analyses_end_alike_in_either_order(system):
    pictures = {f"{number}.jpg": jpeg(hue=number) for number in range(4)}
    stated = jsonl(
        *(
            analysis_fields(sha256=digest(data), photo=name, aesthetic_score=2 + int(name[0]))
            for name, data in pictures.items()
        )
    )
    system.drop("all.jsonl", stated, under="analyses")
    for name, data in pictures.items():
        system.drop(name, data)
    before = system.library()
    assert [photo.score for photo in before] == [5, 4, 3, 2]
    system.drop("all.jsonl", stated, under="analyses")
    assert system.library() == before
