"""A text fitted to a channel is within all its limits, and loses only whole words, links, hashtags and mentions."""

from collections.abc import Iterator

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shutterpost.channels import (
    ChannelRow,
    catalogue,
    count_text,
    facets,
    fit_alt_text,
    fit_caption,
    fit_text,
    fits_channel,
    limit_in,
)

ROWS = catalogue().rows
BLUESKY, MASTODON, THREADS, X = (catalogue().row(key) for key in ("bluesky", "mastodon", "threads", "x"))
FAMILY = "👩‍👩‍👧‍👦"
PIECES = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            " ",
            "\n\n",
            "(",
            ").",
            "a valley, far away",
            "霧の谷は静かだった",
            FAMILY,
            "🇫🇷🇩🇪",
            "e\u0301",
            "☀️",
            "#fog",
            "#blue-hour",
            "#हिन्दी",
            "#🦋day",
            "#" + "x" * 66,
            "@ansel.adams",
            "@ansel.bsky.social",
            "@ansel@social.example",
            "https://example.org/fog?day=1.",
            "https://example.org/fog_(weather)",
            "https://example.org/霧",
            "www.example.org/fog",
            "fog.example/x",
            "fog.example",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=10).map("".join)


def limited(row: ChannelRow, length: int, **more: int) -> ChannelRow:
    limits = row.limits.model_copy(update={"max_text_length": length, **more})
    return row.model_copy(update={"limits": limits})


TIGHT = st.builds(limited, st.sampled_from(ROWS), st.integers(1, 90))


def ends_of_graphemes(text: str) -> Iterator[int]:
    end = 0
    yield end
    for grapheme in regex.findall(r"\X", text):
        end += len(grapheme)
        yield end


@given(TEXTS, TIGHT)
@example(f"{FAMILY} " * 9, limited(BLUESKY, 300, max_text_bytes=60))
@example(" ".join(f"https://a.example/{number}" for number in range(9)), THREADS)
@example("#blue-hour#blue-hour#blue-hour", limited(BLUESKY, 8))
@example("#" + "x" * 66 + "-y" * 20, limited(BLUESKY, 40))
@example("(fog.example/x)霧の谷は静かだった", limited(X, 28))
@example("霧 (fog.example)霧の谷は静かだった", limited(X, 28))
@example("@ansel@social.example霧の谷は静かだった", limited(MASTODON, 8))
@example("☀️☀️☀️#fog", limited(MASTODON, 4))
@example("霧(fog.example/霧の谷は静かだった", limited(BLUESKY, 18))
def test_a_fitted_text_is_whole_within_every_limit(text: str, row: ChannelRow) -> None:
    fitted = fit_text(text, row)

    assert fits_channel(fitted, row)
    assert fit_text(fitted, row) == fitted
    if fits_channel(text, row):
        assert fitted == text
        return
    whole = text.strip()
    if fitted in {whole, ""}:
        return
    kept = fitted.removesuffix("…").removesuffix(" ")
    assert whole.startswith(kept)
    assert len(kept) in ends_of_graphemes(whole)
    before = [(each.kind, each.value) for each in facets(whole, row)]
    after = [(each.kind, each.value) for each in facets(fitted, row)]
    assert after == before[: len(after)]


@given(TEXTS, TIGHT)
@example(" fog ", BLUESKY)
def test_a_text_that_fits_stays_byte_for_byte(text: str, row: ChannelRow) -> None:
    roomy = limited(row, 10_000)
    if fits_channel(text, roomy):
        assert fit_text(text, roomy) == text
        assert fit_caption(text, roomy) == text


@settings(max_examples=30)
@given(TEXTS, TIGHT)
def test_a_caption_is_cut_to_the_lengths_alone(text: str, row: ChannelRow) -> None:
    row = limited(row, row.limits.max_text_length, max_hashtags=0, max_mentions=0, max_links=0)
    unbound = limited(row, row.limits.max_text_length, max_hashtags=999, max_mentions=999, max_links=999)

    assert fit_caption(text, row) == fit_text(text, unbound)


@given(TEXTS, st.integers(1, 40))
@example(FAMILY * 9, 20)
@example("fog " * 9, 20)
@example("fog\nlake", 20)
def test_an_alt_text_is_a_line_of_whole_words(text: str, limit: int) -> None:
    row = BLUESKY.model_copy(update={"limits": BLUESKY.limits.model_copy(update={"max_alt_text": limit})})
    line = " ".join(text.split())

    fitted = fit_alt_text(text, row)

    assert len(fitted) <= limit
    assert fit_alt_text(fitted, row) == fitted
    if len(line) <= limit:
        assert fitted == line
    else:
        kept = fitted.removesuffix("…").removesuffix(" ")
        assert line.startswith(kept)
        assert len(kept) in ends_of_graphemes(line)


@pytest.mark.parametrize(
    ("row", "text", "fitted"),
    [
        (limited(BLUESKY, 12), "Fog over the valley", "Fog over…"),
        (limited(BLUESKY, 300, max_text_bytes=14), "Föhn über dem Tal", "Föhn über…"),
        (limited(MASTODON, 29), "See https://example.org/a/long/way for more", "See https://example.org/a/long/way …"),
        (limited(MASTODON, 28), "See https://example.org/a/long/way for more", "See…"),
        (limited(MASTODON, 10), "Hi @ansel@social.example, and all", "Hi @ansel@social.example…"),
        (limited(X, 32), "Watch fog.example/x now and then", "Watch fog.example/x …"),
        (limited(THREADS, 12), "Fog 👍 and 👍 lake", "Fog 👍…"),
    ],
)
def test_a_text_is_fitted_in_the_unit_of_its_channel(row: ChannelRow, text: str, fitted: str) -> None:
    assert fit_text(text, row) == fitted


@pytest.mark.parametrize(
    ("channel", "text", "length", "end"),
    [
        ("instagram", "ab🦋cd", 4, 3),
        ("instagram", "ab🦋cd", 3, 2),
        ("bluesky", f"a{FAMILY}bc", 2, 1 + len(FAMILY)),
        ("threads", "a🦋bc", 4, 1),
        ("threads", "a🦋bc", 6, 3),
        ("x", "霧の谷", 4, 2),
        ("x", "霧 https://example.org/a-long-way-off fog", 26, 36),
        ("x", "a https://example.org/a-long-way-off", 24, 2),
        ("mastodon", "by @ansel@social.example now", 9, 24),
        ("instagram", "#fogandlake", 4, 4),
        ("instagram", f"a{FAMILY}b", 6, 1),
        ("instagram", "fits", 4, None),
    ],
)
def test_the_limit_falls_where_the_channel_counts_it(channel: str, text: str, length: int, end: int | None) -> None:
    assert limit_in(text, limited(catalogue().row(channel), length), str) == end


def test_a_limit_of_bytes_falls_before_the_one_of_characters() -> None:
    assert limit_in("霧の谷は", limited(BLUESKY, 300, max_text_bytes=7), str) == 2


@given(TEXTS, TIGHT)
@settings(max_examples=60, deadline=None)
def test_what_is_before_the_limit_fits(text: str, row: ChannelRow) -> None:
    end = limit_in(text, row, str)
    assert (end is None) == (count_text(text, row).too_long is None)
    assert end is None or count_text(text[:end], row).too_long is None
