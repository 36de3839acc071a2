"""Decodes TIFF with libvips, or with Pillow where libvips does not read the layout."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pyvips

from shutterpost.photos.formats.signatures import Format
from shutterpost.photos.formats.tiff_layout import TiffLayout
from shutterpost.photos.imaging.failures import other_decoder
from shutterpost.photos.imaging.headers import load

_XMP, _IPTC = 700, 33723
# YCbCr to RGB with the coefficients of ITU-R BT.601, which TIFF 6.0 has by default.
_YCBCR_TO_RGB = [[1, 0, 1.402], [1, -0.344136, -0.714136], [1, 1.772, 0]]


class PillowFacts(NamedTuple):
    """Header of a TIFF as read by Pillow."""

    size: tuple[int, int]
    profile: bytes | None
    xmp: bytes | None
    iptc: bytes | None


@dataclass(frozen=True)
class Decoder:
    path: Path
    layout: TiffLayout

    def __call__(self, *, shrink: int, tolerant: bool) -> Any:
        del shrink, tolerant
        # Wrong values of tags that only describe the picture end no decode; what libtiff reports of its pixels does.
        image = load(Format.TIFF, self.path, access="sequential", fail_on="truncated")
        if self.layout.is_plain_ycbcr:
            return image if image.hasalpha() else _from_ycbcr(image)
        return self._without_extras(image)

    def _without_extras(self, image: Any) -> Any:
        colours = self.layout.colours if self.layout.photometric != 3 else image.bands  # noqa: PLR2004 - a palette
        if image.bands <= colours:
            return image
        kept = image.extract_band(0, n=colours)
        if self.layout.alpha is not None:
            kept = kept.bandjoin(image.extract_band(colours + self.layout.alpha))
        return kept.copy(interpretation=image.interpretation)


@dataclass(frozen=True)
class PillowDecoder:
    path: Path
    layout: TiffLayout

    def __call__(self, *, shrink: int, tolerant: bool) -> Any:
        del shrink, tolerant
        from PIL import Image

        with other_decoder(), Image.open(self.path) as picture:
            mode = picture.mode
            if mode == "I;16":
                deep = _image(picture, 1, "ushort", "grey16")
                return (deep << (16 - self.layout.bits)).cast("ushort").copy(interpretation="grey16")
            if mode == "LAB":
                lab = _image(picture, 3, "uchar", "lab")
                lightness = lab.extract_band(0).linear(100 / 255, 0)
                return lightness.bandjoin(lab.extract_band(1, n=2).copy(format="char")).copy(interpretation="lab")
            if mode == "CMYK":
                return _image(picture, 4, "uchar", "cmyk")
            if mode in {"1", "L"}:
                return _image(picture.convert("L"), 1, "uchar", "b-w")
            if mode in {"LA", "PA", "RGBA", "RGBa"}:
                return _image(picture.convert("RGBA"), 4, "uchar", "srgb")
            return _image(picture.convert("RGB"), 3, "uchar", "srgb")


def read_with_pillow(path: Path) -> PillowFacts:
    from PIL import Image

    with other_decoder(), Image.open(path) as picture:
        tags = getattr(picture, "tag_v2", {})
        return PillowFacts(
            picture.size, picture.info.get("icc_profile"), _bytes(tags.get(_XMP)), _bytes(tags.get(_IPTC))
        )


def _bytes(value: Any) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _image(picture: Any, bands: int, kind: str, interpretation: str) -> Any:
    image = pyvips.Image.new_from_memory(picture.tobytes(), *picture.size, bands, kind)
    return image.copy(interpretation=interpretation)


def _from_ycbcr(image: Any) -> Any:
    centred = image.extract_band(0, n=3).linear([1, 1, 1], [0, -128, -128])
    return centred.recomb(_YCBCR_TO_RGB).rint().cast("uchar").copy(interpretation="srgb")
