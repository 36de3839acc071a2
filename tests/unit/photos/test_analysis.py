"""A line of a file is an analysis, or an error that names the field."""

import json
from typing import Any

import pytest

from shutterpost.photos import BrokenAnalysis, parse_analysis
from tests.support.builders import analysis_fields, sha


def line(**facts: Any) -> str:
    return json.dumps(analysis_fields(**facts))


def test_a_whole_line_is_read():
    analysis = parse_analysis(
        line(photo="2020/Pont.jpg", sha256=sha("x").upper(), detected_objects=[{"label": "bridge"}])
    )
    assert (analysis.photo, analysis.sha256) == ("Pont.jpg", sha("x"))
    assert analysis.detected_objects == ("bridge",)
    assert analysis.embedding == (0.5, -0.25, 0.125, 0.75)


def test_score_and_name_are_enough():
    analysis = parse_analysis(b'{"photo": "a.jpg", "aesthetic_score": 7}')
    assert (analysis.aesthetic_score, analysis.embedding, analysis.caption) == (7.0, None, "")


def test_decomposed_names_are_composed():
    assert parse_analysis(line(photo="a\u0308rger.jpg")).photo == "\u00e4rger.jpg"


def test_a_sidecar_lends_its_name():
    assert parse_analysis(line(), photo="a.jpg").photo == "a.jpg"
    assert parse_analysis(line(photo="b.jpg"), photo="a.jpg").photo == "b.jpg"


@pytest.mark.parametrize(
    ("text", "field", "message"),
    [
        ("not json", "", "no JSON"),
        ("[1]", "", "JSON object"),
        ("[" * 100_000, "", "no JSON"),
        (line(), "sha256", "by its file name"),
        (line(photo="a.jpg", aesthetic_score=10.5), "aesthetic_score", "less than or equal to 10"),
        (line(photo="a.jpg", aesthetic_score="7"), "aesthetic_score", "valid number"),
        (line(photo="a.jpg", aesthetic_score=float("nan")), "aesthetic_score", "finite"),
        (line(photo="a.jpg", sharpness_score=-1), "sharpness_score", "greater than or equal to 0"),
        (line(photo="a.jpg", exposure_score=True), "exposure_score", "valid number"),
        (line(photo="a.jpg", embedding=[0.5, float("inf")]), "embedding.1", "finite"),
        (line(photo="a.jpg", embedding=[0, 0]), "embedding", "only zeros"),
        (line(photo="a.jpg", embedding=[0.5]), "embedding", "at least 2"),
        (line(photo="a.jpg", embedding_model=None), "embedding_model", "which model"),
        (line(photo="a.jpg", detected_objects="dog"), "detected_objects", "tuple"),
        (line(photo="a.jpg", focus=[0.5, 1.5]), "focus.1", "less than or equal to 1"),
        (line(photo="a.jpg", focus=[0.5]), "focus.1", "required"),
        (line(sha256="abc"), "sha256", "pattern"),
        (line(photo="/"), "photo", "file name"),
        (json.dumps({"photo": "a.jpg"}), "aesthetic_score", "required"),
        ('{"photo": "a.jpg", "pad": "' + "x" * 1_000_000 + '"}', "", "bytes"),
    ],
)
def test_a_broken_line_names_the_field_and_the_fault(text, field, message):
    with pytest.raises(BrokenAnalysis, match=message) as refused:
        parse_analysis(text)
    assert refused.value.members["field"] == field
