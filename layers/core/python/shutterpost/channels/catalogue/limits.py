"""Limits of a channel's posts and images."""

from enum import StrEnum

from shutterpost.runtime.values import Value


class TextUnit(StrEnum):
    """How a channel counts text: `characters` are code points, and an emoji is as many `emoji_bytes` as UTF-8 has."""

    CHARACTERS = "characters"
    UTF16 = "utf16"
    GRAPHEMES = "graphemes"
    WEIGHTED = "weighted"
    EMOJI_BYTES = "emoji_bytes"
    BYTES = "bytes"

    @property
    def noun(self) -> str:
        return _NOUNS.get(self, self.value)


_NOUNS = {
    TextUnit.UTF16: "characters",
    TextUnit.WEIGHTED: "weighted characters",
    TextUnit.EMOJI_BYTES: "characters",
}


class ImageRules(Value):
    """Limits of an image file; ratios are width / height, `None` means no limit."""

    formats: tuple[str, ...]
    max_bytes: int
    min_width: int | None = None
    max_width: int | None = None
    min_ratio: float | None = None
    max_ratio: float | None = None


class Limits(Value):
    """Limits of one post; `None` means no known limit.

    A link counts `link_length`, or as it is written; `max_links` are different ones, `max_alt_text` is in characters.
    A channel that `supports_images` takes pictures; one that `supports_links` makes links of addresses; one without
    `supports_alt_text` drops it, and one without `supports_language` states no language.
    """

    max_text_length: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    max_text_bytes: int | None = None
    link_length: int | None = None
    max_links: int | None = None
    max_hashtags: int | None = None
    max_mentions: int | None = None
    max_alt_text: int | None = None
    min_pictures: int = 0
    max_pictures: int
    supports_images: bool = True
    supports_links: bool = True
    supports_alt_text: bool = True
    supports_language: bool = False
    image: ImageRules
