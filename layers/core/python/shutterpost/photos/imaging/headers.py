"""Reads header fields through libvips."""

import re
from pathlib import Path
from typing import Any

import pyvips

from shutterpost.photos.formats.signatures import Format

_LOADERS = {
    Format.JPEG: "jpegload",
    Format.PNG: "pngload",
    Format.WEBP: "webpload",
    Format.AVIF: "heifload",
    Format.TIFF: "tiffload",
    Format.GIF: "gifload",
}
# ImageMagick and older exiftools write EXIF into PNG as hex digits behind a name and a length.
_RAW_PROFILE = re.compile(r"png-comment-\d+-Raw profile type (exif|APP1)")


def load(kind: Format, path: Path, **options: Any) -> Any:
    return getattr(pyvips.Image, _LOADERS[kind])(str(path), **options)


def blob(header: Any, field: str) -> bytes | None:
    return header.get(field) if header.get_typeof(field) else None


def embedded_exif(header: Any) -> bytes:
    """The EXIF block of a picture; empty if there is none."""
    block = blob(header, "exif-data")
    if block:
        return block
    for field in header.get_fields():
        if _RAW_PROFILE.fullmatch(field):
            digits = "".join(str(header.get(field)).split()[2:])
            if re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits):
                return bytes.fromhex(digits)
    return b""
