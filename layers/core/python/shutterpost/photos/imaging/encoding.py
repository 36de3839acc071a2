"""From a decoded picture to one rendition: framed, sharpened, and a JPEG as good as it needs to be."""

from typing import Any, NamedTuple

import pyvips

from shutterpost.photos.framing import Framing, RenditionProfile
from shutterpost.photos.photo import Rendered
from shutterpost.photos.xmp import credit_packet

# Qualities that are tried from the lowest, up to the profile's own, until the likeness is reached.
_QUALITIES = (82, 88)
_LOWEST_QUALITY, _QUALITY_STEP = 40, 12
_LIKENESS = 0.985
# Mean change of blue and red against brightness, in levels of 255, from which colours keep their full resolution.
_CHROMA_LOSS = 2.0
# Nine squares of the picture stand for it; their edges lie where the blocks of a JPEG do.
_SAMPLES, _SAMPLE_SIDE, _BLOCK = 3, 64, 8
# A mild mask: what a reduction by averaging takes from edges.
_SHARPER = [[-1, -1, -1], [-1, 32, -1], [-1, -1, -1]]
_SHARPER_SCALE = 24
_REDUCED = 0.9
_CHROMA = [[-0.1687, -0.3313, 0.5], [0.5, -0.4187, -0.0813]]


class _Coding(NamedTuple):
    quality: int
    subsampled: bool
    likeness: float


def render(base: Any, framing: Framing, profile: RenditionProfile, *, credit: str, reduced: bool) -> Rendered:
    """The rendition of `base` for `profile`; `reduced` tells that `base` is smaller than the file's picture."""
    image = base
    scale = framing.scaled[0] / base.width
    if (base.width, base.height) != framing.scaled:
        image = base.resize(scale, vscale=framing.scaled[1] / base.height, kernel="cubic")
    if profile.sharpen and (reduced or scale < _REDUCED):
        image = image.conv(pyvips.Image.new_from_array(_SHARPER, scale=_SHARPER_SCALE), precision="integer")
    image = _framed(image, framing, profile).copy_memory()
    coding = _coding(image, profile.quality)
    data = _jpeg(image, coding.quality, credit, subsampled=coding.subsampled)
    quality, likeness = coding.quality, coding.likeness
    while len(data) > profile.max_bytes and quality > _LOWEST_QUALITY:
        quality = max(_LOWEST_QUALITY, quality - _QUALITY_STEP)
        likeness = _measured(_sample(image), quality, subsampled=True).likeness
        data = _jpeg(image, quality, credit, subsampled=True)
    width, height = framing.frame
    return Rendered(width=width, height=height, quality=quality, likeness=round(likeness, 4), data=data)


def _framed(image: Any, framing: Framing, profile: RenditionProfile) -> Any:
    width, height = framing.frame
    if width < image.width or height < image.height:
        return image.smartcrop(width, height, interesting="attention")
    if (width, height) != (image.width, image.height):
        return image.gravity("centre", width, height, extend="background", background=list(profile.background))
    return image


def _coding(image: Any, highest: int) -> _Coding:
    """The lowest quality that keeps the likeness, and whether colours may be stored at half the resolution."""
    sample = _sample(image)
    qualities = [quality for quality in _QUALITIES if quality < highest] + [highest]
    coding = _measured(sample, qualities[0], subsampled=True)
    subsampled = coding.subsampled
    for quality in qualities[1:]:
        if coding.likeness >= _LIKENESS:
            break
        coding = _measured(sample, quality, subsampled=subsampled)
    return coding._replace(subsampled=subsampled)


def _sample(image: Any) -> Any:
    """Squares from all over the picture, side by side; the whole of a small picture."""
    side = _SAMPLE_SIDE
    if image.width < side * _SAMPLES or image.height < side * _SAMPLES:
        return image
    across = [_on_block((image.width - side) * at // (_SAMPLES - 1)) for at in range(_SAMPLES)]
    down = [_on_block((image.height - side) * at // (_SAMPLES - 1)) for at in range(_SAMPLES)]
    squares = [image.crop(left, top, side, side) for top in down for left in across]
    return pyvips.Image.arrayjoin(squares, across=_SAMPLES).copy_memory()


def _on_block(at: int) -> int:
    """The nearest edge of a JPEG's subsampled blocks at or before `at`."""
    return at // (2 * _BLOCK) * 2 * _BLOCK


def _measured(sample: Any, quality: int, *, subsampled: bool) -> _Coding:
    coded = pyvips.Image.jpegload_buffer(_jpeg(sample, quality, "", subsampled=subsampled)).copy_memory()
    loss = (sample.recomb(_CHROMA) - coded.recomb(_CHROMA)).abs()
    squares = loss.shrink(min(_SAMPLE_SIDE, loss.width), min(_SAMPLE_SIDE, loss.height))
    return _Coding(quality, subsampled and squares.max() < _CHROMA_LOSS, _likeness(sample, coded))


def _likeness(left: Any, right: Any) -> float:
    """Structural similarity (Wang et al., 2004) of the greens, over blocks of 8 x 8 pixels; at most 1."""
    x, y = left.extract_band(1).cast("float"), right.extract_band(1).cast("float")
    block = min(_BLOCK, left.width, left.height)
    means = x.bandjoin([y, x * x, y * y, x * y]).shrink(block, block).copy_memory()
    mean_x, mean_y, square_x, square_y, product = means.bandsplit()
    small, smaller = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_x * mean_y + small) * (2 * (product - mean_x * mean_y) + smaller)
    spread = (mean_x**2 + mean_y**2 + small) * (square_x - mean_x**2 + square_y - mean_y**2 + smaller)
    return float((alike / spread).avg())


def _jpeg(image: Any, quality: int, credit: str, *, subsampled: bool) -> bytes:
    if credit:
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "xmp-data", credit_packet(credit))
    mode = "on" if subsampled else "off"
    data: bytes = image.jpegsave_buffer(Q=quality, subsample_mode=mode, keep="xmp" if credit else "none")
    return data
