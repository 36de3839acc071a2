"""From a dropped file to clean renditions: decoded once, upright, sRGB, JPEG, without metadata."""

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyvips

from shutterpost.photos.formats import Format
from shutterpost.photos.framing import Framing, Policy, RenditionProfile, frame
from shutterpost.photos.imaging.opening import DECODER_ERRORS, Opened, damaged, harmless, open_picture
from shutterpost.photos.photo import Measured, Normalised, Rendered
from shutterpost.photos.scoring import provisional_score
from shutterpost.photos.statements import believed
from shutterpost.photos.unusable import Reason, Unusable
from shutterpost.photos.xmp import credit_packet

_DEPTHS = {"uchar": 255, "ushort": 65535}
# The colour space a profile's header names (ICC.1:2010, 7.2.6), by that of the pixels; RGB for all others.
_PROFILE_SPACES = {"b-w": b"GRAY", "grey16": b"GRAY", "cmyk": b"CMYK", "lab": b"Lab ", "labs": b"Lab "}
_SPACES = {"b-w", "grey16", "srgb", "rgb", "rgb16", "cmyk", "lab", "labs"}
_LARGEST_SHRINK = 8
_LOWEST_QUALITY = 40
_QUALITY_STEP = 12
_PROBE_PIXELS = 256
_LAPLACIAN = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
# Half the bits compare rows, half columns: by rows alone all pictures of a smooth sky over a horizon are alike.
_ROW_GRID, _COLUMN_GRID = (9, 4), (4, 9)
_MINIATURE = 36
# Red against green, yellow against blue (Hasler and Süsstrunk, 2003), and brightness (ITU-R BT.709).
_MIX = [[1, -1, 0], [0.5, 0.5, -1], [0.2126, 0.7152, 0.0722]]
# Columns of libvips' statistics.
_MEAN, _DEVIATION = 4, 5
_TURNS = {2: ("fliphor",), 3: ("rot180",), 4: ("flipver",), 5: ("rot90", "fliphor"), 6: ("rot90",)}
_TURNS |= {7: ("rot270", "fliphor"), 8: ("rot270",)}


def normalise(
    path: Path,
    profiles: Sequence[RenditionProfile],
    policy: Policy,
    zone: ZoneInfo,
    *,
    keep_credit: bool = False,
    credit: str = "",
) -> Normalised:
    """What the file at `path` shows, its measures, and a rendition for each of `profiles` under the ratio `policy`.

    `zone` is where capture times without an offset were taken. With `keep_credit` the renditions bear `credit`, else
    the file's own. Raises `Unusable` with a named reason.
    """
    opened = open_picture(path, zone)
    width, height = opened.upright
    credit = (credit or believed(opened.statements, "")["credit"]) if keep_credit else ""
    for profile in profiles:
        if width < profile.min_width or height < profile.min_height:
            detail = (
                f"The picture has {width} x {height} pixels; {profile.min_width} x {profile.min_height} are needed."
            )
            raise Unusable(Reason.TOO_SMALL, detail)
    framings = {profile.name: frame(width, height, profile, policy) for profile in profiles}
    try:
        base = _base(opened, _base_size(width, height, framings.values()))
        renditions = {
            profile.name: _render(base, framing, profile, credit)
            for profile in profiles
            if (framing := framings[profile.name]) is not None
        }
        probe = _probe(base)
        miniature = _miniature(probe)
        dhash, measured = _difference_hash(miniature), _measure(probe, miniature)
    except DECODER_ERRORS as error:
        raise damaged(error, path, opened.format) from error
    return Normalised(
        format=opened.format,
        width=width,
        height=height,
        captured_at=opened.exif.captured_at,
        camera=opened.exif.camera,
        dhash=dhash,
        measured=measured,
        notes=opened.notes,
        renditions=renditions,
        statements=opened.statements,
        credit=credit,
        skipped=tuple(name for name, framing in framings.items() if framing is None),
    )


