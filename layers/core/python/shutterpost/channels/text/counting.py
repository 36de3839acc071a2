"""Counting a text as a channel counts it. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping

from shutterpost.channels.catalogue import ChannelRow, TextUnit
from shutterpost.channels.catalogue.text_rules import EMOJI
from shutterpost.channels.text.reading import FacetKind, Span, graphemes, spans, utf8_length
from shutterpost.runtime.values import Value

# X counts all others as one (docs.x.com, "Counting characters").
_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_EMOJI = re.compile(f"[{EMOJI}]")
_ONE_EMOJI = (
    r"\p{RI}{2}|[0-9#*]\uFE0F\u20E3|"
    r"\p{ExtPict}[\p{EMod}\uFE0F\U000E0020-\U000E007F]*(?:\u200D\p{ExtPict}[\p{EMod}\uFE0F]*)*"
)


class TextCount(Value):
    """A text as its channel counts it, and the limits; `None` means no known limit. `links` are different ones."""

    length: int
    unit: TextUnit
    max_length: int
    byte_length: int
    max_byte_length: int | None
    hashtags: int
    max_hashtags: int | None
    mentions: int
    max_mentions: int | None
    links: int
    max_links: int | None

    @property
    def too_long(self) -> tuple[int, TextUnit, int] | None:
        """The length, its unit and its limit, of the first limit of length that the text is over."""
        lengths = (
            (self.length, self.unit, self.max_length),
            (self.byte_length, TextUnit.BYTES, self.max_byte_length),
        )
        return next(((each, unit, limit) for each, unit, limit in lengths if limit is not None and each > limit), None)


def count_text(text: str, row: ChannelRow) -> TextCount:
    limits, unit = row.limits, row.limits.text_unit
    counted = unicodedata.normalize("NFC", text) if unit is TextUnit.WEIGHTED else text
    parts = spans(counted, row)
    kinds = [part.kind for part in parts]
    return TextCount(
        length=text_length(_as_counted(counted, parts, row), unit),
        unit=unit,
        max_length=limits.max_text_length,
        byte_length=utf8_length(text),
        max_byte_length=limits.max_text_bytes,
        hashtags=kinds.count(FacetKind.HASHTAG),
        max_hashtags=limits.max_hashtags,
        mentions=kinds.count(FacetKind.MENTION),
        max_mentions=limits.max_mentions,
        links=len({part.value for part in parts if part.kind is FacetKind.LINK}),
        max_links=limits.max_links,
    )


def text_length(text: str, unit: TextUnit) -> int:
    """The length of `text` in `unit`, its links and mentions as written."""
    return _COUNTERS[unit](text)


def _as_counted(text: str, parts: tuple[Span, ...], row: ChannelRow) -> str:
    pieces, done = [], 0
    for part in parts:
        pieces += [text[done : part.start], _counted(text[part.start : part.end], part, row)]
        done = part.end
    return "".join([*pieces, text[done:]])


def _counted(written: str, part: Span, row: ChannelRow) -> str:
    if part.kind is FacetKind.LINK and row.limits.link_length is not None:
        # Whether a platform makes a link of it depends on its list of domains: the longer of both cannot fall short.
        keeps = part.bare and text_length(written, row.limits.text_unit) > row.limits.link_length
        return written if keeps else "x" * row.limits.link_length
    if part.kind is FacetKind.MENTION and row.text.short_mentions:
        return "@" + part.value.split("@")[0]
    return written


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _weighted(text: str) -> int:
    text = unicodedata.normalize("NFC", text)
    if _EMOJI.search(text):
        # Imported late, as for graphemes.
        import regex

        text = regex.sub(_ONE_EMOJI, "\u3042", text)
    return len(text) + len(_HEAVY.findall(text))


def _emoji_bytes(text: str) -> int:
    return len(text) + sum(utf8_length(emoji) - 1 for emoji in _EMOJI.findall(text))


_COUNTERS: Mapping[TextUnit, Callable[[str], int]] = {
    TextUnit.CHARACTERS: len,
    TextUnit.UTF16: _utf16,
    TextUnit.GRAPHEMES: graphemes,
    TextUnit.WEIGHTED: _weighted,
    TextUnit.EMOJI_BYTES: _emoji_bytes,
    TextUnit.BYTES: utf8_length,
}
