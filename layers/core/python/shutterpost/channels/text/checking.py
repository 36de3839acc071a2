"""Whether a text is within its channel's limits. Pure."""

from collections.abc import Iterator

from shutterpost.channels.catalogue import ChannelRow
from shutterpost.channels.refusals import (
    CaptionTooLong,
    TooManyHashtags,
    TooManyLinks,
    TooManyMentions,
)
from shutterpost.channels.text.counting import TextCount, count_text
from shutterpost.runtime.refusals import Refusal


def check_text(text: str, row: ChannelRow) -> None:
    """Raise `CaptionTooLong`, `TooManyHashtags`, `TooManyMentions` or `TooManyLinks`."""
    problem = next(_problems(count_text(text, row), row), None)
    if problem is not None:
        raise problem


def fits_channel(text: str, row: ChannelRow) -> bool:
    """Whether `text` is within all of the channel's limits."""
    return next(_problems(count_text(text, row), row), None) is None


def _problems(count: TextCount, row: ChannelRow) -> Iterator[Refusal]:
    if count.too_long is not None:
        length, unit, limit = count.too_long
        detail = f"The text has {length} {unit.noun}; {row.name} takes {limit}. Shorten it by {length - limit}."
        yield CaptionTooLong(detail, field="text", limit=limit, length=length, unit=unit.value)
    counts = (
        (TooManyHashtags, "hashtags", count.hashtags, count.max_hashtags),
        (TooManyMentions, "mentions", count.mentions, count.max_mentions),
        (TooManyLinks, "links", count.links, count.max_links),
    )
    for refusal, name, number, most in counts:
        if most is not None and number > most:
            detail = f"The text has {number} {name}; {row.name} takes {most}. Leave out {number - most}."
            yield refusal(detail, field="text", limit=most, count=number)
