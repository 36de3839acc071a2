"""Placeholders are filled or refused by name; a cut text fits and loses whole words, links, hashtags and mentions."""

import re

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from shutterpost.channels import ChannelRow, catalogue, fit_text, fits_channel, text_length
from shutterpost.runtime.texts import PlaceholderUnfilled, cut, fill, placeholders_in

NAMES = st.sampled_from(["year", "theme", "credit", "fog_2"])
VALUES = st.dictionaries(NAMES, st.text(max_size=20))
PARTS = st.one_of(st.text(max_size=8), NAMES.map("{{{{{}}}}}".format), NAMES.map("{{{{ {} }}}}".format))
TEMPLATES = st.lists(PARTS, max_size=8).map("".join)
PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            " ",
            "\n\n",
            "fog",
            "a valley, far away",
            "霧の谷は静かだった",
            "👩‍👩‍👧‍👦",
            "e\u0301",
            "🇫🇷🇩🇪",
            "#fog",
            "#霧",
            "@ansel.adams",
            "@ansel@social.example",
            "https://example.org/fog?day=1.",
            "www.example.org/fog",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
WHOLE = re.compile(r"(?<!\w)(?:https?://|www\.)\S+|(?<!\w)#\w+|(?<![\w@])@[\w.@-]+")


@given(TEMPLATES, VALUES)
def test_a_template_is_filled_whole_or_refused_by_name(template: str, values: dict[str, str]) -> None:
    missing = {name for name in placeholders_in(template) if not values.get(name, "").strip()}
    if missing:
        with pytest.raises(PlaceholderUnfilled) as refused:
            fill(template, values)
        assert set(refused.value.members["placeholders"]) == missing
    else:
        rest = template
        for name in placeholders_in(template):
            rest = re.sub(r"\{\{\s*" + re.escape(name) + r"\s*\}\}", f"\0{name}\0", rest)
        parts = rest.split("\0")
        assert (
            fill(template, values)
            == "".join(values[part] if number % 2 else part for number, part in enumerate(parts)).strip()
        )


@given(st.text(max_size=40))
def test_a_value_is_never_read_as_a_template(value: str) -> None:
    assert fill("<{{a}}>", {"a": f"{value}{{{{b}}}}", "b": "B"}) == f"<{value}{{{{b}}}}>"


@given(TEXTS, st.integers(1, 60))
@example("Fog https://example.org/fog?day=1. over the valley", 34)
@example("霧の谷は静かだった" * 9, 20)
@example("👩‍👩‍👧‍👦" * 9, 8)
def test_a_cut_text_fits_and_what_must_stay_whole_stays_whole(text: str, limit: int) -> None:
    shorter = cut(text, lambda each: len(each) <= limit)
    assert len(shorter) <= limit
    whole = text.strip()
    if len(whole) <= limit:
        assert shorter == whole
        return
    if not shorter:
        return
    kept = shorter.removesuffix("…").removesuffix(" ")
    assert whole.startswith(kept)
    boundaries = {0}
    for grapheme in regex.findall(r"\X", whole):
        boundaries.add(max(boundaries) + len(grapheme))
    assert len(kept) in boundaries
    for match in WHOLE.finditer(whole):
        assert not match.start() < len(kept) < match.end()


@given(TEXTS, st.sampled_from(catalogue().rows))
def test_a_text_fitted_to_a_channel_is_within_all_of_its_limits(text: str, row: ChannelRow) -> None:
    fitted = fit_text(text * 30, row)
    assert fits_channel(fitted, row)
    assert text_length(fitted, row.limits.text_unit) <= row.limits.max_text_length


@pytest.mark.parametrize(
    ("text", "limit", "shorter"),
    [
        ("Fog over the valley.", 20, "Fog over the valley."),
        ("Fog over the valley.", 19, "Fog over the…"),
        ("Fog, over the valley.", 8, "Fog…"),
        ("See https://example.org/a/long/way for more", 36, "See https://example.org/a/long/way …"),
        ("See https://example.org/a/long/way for more", 30, "See…"),
        ("https://example.org/a/long/way", 20, ""),
        ("霧の谷は静かだった", 5, "霧の谷は…"),
    ],
)
def test_a_text_is_cut_behind_a_word(text: str, limit: int, shorter: str) -> None:
    assert cut(text, lambda each: len(each) <= limit) == shorter
