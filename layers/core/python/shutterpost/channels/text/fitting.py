"""Composing a text for a channel, shortening it to the limits there, and writing it for a request. Pure."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from shutterpost.channels.catalogue import ChannelRow
from shutterpost.channels.text.checking import fits_channel
from shutterpost.channels.text.counting import count_text
from shutterpost.channels.text.reading import FacetKind, candidates, spans
from shutterpost.runtime.texts import cut, grapheme_ends, in_letters


def compose(caption: str, hashtags: Sequence[str], row: ChannelRow) -> str:
    """`caption`, an empty line and those of `hashtags` that fit and link, in their order. Never cuts the caption."""
    text = caption.strip()
    seen = {span.value.casefold() for span in spans(text, row) if span.kind is FacetKind.HASHTAG}
    kept: list[str] = []
    for name in hashtags:
        tag = _hashtag(name, row)
        if tag is None or tag[1:].casefold() in seen or len(seen) == row.text.linked_hashtags:
            continue
        if fits_channel(_joined(text, [*kept, tag]), row):
            kept.append(tag)
            seen.add(tag[1:].casefold())
    return _joined(text, kept)


def fit_caption(caption: str, row: ChannelRow) -> str:
    """`caption`, shortened at the end of a word to the channel's length. Other limits are not applied."""
    return _fitted(caption, row, lambda text: count_text(text, row).too_long is None)


def fit_text(text: str, row: ChannelRow) -> str:
    """`text` as it is, or shortened at the end of a word to all of the channel's limits."""
    return _fitted(text, row, lambda shorter: fits_channel(shorter, row))


def limit_in(text: str, row: ChannelRow, written: Callable[[str], str]) -> int | None:
    """After how many characters of `text` the channel's limit of length falls; `None` if all of it fits.

    `written` is what is counted of a beginning. It ends at a grapheme, and never within a link or mention.
    """

    def is_over(end: int) -> bool:
        return count_text(written(text[:end]), row).too_long is not None

    if not is_over(len(text)):
        return None
    parts = [part for part in candidates(text, row) if part.kind is not FacetKind.HASHTAG]
    inside = {place for part in parts for place in range(part.start + 1, part.end)}
    ends = [end for end in grapheme_ends(text) if end not in inside]
    count = bisect_right(ends, 0, key=is_over)
    return ends[count - 1] if count else 0


def fit_alt_text(text: str, row: ChannelRow) -> str:
    """`text` in one line, shortened at the end of a word to the channel's limit."""
    limit = row.limits.max_alt_text
    return cut(" ".join(text.split()), lambda line: limit is None or len(line) <= limit)


def as_sent(text: str, row: ChannelRow) -> str:
    """`text` as a request to the channel has it: with its reserved characters escaped."""
    if not row.text.escaped:
        return text
    signs = {span.start for span in spans(text, row) if span.kind is FacetKind.HASHTAG}
    return "".join(
        f"\\{character}" if character in row.text.escaped and place not in signs else character
        for place, character in enumerate(text)
    )


def _fitted(text: str, row: ChannelRow, fits: Callable[[str], bool]) -> str:
    if fits(text):
        return text
    whole = text.strip()
    parts = [(part.start, part.end, part.kind) for part in candidates(whole, row)]
    links = [(start, end) for start, end, kind in parts if kind is FacetKind.LINK]
    return cut(whole, fits, links=links, whole=[(start, end) for start, end, _ in parts])


def hashtag_name(name: str, row: ChannelRow) -> str:
    """`name` without what a hashtag of the channel cannot have."""
    dropped = {match.start() for match in re.finditer(row.text.not_in_hashtag, in_letters(name))}
    return "".join(character for place, character in enumerate(name) if place not in dropped)


def _hashtag(name: str, row: ChannelRow) -> str | None:
    tag = "#" + hashtag_name(name, row)
    return tag if any(span.end - span.start == len(tag) for span in spans(tag, row)) else None


def _joined(text: str, tags: Sequence[str]) -> str:
    return "\n\n".join(part for part in (text, " ".join(tags)) if part)
