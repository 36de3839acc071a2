"""Decodes files as an import does, up to the picture from which renditions are made."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from shutterpost.photos import FEED, FramingPolicy, Normalised, RenditionProfile, normalise
from shutterpost.photos.imaging.normalise import decoded as base_of
from shutterpost.photos.imaging.opening import open_picture

ZONE = ZoneInfo("UTC")


def decoded(folder: Path, data: bytes, *, kind: str = "") -> Any:
    """The upright sRGB picture in `data` at full size, as an image of libvips; `kind` is its format, where given."""
    path = folder / "dropped"
    path.write_bytes(data)
    opened = open_picture(path, ZONE)
    assert not kind or opened.format == kind
    return base_of(opened, opened.upright)


def imported(folder: Path, data: bytes, profile: RenditionProfile = FEED) -> Normalised:
    """What an import makes of `data`. Raises `Unusable`."""
    path = folder / "dropped"
    path.write_bytes(data)
    return normalise(path, (profile,), FramingPolicy.PAD, ZONE)
