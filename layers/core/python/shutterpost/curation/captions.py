"""The caption and hashtags of a post. Pure."""

import re
from collections.abc import Iterable, Sequence

from shutterpost.runtime.values import Value

_WORD = re.compile(r"\w+")
# Captions repeat each other if they share this part of the shorter caption's runs of three words.
RUN = 3
MIN_SHARED = 0.6


class Caption(Value):
    """A caption and its source: `explicit`, the photo's own, `template`, `analysis` or `default`."""

    text: str
    source: str


def choose_caption(
    *,
    explicit: str | None,
    analysis: str | None,
    default: str,
    stated: Caption | None = None,
    template: str = "",
    lately: Sequence[str] = (),
) -> Caption:
    """The first nonempty caption that does not repeat one of `lately`; if all repeat, the first.

    Order: explicit (also if empty), the photo's own, the filled `template`, analysis, default.
    """
    if explicit is not None:
        return Caption(text=explicit.strip(), source="explicit")
    chain = (
        stated,
        Caption(text=template, source="template"),
        Caption(text=analysis or "", source="analysis"),
    )
    captions = [
        caption.model_copy(update={"text": caption.text.strip()})
        for caption in chain
        if caption is not None and caption.text.strip()
    ]
    captions.append(Caption(text=default.strip(), source="default"))
    fresh = (caption for caption in captions if caption.text and not repeats(caption.text, lately))
    return next(fresh, captions[0])


def repeats(text: str, lately: Iterable[str]) -> bool:
    """Whether `text` is the same as one of `lately`, or nearly."""
    own = _runs(text)
    return any(_alike(own, _runs(other)) for other in lately)


def hashtags_of(
    fixed: Sequence[str], labels: Iterable[str], *, max_labels: int, never: Sequence[str] = ()
) -> tuple[str, ...]:
    """The persona's `fixed` tags, then up to `max_labels` tags made from the photo's `labels`, without `never`."""
    refused = {tag.casefold() for tag in never}
    tags = {tag.casefold(): tag for tag in fixed}
    made = ("".join(_WORD.findall(label)) for label in labels)
    fresh = {tag.casefold(): tag for tag in made if tag and tag.casefold() not in refused | tags.keys()}
    return (*fixed, *list(fresh.values())[:max_labels])


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = [token.casefold() for token in _WORD.findall(text)] or [text.strip()]
    length = min(RUN, len(words))
    return frozenset(tuple(words[at : at + length]) for at in range(len(words) - length + 1))


def _alike(first: frozenset[tuple[str, ...]], second: frozenset[tuple[str, ...]]) -> bool:
    return len(first & second) / min(len(first), len(second)) >= MIN_SHARED