def _base_size(width: int, height: int, framings: Iterable[Framing | None]) -> tuple[int, int]:
    """The largest size any rendition is scaled to, or a probe's where all are skipped."""
    sizes = [framing.scaled for framing in framings if framing is not None]
    if sizes:
        return max(sizes)
    scale = min(1.0, _PROBE_PIXELS / min(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _base(opened: Opened, size: tuple[int, int]) -> Any:
    """The whole picture, upright, 8-bit sRGB, at `size`, in memory."""
    try:
        return _decoded(opened, size, tolerant=False)
    except pyvips.Error as error:
        if opened.format is Format.JPEG and harmless(error):
            return _decoded(opened, size, tolerant=True)
        raise


def _decoded(opened: Opened, size: tuple[int, int], *, tolerant: bool) -> Any:
    stored = size if opened.upright == (opened.width, opened.height) else size[::-1]
    image = opened.decode(shrink=_shrink(opened, stored), tolerant=tolerant)
    image = _flat(image)
    if (image.width, image.height) != stored:
        kernel = "cubic" if stored[0] <= image.width else "linear"
        image = image.resize(stored[0] / image.width, vscale=stored[1] / image.height, kernel=kernel)
    image = _srgb(image, opened.profile).copy_memory()
    for turn in _TURNS.get(opened.exif.orientation, ()):
        image = getattr(image, turn)()
    return image.copy_memory() if opened.exif.orientation > 1 else image


def _shrink(opened: Opened, stored: tuple[int, int]) -> int:
    """By how much a JPEG can be shrunk while decoding and still be no smaller than `stored`."""
    shrink = 1
    while (
        shrink < _LARGEST_SHRINK and stored[0] * shrink * 2 <= opened.width and stored[1] * shrink * 2 <= opened.height
    ):
        shrink *= 2
    return shrink


def _flat(image: Any) -> Any:
    """The picture without transparency, on white. Raises `Unusable` for pixels no screen shows."""
    depth = _DEPTHS.get(image.format)
    if depth is None and image.interpretation not in {"lab", "labs"}:
        raise Unusable(Reason.UNSUPPORTED_FORMAT, f"The picture's pixels are {image.format} numbers.")
    if image.interpretation not in _SPACES:
        raise Unusable(Reason.UNSUPPORTED_FORMAT, f"The picture's {image.bands} bands are no known colours.")
    if image.hasalpha():
        return image.flatten(background=[depth or 255], max_alpha=depth or 255)
    return image


def _srgb(image: Any, profile: bytes | None) -> Any:
    cmyk = image.interpretation == "cmyk"
    if cmyk or (profile and _tells(profile, image.interpretation)):
        try:
            image = image.icc_transform(
                "srgb", embedded=True, input_profile="cmyk" if cmyk else "srgb", intent="perceptual", depth=8
            )
        except pyvips.Error:
            # A damaged or mismatched profile is the profile's fault, not the picture's: viewers leave it out too.
            image = image.colourspace("srgb")
    image = image.colourspace("srgb")
    return image.extract_band(0, n=3) if image.bands > 3 else image.cast("uchar")  # noqa: PLR2004 - red, green, blue


def _tells(profile: bytes, interpretation: str) -> bool:
    """Whether `profile` is one for such pixels, and another than sRGB."""
    return profile[16:20] == _PROFILE_SPACES.get(interpretation, b"RGB ") and not _is_srgb(profile)


def _is_srgb(profile: bytes) -> bool:
    """Whether the profile's description says sRGB (ICC.1:2010, 9.2.41), as text or as UTF-16."""
    count = min(int.from_bytes(profile[128:132], "big"), 64)
    for index in range(count):
        entry = profile[132 + 12 * index : 144 + 12 * index]
        if entry[:4] == b"desc":
            start, size = int.from_bytes(entry[4:8], "big"), int.from_bytes(entry[8:12], "big")
            return bool(re.search(rb"s\x00?R\x00?G\x00?B", profile[start : start + size]))
    return False


def _render(base: Any, framing: Framing, profile: RenditionProfile, credit: str) -> Rendered:
    image = base
    if (base.width, base.height) != framing.scaled:
        image = base.resize(framing.scaled[0] / base.width, vscale=framing.scaled[1] / base.height, kernel="cubic")
    width, height = framing.frame
    if width < image.width or height < image.height:
        image = image.smartcrop(width, height, interesting="attention")
    elif (width, height) != (image.width, image.height):
        image = image.gravity("centre", width, height, extend="background", background=list(profile.background))
    quality = profile.quality
    data = _jpeg(image, quality, credit)
    while len(data) > profile.max_bytes and quality > _LOWEST_QUALITY:
        quality = max(_LOWEST_QUALITY, quality - _QUALITY_STEP)
        data = _jpeg(image, quality, credit)
    return Rendered(width=width, height=height, quality=quality, data=data)


def _jpeg(image: Any, quality: int, credit: str) -> bytes:
    if credit:
        image = image.copy()
        image.set_type(pyvips.GValue.blob_type, "xmp-data", credit_packet(credit))
    data: bytes = image.jpegsave_buffer(Q=quality, subsample_mode="on", keep="xmp" if credit else "none")
    return data


def _probe(base: Any) -> Any:
    """A small average of the picture, from which it is measured."""
    factor = max(1, math.ceil(min(base.width, base.height) / _PROBE_PIXELS))
    return (base.shrink(factor, factor) if factor > 1 else base).copy_memory()


def _miniature(probe: Any) -> Any:
    """A square of `_MINIATURE` pixels a side, whatever the picture's ratio."""
    return probe.resize(_MINIATURE / probe.width, vscale=_MINIATURE / probe.height, kernel="linear").copy_memory()


def _difference_hash(miniature: Any) -> str:
    """64 bits as 16 hex digits: whether points are brighter than their neighbours, 32 to the left and 32 above."""
    grey: bytes = miniature.recomb([_MIX[-1]]).rint().cast("uchar").write_to_memory()
    columns, rows = _ROW_GRID
    points = _points(grey, columns, rows)
    bits = [points[at] > points[at - 1] for at in range(columns * rows) if at % columns]
    columns, rows = _COLUMN_GRID
    points = _points(grey, columns, rows)
    bits += [points[at] > points[at - columns] for at in range(columns, columns * rows)]
    return f"{int(''.join('01'[bit] for bit in bits), 2):016x}"


def _points(grey: bytes, columns: int, rows: int) -> list[int]:
    """The brightness of a miniature summed up on a grid, row by row."""
    wide, high = _MINIATURE // columns, _MINIATURE // rows
    return [
        sum(sum(grey[line : line + wide]) for line in range(start, start + high * _MINIATURE, _MINIATURE))
        for top in range(0, _MINIATURE, high)
        for start in range(top * _MINIATURE, top * _MINIATURE + _MINIATURE, wide)
    ]


def _measure(probe: Any, miniature: Any) -> Measured:
    """Sharpness of the probe's green, which is most of brightness; brightness and colours of the miniature, where they
    are the same and cost less."""
    statistics = miniature.recomb(_MIX).stats()
    means = [statistics(_MEAN, row)[0] for row in (1, 2, 3)]
    spreads = [statistics(_DEVIATION, row)[0] for row in (1, 2, 3)]
    green = probe.extract_band(1).cast("short")
    sharpness = green.conv(pyvips.Image.new_from_array(_LAPLACIAN), precision="integer").deviate() ** 2
    exposure = means[2] / 255
    colourfulness = math.hypot(spreads[0], spreads[1]) + 0.3 * math.hypot(means[0], means[1])
    score = provisional_score(sharpness, exposure, colourfulness)
    return Measured(sharpness=round(sharpness, 3), exposure=round(exposure, 4), score=score)
