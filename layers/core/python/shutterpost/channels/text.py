"""Text against a channel's limits: counting, checking, composing."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

from shutterpost.channels.catalogue import ChannelRow, Limits, TextUnit
from shutterpost.channels.refusals import (
    CaptionTooLong,
    TooManyHashtags,
    TooManyMentions,
)
from shutterpost.runtime.refusals import Refusal
from shutterpost.runtime.texts import HASHTAG, LINK, MENTION, cut
from shutterpost.runtime.values import Value

_LINK_WEIGHT = 23
# X counts these as one and everything else as two (docs.x.com, "Counting characters").
_LIGHT = (range(4352), range(8192, 8206), range(8208, 8224), range(8242, 8248))


class TextCount(Value):
    """A text as its channel counts it, and the channel's limits; `None` means no known limit."""

    length: int
    unit: TextUnit
    max_length: int
    hashtags: int
    max_hashtags: int | None
    mentions: int
    max_mentions: int | None


def count_text(text: str, row: ChannelRow) -> TextCount:
    limits: Limits = row.limits
    return TextCount(
        length=text_length(text, limits.text_unit),
        unit=limits.text_unit,
        max_length=limits.max_text_length,
        hashtags=len(HASHTAG.findall(text)),
        max_hashtags=limits.max_hashtags,
        mentions=len(MENTION.findall(text)),
        max_mentions=limits.max_mentions,
    )


def check_text(text: str, row: ChannelRow) -> None:
    """Check `text` against the channel's limits. Raises `CaptionTooLong`, `TooManyHashtags` or `TooManyMentions`."""
    problem = _problem(text, row)
    if problem is not None:
        raise problem


def compose(caption: str, hashtags: Sequence[str], row: ChannelRow) -> str:
    """`caption`, an empty line and as many of `hashtags` as fit the channel, in their order. Never cuts the caption."""
    text = caption.strip()
    seen = {tag.casefold() for tag in HASHTAG.findall(text)}
    kept: list[str] = []
    for name in hashtags:
        tag = "#" + re.sub(r"\W", "", name)
        if tag == "#" or tag.casefold() in seen:
            continue
        seen.add(tag.casefold())
        if _problem(_joined(text, [*kept, tag]), row) is None:
            kept.append(tag)
    return _joined(text, kept)


def fit_caption(caption: str, row: ChannelRow) -> str:
    """`caption`, shortened at the end of a word to the channel's length. Other limits are not applied."""
    limits = row.limits
    return cut(caption, lambda text: text_length(text, limits.text_unit) <= limits.max_text_length)


def fits_channel(text: str, row: ChannelRow) -> bool:
    """Whether `text` is within all of the channel's limits."""
    return _problem(text, row) is None


def fit_text(text: str, row: ChannelRow) -> str:
    """`text`, shortened at the end of a word to all of the channel's limits."""
    return cut(text, lambda shorter: fits_channel(shorter, row))


def fit_alt_text(text: str, row: ChannelRow) -> str:
    """`text` in one line, shortened at the end of a word to the channel's limit."""
    line = " ".join(text.split())
    limit = row.limits.max_alt_text
    if limit is None or len(line) <= limit:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def text_length(text: str, unit: TextUnit) -> int:
    """The length of `text` in `unit`."""
    return _COUNTERS[unit](text)


def _problem(text: str, row: ChannelRow) -> Refusal | None:
    count = count_text(text, row)
    if count.length > count.max_length:
        return CaptionTooLong(
            f"The text has {count.length} {count.unit}; {row.name} takes {count.max_length}. "
            f"Shorten it by {count.length - count.max_length}.",
            field="text",
            limit=count.max_length,
            length=count.length,
            unit=count.unit.value,
        )
    if count.max_hashtags is not None and count.hashtags > count.max_hashtags:
        return TooManyHashtags(
            f"The text has {count.hashtags} hashtags; {row.name} takes {count.max_hashtags}. "
            f"Leave out {count.hashtags - count.max_hashtags}.",
            field="text",
            limit=count.max_hashtags,
            count=count.hashtags,
        )
    if count.max_mentions is not None and count.mentions > count.max_mentions:
        return TooManyMentions(
            f"The text has {count.mentions} mentions; {row.name} takes {count.max_mentions}. "
            f"Leave out {count.mentions - count.max_mentions}.",
            field="text",
            limit=count.max_mentions,
            count=count.mentions,
        )
    return None


def _joined(text: str, tags: Sequence[str]) -> str:
    return "\n\n".join(part for part in (text, " ".join(tags)) if part)


def _graphemes(text: str) -> int:
    """Characters as a reader counts them: Unicode's extended grapheme clusters."""
    # Imported late: no channel that is enabled counts them.
    import regex

    return len(regex.findall(r"\X", text))


def _weighted(text: str) -> int:
    rest, links = LINK.subn("", unicodedata.normalize("NFC", text))
    light = sum(1 for character in rest if any(ord(character) in span for span in _LIGHT))
    return links * _LINK_WEIGHT + light + 2 * (len(rest) - light)


_COUNTERS: Mapping[TextUnit, Callable[[str], int]] = {
    TextUnit.CHARACTERS: len,
    TextUnit.GRAPHEMES: _graphemes,
    TextUnit.WEIGHTED: _weighted,
}
