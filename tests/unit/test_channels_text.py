"""Text against a channel's limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shutterpost.channels import (
    CaptionTooLong,
    TextUnit,
    TooManyHashtags,
    TooManyLinks,
    TooManyMentions,
    catalogue,
    check_text,
    compose,
    count_text,
    fit_alt_text,
    text_length,
)

INSTAGRAM = catalogue().row("instagram")


def test_a_caption_at_the_limit_passes_and_one_more_character_is_named():
    check_text("x" * 2_200, INSTAGRAM)
    check_text("👍" * 1_100, INSTAGRAM)

    with pytest.raises(CaptionTooLong, match="2201 characters; Instagram takes 2200") as refused:
        check_text("x" * 2_201, INSTAGRAM)
    assert refused.value.kind == "caption-too-long"
    assert refused.value.members == {"field": "text", "limit": 2_200, "length": 2_201, "unit": "utf16"}


def test_more_hashtags_than_the_channel_takes_are_refused():
    check_text(" ".join(f"#t{n}" for n in range(30)), INSTAGRAM)

    with pytest.raises(TooManyHashtags) as refused:
        check_text(" ".join(f"#t{n}" for n in range(31)), INSTAGRAM)
    assert (refused.value.members["limit"], refused.value.members["count"]) == (30, 31)


def test_more_mentions_than_the_channel_takes_are_refused():
    check_text("mail@example.org " + " ".join(f"@u{n}" for n in range(20)), INSTAGRAM)

    with pytest.raises(TooManyMentions):
        check_text(" ".join(f"@u{n}" for n in range(21)), INSTAGRAM)


def test_an_alt_text_over_the_limit_is_fitted():
    text = "word " * 300
    fitted = fit_alt_text(text, INSTAGRAM)

    assert fitted.endswith("word…")
    assert len(fitted) <= 1_000


def test_a_caption_is_followed_by_hashtags_once_each():
    text = compose("  A calm lake #Nature ", ["lake", "#nature", "LAKE", "", "blue hour"], INSTAGRAM)

    assert text == "A calm lake #Nature\n\n#lake #bluehour"


def test_hashtags_alone_make_a_text():
    assert compose("", ["lake"], INSTAGRAM) == "#lake"


def test_hashtags_that_do_not_fit_are_left_out():
    caption = "x" * 2_190

    assert compose(caption, ["longhashtag", "ok"], INSTAGRAM) == f"{caption}\n\n#ok"
    assert compose("x", [f"t{n}" for n in range(40)], INSTAGRAM).count("#") == 30


def test_a_caption_that_is_too_long_is_left_for_the_check_to_refuse():
    caption = "x" * 2_300

    assert compose(caption, ["lake"], INSTAGRAM) == caption


@given(st.text(max_size=2_200), st.lists(st.text(max_size=40), max_size=50))
def test_composing_keeps_within_the_limits_wherever_the_caption_does(caption, tags):
    try:
        check_text(caption.strip(), INSTAGRAM)
    except (CaptionTooLong, TooManyHashtags, TooManyMentions):
        return

    text = compose(caption, tags, INSTAGRAM)

    check_text(text, INSTAGRAM)
    assert text.startswith(caption.strip())


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("lake", 4),
        ("e\u0301", 1),
        ("👩‍👩‍👧", 1),
        ("👍🏽", 1),
        ("🇩🇪🇫🇷", 2),
        ("\r\n", 1),
        ("🇩🇪🇫", 2),
        ("\u1112\u1161\u11ab", 1),
        ("a\u200db", 2),
    ],
)
def test_graphemes_are_counted_as_a_reader_sees_them(text, length):
    assert text_length(text, TextUnit.GRAPHEMES) == length


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("lake", 4),
        ("日本", 4),
        ("naïve", 5),
        ("nai\u0308ve", 5),
        ("“”", 2),
        ("→", 2),
        ("👩‍👩‍👧", 2),
        ("👍🏽🇩🇪1️⃣", 6),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ("🇩", 2),
    ],
)
def test_weights_follow_x(text: str, length: int) -> None:
    assert text_length(text, TextUnit.WEIGHTED) == length


@pytest.mark.parametrize(
    ("unit", "length"),
    [(TextUnit.CHARACTERS, 6), (TextUnit.UTF16, 7), (TextUnit.EMOJI_BYTES, 9), (TextUnit.BYTES, 10)],
)
def test_units_count_an_emoji_each_in_its_way(unit: TextUnit, length: int) -> None:
    assert text_length("föhn 👍", unit) == length


@pytest.mark.parametrize(
    ("channel", "text", "length"),
    [
        ("x", "see https://example.org/a/very/long/path", 27),
        ("x", "a.example", 23),
        ("x", "www.example.org/a/path/that/is/longer", 37),
        ("x", "https://example.org/霧", 24 + 1),
        ("mastodon", "see https://a.example!", 28),
        ("mastodon", "https://localhost/a/very/long/path", 34),
        ("mastodon", "hi @ansel@social.example, @b", 13),
        ("mastodon", "👩‍👩‍👧", 1),
        ("pixelfed", "hi @ansel@social.example", 24),
        ("bluesky", "https://example.org/a", 21),
        ("threads", "fog 👍", 8),
        ("linkedin", "(a_b) 👍", 8),
    ],
)
def test_links_and_mentions_count_what_the_platform_counts(channel: str, text: str, length: int) -> None:
    assert count_text(text, catalogue().row(channel)).length == length


def test_a_second_limit_is_counted_in_bytes() -> None:
    row = catalogue().row("bluesky")
    family = "👩‍👩‍👧‍👦"

    check_text(family * 120, row)

    with pytest.raises(CaptionTooLong, match="3025 bytes; Bluesky takes 3000") as refused:
        check_text(family * 121, row)
    assert refused.value.members["unit"] == "bytes"
    with pytest.raises(CaptionTooLong, match="301 graphemes"):
        check_text("x" * 301, row)


def test_more_different_links_than_the_channel_takes_are_refused() -> None:
    row = catalogue().row("threads")
    links = [f"https://a.example/{number}" for number in range(6)]

    check_text(" ".join([*links[:5], links[0]]), row)

    with pytest.raises(TooManyLinks, match="6 links; Threads takes 5") as refused:
        check_text(" ".join(links), row)
    assert (refused.value.members["limit"], refused.value.members["count"]) == (5, 6)
