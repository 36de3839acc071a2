"""What each platform takes for a hashtag, a link and a mention, and where it is in the text."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.local.simulators.linkedin.state import shown_text
from shutterpost.channels import FacetKind, as_sent, catalogue, compose, count_text, facets
from shutterpost.channels.linkedin.responses import text_of

PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            " ",
            "(",
            ").",
            "👩‍👩‍👧‍👦",
            "🇫🇷",
            "e\u0301",
            "#fog",
            "#हिन्दी",
            "#🦋",
            "#2024",
            "@ansel",
            "@ansel.bsky.social",
            "@ansel@social.example",
            "https://example.org/fog?day=1.",
            "https://example.org/霧",
            "www.example.org/fog",
            "example.org",
        ]
    ),
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def parts(kind: FacetKind, text: str, channel: str) -> list[str]:
    return [facet.value for facet in facets(text, catalogue().row(channel)) if facet.kind is kind]


@pytest.mark.parametrize(
    ("channel", "text", "names"),
    [
        ("instagram", "#fog #2024 a#b #blue_hour #fog", ["fog", "2024", "blue_hour", "fog"]),
        ("instagram", "#हिन्दी #日本。 ☀️#sun", ["हिन्दी", "日本", "sun"]),
        ("bluesky", "#fog. #2024 #2024a #blue-hour- (#b) a#c ##d #-", ["fog", "2024a", "blue-hour", "b"]),
        ("bluesky", "#🦋 #l33t #☀️day \uff03霧 ☀️ #हिन्दी", ["🦋", "l33t", "☀️day", "霧", "हिन्दी"]),
        ("bluesky", "#" + "x" * 64 + " #" + "y" * 65, ["x" * 64]),
        ("bluesky", "#" + "e\u0301" * 64, ["e\u0301" * 64]),
        ("mastodon", "#fog #2024 #2024a /#no =#no (#yes #blue-hour \uff03霧", ["fog", "2024a", "yes", "blue", "霧"]),
        ("pixelfed", "#fog #2024", ["fog"]),
        ("threads", "#fog #" + "x" * 51, ["fog"]),
        ("x", "#fog #2024 &#no #日本 #霧://x", ["fog", "日本"]),
        ("linkedin", "#fog #blue_hour #2024", ["fog", "2024"]),
    ],
)
def test_hashtags_follow_the_platform(channel: str, text: str, names: list[str]) -> None:
    assert parts(FacetKind.HASHTAG, text, channel) == names


@pytest.mark.parametrize(
    ("channel", "text", "accounts"),
    [
        ("instagram", "@ansel.adams. mail@a.example @@b", ["ansel.adams"]),
        (
            "bluesky",
            "@ansel @ansel.bsky.social, (@a.example) x@b.example @a.1 @a@b.example",
            ["ansel.bsky.social", "a.example"],
        ),
        ("bluesky", "@-a.example @a-.example @a.example_", []),
        ("mastodon", "@ansel, @ansel@social.example. /@no a@b.example", ["ansel", "ansel@social.example"]),
        ("x", "@ansel. @ansel.adams mail@a.example @" + "x" * 16, ["ansel", "ansel"]),
        ("linkedin", "@ansel", []),
    ],
)
def test_mentions_follow_the_platform(channel: str, text: str, accounts: list[str]) -> None:
    assert parts(FacetKind.MENTION, text, channel) == accounts


@pytest.mark.parametrize(
    ("channel", "text", "addresses"),
    [
        ("instagram", "https://example.org", []),
        ("bluesky", "See https://example.org/a. HTTP://example.org!", ["https://example.org/a", "HTTP://example.org"]),
        ("bluesky", "(https://example.org/fog_(weather))", ["https://example.org/fog_(weather)"]),
        (
            "bluesky",
            "https://example.org/a), «https://example.org/霧»…",
            ["https://example.org/a", "https://example.org/霧"],
        ),
        (
            "bluesky",
            "www.example.org, a.example/b? and/or a.example 1.5/2",
            ["https://www.example.org", "https://a.example/b"],
        ),
        ("bluesky", "https:// https://. xhttps://a.example", []),
        ("bluesky", "https://a.example/#fog @b.example/c", ["https://a.example/#fog"]),
        ("mastodon", "https://a.example/b?c=d#e. www.a.example a.example", ["https://a.example/b?c=d#e"]),
        ("mastodon", "https://localhost/a https://a.example霧 https://a.example/b霧", ["https://a.example/b"]),
        ("x", "a.example, https://b.example/c! x@d.example z.B.", ["https://a.example", "https://b.example/c"]),
    ],
)
def test_links_end_before_the_punctuation_of_their_sentence(channel: str, text: str, addresses: list[str]) -> None:
    assert parts(FacetKind.LINK, text, channel) == addresses


def test_offsets_are_bytes_of_utf_8() -> None:
    text = "Fög 👩‍👩‍👧 #dune https://a.example @b.example"

    in_order = facets(text, catalogue().row("bluesky"))

    assert [text.encode()[each.byte_start : each.byte_end].decode() for each in in_order] == text.split()[2:]
    assert (in_order[0].byte_start, in_order[0].byte_end) == (24, 29)
    assert in_order[0].start == 10


@given(TEXTS, st.sampled_from(catalogue().rows))
@example("https://a.example/#fog@b", catalogue().row("bluesky"))
def test_facets_stand_in_their_order_and_apart(text: str, row) -> None:
    in_order = facets(text, row)

    assert all(before.end <= after.start for before, after in pairwise(in_order))
    for each in in_order:
        written = text[each.start : each.end]
        assert text.encode()[each.byte_start : each.byte_end].decode() == written
        assert each.value in {written[1:], written, f"https://{written}"}


@pytest.mark.parametrize(
    ("channel", "text"),
    [("linkedin", "(a_b) *c* [d] {e} <f> ~g~ h|i @j \\ #"), ("bluesky", "(a_b) #fog"), ("instagram", "@a (b)")],
)
def test_only_a_channel_that_reserves_characters_has_them_escaped(channel: str, text: str) -> None:
    escaped = "\\(a\\_b\\) \\*c\\* \\[d\\] \\{e\\} \\<f\\> \\~g\\~ h\\|i \\@j \\\\ \\#"

    assert as_sent(text, catalogue().row(channel)) == (escaped if channel == "linkedin" else text)


def test_a_hashtag_is_written_as_one_where_others_of_its_sign_are_escaped() -> None:
    row = catalogue().row("linkedin")

    assert as_sent("#fog # #blue_hour", row) == "#fog \\# \\#blue\\_hour"
    assert count_text("(#)", row).length == 3


@given(st.text(alphabet=st.sampled_from("\\<>#~_|[]*(){}@ab9 \n\u00e4"), max_size=40) | TEXTS)
@example("{hashtag|\\#|x} #fog\\")
def test_an_escaped_text_reads_back_as_the_original(text: str) -> None:
    sent = as_sent(text, catalogue().row("linkedin"))

    assert text_of({"commentary": sent}) == text
    assert shown_text(sent) == text


@pytest.mark.parametrize(
    ("channel", "names", "text"),
    [
        ("instagram", ["2024", "हिन्दी", "blue hour"], "x\n\n#2024 #हिन्दी #bluehour"),
        ("bluesky", ["2024", "y" * 65, "fog"], "x\n\n#fog"),
        ("linkedin", ["blue_hour"], "x\n\n#bluehour"),
        ("threads", ["fog", "lake"], "x\n\n#fog"),
    ],
)
def test_names_become_hashtags_by_the_rule_of_the_platform(channel: str, names: list[str], text: str) -> None:
    assert compose("x", names, catalogue().row(channel)) == text
