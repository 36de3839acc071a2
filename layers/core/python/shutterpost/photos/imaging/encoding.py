"""Frames, sharpens and encodes a decoded picture as one rendition."""

import struct
from typing import Any, NamedTuple

import pyvips

from shutterpost.photos.framing import Focus, Framing, RenditionProfile
from shutterpost.photos.metadata.xmp import credit_packet
from shutterpost.photos.photo import Rendered

# The quality that is tried before the profile's own, and the likeness with which it is enough.
_FIRST_QUALITY, _LIKENESS = 88, 0.985
_LOWEST_QUALITY, _QUALITY_STEP = 40, 12
# Change of blue or red against brightness in any block, in levels of 255, from which chroma keeps its full resolution:
# photos have up to 8, coloured shapes 10 and coloured texts 20.
_CHROMA_LOSS = 9.0
_CHROMA = [[-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]]
# Sample squares of the picture; their edges are those of JPEG blocks.
_SAMPLE_SIDE, _SAMPLE_PLACES, _BLOCK = 64, (0.2, 0.7), 8
# Averages, which are fast and free of false patterns, sharpened; libvips is quick with a scale that is a power of two.
_SHARPER, _SHARPER_SCALE = [[0, -3, 0], [-3, 28, -3], [0, -3, 0]], 16
# Stabilisers of the structural similarity (Wang et al., 2004) for 255 levels.
_SMALL, _SMALLER = (0.01 * 255) ** 2, (0.03 * 255) ** 2


class _Coding(NamedTuple):
    quality: int
    subsampled: bool
    likeness: float


def kernel(*, sharpen: bool) -> str:
    return "linear" if sharpen else "cubic"


def render(
    base: Any,
    framing: Framing,
    profile: RenditionProfile,
    *,
    credit: str,
    reduced: bool,
    focus: Focus | None = None,
) -> Rendered:
    """Render `base` for `profile`; `reduced` if `base` is smaller than the original. A crop keeps `focus`."""
    image = base
    if (base.width, base.height) != framing.scaled:
        across, down = framing.scaled[0] / base.width, framing.scaled[1] / base.height
        image, reduced = base.resize(across, vscale=down, kernel=kernel(sharpen=profile.sharpen)), True
    if profile.sharpen and reduced:
        image = image.conv(pyvips.Image.new_from_array(_SHARPER, scale=_SHARPER_SCALE), precision="integer")
    image, left, top = _framed(image, framing, profile, focus)
    image = image.copy_memory()
    coding = _coding(image, profile.quality)
    data = _jpeg(image, coding.quality, credit, subsampled=coding.subsampled)
    while len(data) > profile.max_bytes and coding.quality > _LOWEST_QUALITY:
        quality = max(_LOWEST_QUALITY, coding.quality - _QUALITY_STEP)
        coding = _measured(_sample(image), quality)._replace(subsampled=True)
        data = _jpeg(image, quality, credit, subsampled=True)
    width, height = framing.frame
    return Rendered(
        width=width,
        height=height,
        quality=coding.quality,
        likeness=round(coding.likeness, 4),
        data=data,
        window=framing.window(left, top),
    )


def _framed(image: Any, framing: Framing, profile: RenditionProfile, focus: Focus | None) -> tuple[Any, int, int]:
    """The picture in its frame, and where the frame's corner is in the picture."""
    width, height = framing.frame
    if width < image.width or height < image.height:
        if focus is not None:
            left, top = framing.corner(focus)
            return image.crop(left, top, width, height), left, top
        cropped = image.smartcrop(width, height, interesting="attention")
        return cropped, -cropped.xoffset, -cropped.yoffset
    left, top = (width - image.width) // 2, (height - image.height) // 2
    if left or top or (width, height) != (image.width, image.height):
        background = list(profile.background)
        image = image.embed(left, top, width, height, extend="background", background=background)
    return image, -left, -top


def _coding(image: Any, highest: int) -> _Coding:
    coding = _measured(_sample(image), min(_FIRST_QUALITY, highest))
    return coding if coding.likeness >= _LIKENESS else coding._replace(quality=highest)


def _sample(image: Any) -> Any:
    side = _SAMPLE_SIDE
    if image.width < 2 * side or image.height < 2 * side:
        return image
    lefts, tops = ([_on_block((size - side) * at) for at in _SAMPLE_PLACES] for size in (image.width, image.height))
    squares = [image.crop(left, top, side, side) for top in tops for left in lefts]
    return pyvips.Image.arrayjoin(squares, across=len(lefts))


def _on_block(at: float) -> int:
    return int(at) // (2 * _BLOCK) * 2 * _BLOCK


def _measured(sample: Any, quality: int) -> _Coding:
    coded = pyvips.Image.jpegload_buffer(_jpeg(sample, quality, "", subsampled=True))
    both = sample.extract_band(1).bandjoin(coded.extract_band(1)).cast("float")
    loss = (sample.cast("short") - coded).recomb(_CHROMA).abs()
    block = min(_BLOCK, sample.width, sample.height)
    bands = both.bandjoin([both * both, both.extract_band(0) * both.extract_band(1), loss]).shrink(block, block)
    blocks = list(struct.iter_unpack("7f", bands.write_to_memory()))
    likeness = sum(_alike(*values[:5]) for values in blocks) / len(blocks)
    return _Coding(quality, all(max(values[5:]) < _CHROMA_LOSS for values in blocks), likeness)


def _alike(x: float, y: float, xx: float, yy: float, xy: float) -> float:
    alike = (2 * x * y + _SMALL) * (2 * (xy - x * y) + _SMALLER)
    return alike / ((x * x + y * y + _SMALL) * (xx - x * x + yy - y * y + _SMALLER))


def _jpeg(image: Any, quality: int, credit: str, *, subsampled: bool) -> bytes:
    if credit:
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "xmp-data", credit_packet(credit))
    mode = "on" if subsampled else "off"
    data: bytes = image.jpegsave_buffer(Q=quality, subsample_mode=mode, keep="xmp" if credit else "none")
    return data
