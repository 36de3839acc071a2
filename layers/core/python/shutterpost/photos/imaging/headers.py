"""Reads header fields through libvips."""

import re
from collections.abc import Iterator
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
# ImageMagick and older exiftools write metadata into PNG as hex digits behind a name and a length.
_RAW_PROFILE = re.compile(r"png-comment-\d+-Raw profile type (exif|APP1|xmp|iptc)")
_EXIF_STARTS = (b"Exif\x00\x00", b"II*\x00", b"MM\x00*")


def load(kind: Format, path: Path, **options: Any) -> Any:
    return getattr(pyvips.Image, _LOADERS[kind])(str(path), **options)


def blob(header: Any, field: str) -> bytes | None:
    return header.get(field) if header.get_typeof(field) else None


def embedded_exif(header: Any) -> bytes:
    """The EXIF block of a picture; empty if there is none."""
    raw = (block for name, block in _raw_profiles(header) if name in {"exif", "APP1"})
    return blob(header, "exif-data") or next((block for block in raw if block.startswith(_EXIF_STARTS)), b"")


def embedded_text(header: Any, kind: str) -> bytes | None:
    """The block of `kind`, which is `xmp` or `iptc`, of a picture."""
    raw = (block for name, block in _raw_profiles(header) if name == kind)
    return blob(header, f"{kind}-data") or next(raw, None)


def _raw_profiles(header: Any) -> Iterator[tuple[str, bytes]]:
    for field in header.get_fields():
        match = _RAW_PROFILE.fullmatch(field)
        digits = "".join(str(header.get(field)).split()[2:]) if match else ""
        if match and re.fullmatch(r"(?:[0-9a-fA-F]{2})+", digits):
            yield match[1], bytes.fromhex(digits)
