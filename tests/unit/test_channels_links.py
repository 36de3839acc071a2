"""UTM parameters of links: which, and where in a text."""

import pytest

from shutterpost.channels import catalogue, tag_links, utm_of

SPRING = {"utm_source": "bluesky", "utm_medium": "social", "utm_campaign": "spring"}
QUERY = "utm_source=bluesky&utm_medium=social&utm_campaign=spring"


@pytest.mark.parametrize(
    ("channel", "campaign", "own", "parameters"),
    [
        ("bluesky", "spring", {}, SPRING),
        ("bluesky", None, {}, {}),
        ("bluesky", None, {"short_url": "https://a.example"}, {}),
        ("bluesky", "spring", {"utm_content": "short"}, {**SPRING, "utm_content": "short"}),
        ("bluesky", "spring", {"utm_campaign": "mine"}, {**SPRING, "utm_campaign": "mine"}),
        ("instagram", "spring", {"utm_content": "short"}, {}),
    ],
)
def test_the_rule_names_channel_and_campaign(channel: str, campaign: str | None, own, parameters) -> None:
    assert utm_of(catalogue().row(channel), campaign, own) == parameters


@pytest.mark.parametrize(
    ("text", "tagged"),
    [
        ("No link.", "No link."),
        ("See https://a.example/x.", f"See https://a.example/x?{QUERY}."),
        ("(https://a.example/?q=1)", f"(https://a.example/?q=1&{QUERY})"),
        ("https://a.example?", f"https://a.example?{QUERY}?"),
        ("https://a.example#part #tag", f"https://a.example?{QUERY}#part #tag"),
        ("https://a.example?utm_source=me", "https://a.example?utm_source=me"),
        ("https://a.example http://b.example", f"https://a.example?{QUERY} http://b.example?{QUERY}"),
    ],
)
def test_each_link_without_parameters_gets_them(text: str, tagged: str) -> None:
    assert tag_links(text, SPRING) == tagged
    assert tag_links(tagged, SPRING) == tagged
    assert tag_links(text, {}) == text
