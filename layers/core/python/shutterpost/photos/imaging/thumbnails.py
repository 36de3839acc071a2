"""Encodes a decoded picture as a thumbnail."""

from typing import Any

from shutterpost.photos.framing import THUMB_PIXELS

_QUALITY = 75
# libvips goes from 0 to 6; beyond 2 a thumbnail takes three times as long and has 3 % fewer bytes.
_EFFORT = 2


def thumbnail(base: Any) -> bytes:
    """`base` as WebP without metadata, its longest side of at most `THUMB_PIXELS`."""
    scale = THUMB_PIXELS / max(base.width, base.height)
    image = base.resize(scale, kernel="linear") if scale < 1 else base
    data: bytes = image.webpsave_buffer(Q=_QUALITY, effort=_EFFORT, keep="none")
    return data
