"""Texts: `{{placeholders}}`, and what must not be cut. Pure; a value is inserted as it is, never read as a template."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate

from shutterpost.runtime.refusals import Invalid

HASHTAG = re.compile(r"(?<!\w)#\w+")
MENTION = re.compile(r"(?<![\w@])@\w+")
LINK = re.compile(r"https?://\S+")
_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_ADDRESS = re.compile(r"(?<!\w)(?:https?://|www\.)\S+")
_ACCOUNT = re.compile(r"(?<![\w@])@[\w.@-]+")
_PUNCTUATION = " ,;:."
_MARK = "\u00aa"
# These choose how the character before them is drawn; they are marks, but follow emoji too.
_VARIANTS = frozenset(map(chr, range(0xFE00, 0xFE10)))


class PlaceholderUnfilled(Invalid):
    """Placeholders have no value; `members["placeholders"]` names them."""

    kind = "placeholder-unfilled"


def placeholders_in(template: str) -> tuple[str, ...]:
    """The names between `{{` and `}}`, each once, in order."""
    return tuple(dict.fromkeys(name.strip() for name in _PLACEHOLDER.findall(template)))


def around_placeholders(template: str) -> str:
    """The template's text without its placeholders."""
    return _PLACEHOLDER.sub("", template)


def unfilled(template: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The placeholders that have no value, or an empty one."""
    return tuple(name for name in placeholders_in(template) if not values.get(name, "").strip())


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with a value in the place of each placeholder. Raises `PlaceholderUnfilled`."""
    missing = unfilled(template, values)
    if missing:
        names = ", ".join(missing)
        raise PlaceholderUnfilled(f"No value for {names}; give one for each.", field="values", placeholders=missing)
    return _PLACEHOLDER.sub(lambda match: values[match[1].strip()], template).strip()


def in_letters(text: str) -> str:
    """`text` with a letter for each combining mark, by which `\\w` matches words of all scripts; equally long."""
    if text.isascii():
        return text
    return "".join(
        _MARK if unicodedata.category(each) in {"Mn", "Mc"} and each not in _VARIANTS else each for each in text
    )


def cut(
    text: str,
    fits: Callable[[str], bool],
    *,
    links: Sequence[tuple[int, int]] = (),
    whole: Sequence[tuple[int, int]] = (),
) -> str:
    """`text`, or its longest beginning that `fits` with an ellipsis; empty if none does.

    It ends at a word, in a text without spaces at a grapheme, and never within a link, hashtag or mention; a channel's
    own are in `links` and `whole`.
    """
    text = text.strip()
    if fits(text):
        return text
    ends = grapheme_ends(text)
    letters = in_letters(text)
    addresses = [*links, *(match.span() for match in _ADDRESS.finditer(text))]
    named = [match.span() for pattern in (HASHTAG, _ACCOUNT) for match in pattern.finditer(letters)]
    inside = {place for start, stop in (*addresses, *named, *whole) for place in range(start + 1, stop)}
    safe = [end for end in ends if end not in inside]
    words = [end for end in safe if text[end : end + 1].isspace()]
    stops = [stop for _, stop in addresses]
    return _longest(text, words, stops, fits) or _longest(text, safe, stops, fits)


def grapheme_ends(text: str) -> list[int]:
    """Where the characters end that a reader sees."""
    # Imported late: most texts fit.
    import regex

    return list(accumulate(len(grapheme) for grapheme in regex.findall(r"\X", text)))


def _longest(text: str, ends: Sequence[int], stops: Sequence[int], fits: Callable[[str], bool]) -> str:
    count = bisect_right(ends, 0, key=lambda end: not fits(_shortened(text, end, stops)))
    shortened = (_shortened(text, end, stops) for end in reversed(ends[:count]))
    return next((each for each in shortened if each and fits(each)), "")


def _shortened(text: str, end: int, stops: Sequence[int]) -> str:
    address = max((stop for stop in stops if stop <= end), default=0)
    kept = text[:address] + text[address:end].rstrip().rstrip(_PUNCTUATION)
    # Platforms read an ellipsis right behind an address as a part of it.
    return f"{kept} …" if kept and len(kept) == address else f"{kept}…" if kept else ""
