"""The caption of a post comes from the first source that has one, and its hashtags from the persona and the photo."""

from typing import Any

import pytest

from shutterpost.curation import Caption, choose_caption, hashtags_of
from shutterpost.curation.captions import repeats


def test_caption_is_explicit_else_the_analysis_else_the_default() -> None:
    assert choose_caption(explicit="Mine", analysis="A lake.", default="d").source == "explicit"
    assert choose_caption(explicit="", analysis="A lake.", default="d").text == ""
    assert choose_caption(explicit=None, analysis=" A lake. ", default="d").text == "A lake."
    assert choose_caption(explicit=None, analysis="  ", default="d").source == "default"


def test_the_caption_is_the_persons_then_the_templates_then_the_analysis_one() -> None:
    chain: dict[str, Any] = {"explicit": None, "analysis": "A lake.", "default": "d"}
    stated = Caption(text="Mine.", source="iptc")
    assert choose_caption(**chain, stated=stated, template="From 2021").source == "iptc"
    assert choose_caption(**chain, template="From 2021") == Caption(text="From 2021", source="template")
    assert choose_caption(**chain, template="").source == "analysis"


def test_a_recently_used_caption_is_replaced_by_the_next_source() -> None:
    chain: dict[str, Any] = {
        "explicit": None,
        "default": "Out there.",
        "template": "One more from 2021 by me",
    }
    lately = ["One more from 2021 by me!", "Something else entirely"]
    assert choose_caption(**chain, analysis="A quiet lake.", lately=lately).source == "analysis"
    assert choose_caption(**chain, analysis="", lately=lately).source == "default"
    assert choose_caption(**chain, analysis="", lately=[*lately, "Out there."]).source == "template"


def test_hashtags_are_the_personas_then_the_photos_up_to_a_number() -> None:
    result = ("sailing boat", "Lake", "lake", "person", "sky")
    tags = hashtags_of(("Nature", "lake"), result, max_labels=2, never=("person",))
    assert tags == ("Nature", "lake", "sailingboat", "sky")


@pytest.mark.parametrize(
    ("text", "earlier", "expected"),
    [
        ("a b c d e f g", "A, b; C d e -- y z", True),  # three of five runs
        ("a b c d e f g", "a b c d x y z", False),  # two of five runs
        ("p q c d e f", "x y c d e f", False),  # two of four runs
        ("a b c d e", "one more a b c d e after all of this", True),  # all runs of the shorter caption
        ("a b", "a b", True),
        ("a b", "b a", False),
        ("a b", "a b c", False),
        ("lake", "Lake!", True),
        ("\N{WATER WAVE}", " \N{WATER WAVE} ", True),
        ("\N{WATER WAVE}", "\N{SUNRISE}", False),
        ("\N{WATER WAVE}", "", False),
    ],
)
def test_captions_repeat_each_other_if_they_share_most_runs_of_three_words(text, earlier, expected) -> None:
    assert repeats(text, ["nothing of the kind", earlier]) is expected
    assert repeats(earlier, [text]) is expected
