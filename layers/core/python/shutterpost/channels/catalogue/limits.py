"""Limits of a channel's posts and images."""

from enum import StrEnum

from shutterpost.runtime.values import Value


class TextUnit(StrEnum):
    """How a channel counts text: code points, grapheme clusters, or X's weights."""

    CHARACTERS = "characters"
    GRAPHEMES = "graphemes"
    WEIGHTED = "weighted"


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

    A channel that `supports_images` takes pictures; one that `supports_links` makes the addresses in a text links.
    """

    max_text_length: int
    text_unit: TextUnit = TextUnit.CHARACTERS
    max_hashtags: int | None = None
    max_mentions: int | None = None
    max_alt_text: int | None = None
    min_pictures: int = 0
    max_pictures: int
    supports_images: bool = True
    supports_links: bool = True
    image: ImageRules
