"""Converts pictures to 8-bit sRGB on white."""

from functools import lru_cache
from typing import Any

import pyvips

from shutterpost.photos.unusable import Reason, Unusable

_DEPTHS = {"uchar": 255, "ushort": 65535}
# Bands without transparency, by interpretation.
_COLOURS = {"b-w": 1, "grey16": 1, "srgb": 3, "rgb": 3, "rgb16": 3, "cmyk": 4, "lab": 3, "labs": 3}
# The colour space a profile's header names (ICC.1:2010, 7.2.6), by that of the pixels; RGB for all others.
_PROFILE_SPACES = {"b-w": b"GRAY", "grey16": b"GRAY", "cmyk": b"CMYK", "lab": b"Lab ", "labs": b"Lab "}
# White where it is not the largest number.
_WHITES = {"cmyk": [0.0], "lab": [100.0, 0.0, 0.0]}
_SAME_COLOUR = 1
_NAMES = {"float": "floating point numbers", "double": "floating point numbers"}


def known_colours(image: Any) -> Any:
    """Return `image`. Raises `Unusable` for unsupported samples."""
    if image.format not in _DEPTHS and image.interpretation not in {"lab", "labs"}:
        kind = _NAMES.get(image.format, "signed or 32-bit numbers")
        raise Unusable(Reason.UNSUPPORTED_FORMAT, f"The picture's samples are {kind}; 8 and 16 bits are read.")
    if image.interpretation not in _COLOURS or image.bands < _COLOURS[image.interpretation]:
        detail = f"The picture's samples, {image.bands} a pixel, are no colours that are known here."
        raise Unusable(Reason.UNSUPPORTED_FORMAT, detail)
    return image


def on_white(image: Any) -> Any:
    """The picture on white, without alpha and further bands."""
    colours = _COLOURS[image.interpretation]
    if image.bands <= colours:
        return image
    top = _DEPTHS.get(image.format, 255)
    alpha = image.extract_band(colours)
    image = image.extract_band(0, n=colours)
    if image.interpretation == "labs":
        # libvips has read the 16 bits of the transparency as a signed number.
        top, alpha = 65535, (alpha < 0).ifthenelse(alpha + 65536, alpha)
        image = image.colourspace("lab")
    white = _WHITES.get(image.interpretation, [top])
    return image.bandjoin(alpha).copy(interpretation=image.interpretation).flatten(background=white, max_alpha=top)


def to_srgb(image: Any, profile: bytes | None) -> Any:
    """Convert an opaque picture from `profile` to 8-bit sRGB."""
    if image.interpretation == "labs":
        image = image.colourspace("lab")
    cmyk = image.interpretation == "cmyk"
    space = _PROFILE_SPACES.get(image.interpretation, b"RGB ")
    image = image.copy()
    image.remove("icc-profile-data")
    if profile and profile[16:20] == space and not (space == b"RGB " and _is_srgb(profile)):
        image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    if cmyk or image.get_typeof("icc-profile-data"):
        try:
            image = image.icc_transform(
                "srgb", embedded=True, input_profile="cmyk" if cmyk else "srgb", intent="perceptual", depth=8
            )
        except pyvips.Error:
            # A damaged or mismatched profile is the profile's fault, not the picture's: viewers leave it out too.
            image.remove("icc-profile-data")
    if image.interpretation == "lab":
        # TIFF's and ICC's Lab is that of D50 light, libvips' own that of D65.
        image = image.icc_export(output_profile="srgb", intent="perceptual", depth=8)
    image = image.colourspace("srgb")
    return image.extract_band(0, n=3) if image.bands > 3 else image.cast("uchar")  # noqa: PLR2004 - red, green, blue


@lru_cache(maxsize=32)
def _is_srgb(profile: bytes) -> bool:
    """Whether the RGB profile leaves sample colours unchanged, independent of its name."""
    levels = [0, 24, 64, 110, 160, 208, 255]
    swatch = bytes(level for red in levels for green in levels for blue in levels for level in (red, green, blue))
    image = pyvips.Image.new_from_memory(swatch, len(levels) ** 3, 1, 3, "uchar").copy(interpretation="srgb")
    image.set_type(pyvips.GValue.blob_type, "icc-profile-data", profile)
    try:
        shown = bytes(image.icc_transform("srgb", embedded=True, intent="perceptual", depth=8).write_to_memory())
    except pyvips.Error:
        return True
    return max(abs(a - b) for a, b in zip(shown, swatch, strict=True)) <= _SAME_COLOUR
