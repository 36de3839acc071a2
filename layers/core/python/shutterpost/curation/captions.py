"""Which caption and hashtags a post gets; pure.

The first of these is used: the post's own caption, a statement about the photo, the persona's template, the caption of
the analysis, the persona's default. A caption that repeats a recent one is skipped.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from shutterpost.runtime.values import Value

_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_WORD = re.compile(r"\w+")
# Two captions say the same where this share of the shorter one's runs of three words are in the other.
RUN = 3
SAME = 0.6


class Caption(Value):
    """A caption and where it came from: `explicit`, who stated it of the photo, `template`, `analysis` or `default`."""

    text: str
    source: str


def choose_caption(
    *,
    explicit: str | None,
    analysis: str | None,
    default: str,
    stated: Caption | None = None,
    template: str = "",
    facts: Mapping[str, str] | None = None,
    lately: Sequence[str] = (),
) -> Caption:
    """The first of the chain that says something and does not repeat one of `lately`; where all repeat, the first.

    An explicit empty caption is a wish and stays empty. `template` has `{{placeholders}}` named in `facts`.
    """
    if explicit is not None:
        return Caption(text=explicit.strip(), source="explicit")
    chain = (
        stated or Caption(text="", source=""),
        Caption(text=fill(template, facts or {}) or "", source="template"),
        Caption(text=analysis or "", source="analysis"),
    )
    said = [one.model_copy(update={"text": one.text.strip()}) for one in chain if one.text.strip()]
    said.append(Caption(text=default.strip(), source="default"))
    fresh = (one for one in said if one.text and not repeats(one.text, lately))
    return next(fresh, said[0])


def fill(template: str, facts: Mapping[str, str]) -> str | None:
    """`template` with its placeholders filled; `None` where a fact that it names is not known."""
    if any(not facts.get(name) for name in _PLACEHOLDER.findall(template)):
        return None
    return _PLACEHOLDER.sub(lambda found: facts[found[1]], template).strip()


def repeats(text: str, lately: Iterable[str]) -> bool:
    """Whether `text` says what one of `lately` says, word for word or nearly."""
    own = _runs(text)
    return any(_alike(own, _runs(other)) for other in lately)


def hashtags_of(
    fixed: Sequence[str], found: Iterable[str], *, most_found: int, never: Sequence[str] = ()
) -> tuple[str, ...]:
    """The persona's `fixed` tags, then up to `most_found` made of what was `found` in the photo; each once, and none of
    `never`."""
    refused = {tag.casefold() for tag in never}
    tags = {tag.casefold(): tag for tag in fixed}
    made = ("".join(_WORD.findall(text)) for text in found)
    fresh = {tag.casefold(): tag for tag in made if tag and tag.casefold() not in refused | tags.keys()}
    return (*fixed, *list(fresh.values())[:most_found])


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    length = min(RUN, len(words))
    return frozenset(tuple(words[at : at + length]) for at in range(len(words) - length + 1)) if words else frozenset()


def _alike(one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]]) -> bool:
    least = min(len(one), len(other))
    return bool(least) and len(one & other) / least >= SAME
