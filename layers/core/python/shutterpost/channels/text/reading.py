"""The hashtags, links and mentions of a text, as a channel reads it. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from shutterpost.channels.catalogue import ChannelRow
from shutterpost.runtime.texts import in_letters

# Punctuation that an address may end with.
_OWN = frozenset("/#%&*@_-")
_BRACKETS = {")": "(", "]": "[", "}": "{"}


class FacetKind(StrEnum):
    HASHTAG = "hashtag"
    LINK = "link"
    MENTION = "mention"


class Facet(NamedTuple):
    """A place in a text; `value` is a hashtag without its sign, an address with its scheme, or an account."""

    kind: FacetKind
    value: str
    start: int
    end: int
    byte_start: int
    byte_end: int


class Span(NamedTuple):
    """A facet by its characters alone; `bare` means a link that is written without a scheme."""

    start: int
    end: int
    kind: FacetKind
    value: str
    bare: bool = False


def facets(text: str, row: ChannelRow) -> tuple[Facet, ...]:
    """The facets of `text` on a channel, in their order. They do not overlap."""
    return tuple(
        Facet(
            span.kind, span.value, span.start, span.end, utf8_length(text[: span.start]), utf8_length(text[: span.end])
        )
        for span in spans(text, row)
    )


def spans(text: str, row: ChannelRow) -> tuple[Span, ...]:
    likely = [span for span in candidates(text, row) if _valid(span, row)]
    free: list[Span] = []
    for span in likely:
        if not any(span.start < other.end and other.start < span.end for other in free):
            free.append(span)
    return tuple(sorted(free))


def candidates(text: str, row: ChannelRow) -> Iterator[Span]:
    """What looks like a facet: links, then mentions, then hashtags; some overlap, and some are too long."""
    letters, rules = in_letters(text), row.text
    if row.limits.supports_links:
        for match in _compiled(rules.link).finditer(letters):
            start, bare = match.start(), match["value"] is None or match["value"].lower().startswith("www.")
            end = start + len(trimmed(text[start : match.end()]))
            address = text[start:end]
            yield Span(start, end, FacetKind.LINK, f"https://{address}" if bare else address, bare)
    for kind, pattern in ((FacetKind.MENTION, rules.mention), (FacetKind.HASHTAG, rules.hashtag)):
        for match in _compiled(pattern).finditer(letters) if pattern else ():
            yield Span(match.start(), match.end(), kind, text[slice(*match.span("value"))])


def utf8_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    if text.isascii() and "\r" not in text:
        return len(text)
    # Imported late: its import takes longer than all that a function does with most texts.
    import regex

    return len(regex.findall(r"\X", text))


def trimmed(address: str) -> str:
    """The address without the end of the sentence or bracket that it stands in."""
    while address and _ends_sentence(address):
        address = address[:-1]
    return address


def _ends_sentence(address: str) -> bool:
    last = address[-1]
    opened = address.count(_BRACKETS.get(last, "\0")) >= address.count(last)
    return (unicodedata.category(last)[0] == "P" or last == ">") and last not in _OWN and not opened


def _valid(span: Span, row: ChannelRow) -> bool:
    longest = row.text.max_hashtag_length
    if span.kind is not FacetKind.HASHTAG or longest is None:
        return True
    return len(span.value) <= longest or graphemes(span.value) <= longest


@lru_cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
