"""Turns a file into renditions: decoded once, upright, sRGB, JPEG, without metadata."""

import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyvips

from shutterpost.photos.formats.signatures import Format
from shutterpost.photos.framing import Focus, Framing, FramingPolicy, RenditionProfile, frame
from shutterpost.photos.imaging.colour import known_colours, on_white, to_srgb
from shutterpost.photos.imaging.encoding import kernel, render
from shutterpost.photos.imaging.failures import DECODER_ERRORS, damaged, forget_failures, harmless, refuse_reported
from shutterpost.photos.imaging.measures import PROBE_PIXELS, measure
from shutterpost.photos.imaging.opening import Opened, open_picture
from shutterpost.photos.imaging.thumbnails import thumbnail
from shutterpost.photos.metadata.statements import merge_statements
from shutterpost.photos.photo import Normalised
from shutterpost.photos.unusable import Reason, Unusable

_LARGEST_SHRINK = 8
_TURNS = {2: ("fliphor",), 3: ("rot180",), 4: ("flipver",), 5: ("rot90", "fliphor"), 6: ("rot90",)}
_TURNS |= {7: ("rot270", "fliphor"), 8: ("rot270",)}
# A file of one flat colour has fewer bytes, or a smaller share of them, once it is packed without its metadata.
_FLAT_BYTES, _FLAT_SHARE = 30_000, 0.1
_CHUNK = 1 << 20


def normalise(
    path: Path,
    profiles: Sequence[RenditionProfile],
    policy: FramingPolicy,
    zone: ZoneInfo,
    *,
    keep_credit: bool = False,
    credit: str = "",
    focus: Focus | None = None,
) -> Normalised:
    """Decode the file at `path`, measure it and render `profiles` under the ratio `policy`. Raises `Unusable`.

    `zone` applies to capture times without an offset, crops keep `focus`. With `keep_credit`, renditions have `credit`,
    or else the file's.
    """
    opened = open_picture(path, zone)
    width, height = opened.upright
    credit = (credit or merge_statements(opened.statements, "")["credit"]) if keep_credit else ""
    for profile in profiles:
        if width < profile.min_width or height < profile.min_height:
            detail = (
                f"The picture has {width} x {height} pixels; {profile.min_width} x {profile.min_height} are needed."
            )
            raise Unusable(Reason.TOO_SMALL, detail)
    framings = {profile.name: frame(width, height, profile, policy) for profile in profiles}
    try:
        reducing = kernel(sharpen=all(profile.sharpen for profile in profiles))
        base = decoded(opened, _base_size(width, height, framings.values()), reducing=reducing)
        measures = measure(base)
        if measures.is_flat:
            _refuse_hollow(opened)
        renditions = {
            profile.name: render(base, framing, profile, credit=credit, reduced=base.width < width, focus=focus)
            for profile in profiles
            if (framing := framings[profile.name]) is not None
        }
        thumb = thumbnail(base)
    except DECODER_ERRORS as error:
        raise damaged(error, path, opened.format) from error
    finally:
        forget_failures()
    return Normalised(
        format=opened.format,
        width=width,
        height=height,
        captured_at=opened.exif.captured_at,
        camera=opened.exif.camera,
        dhash=measures.dhash,
        measured=measures.measured,
        notes=opened.notes,
        renditions=renditions,
        thumb=thumb,
        tint=measures.tint,
        statements=opened.statements,
        credit=credit,
        skipped=tuple(name for name, framing in framings.items() if framing is None),
    )


def _base_size(width: int, height: int, framings: Iterable[Framing | None]) -> tuple[int, int]:
    sizes = [framing.scaled for framing in framings if framing is not None]
    if sizes:
        return max(sizes)
    scale = min(1.0, PROBE_PIXELS / min(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def decoded(opened: Opened, size: tuple[int, int], *, reducing: str = "cubic") -> Any:
    """The whole picture in memory: upright, 8-bit sRGB, at `size` (upright), resampled with `reducing`."""
    try:
        return _decoded(opened, size, reducing, tolerant=False)
    except pyvips.Error as error:
        if opened.format is Format.JPEG and harmless(error):
            return _decoded(opened, size, reducing, tolerant=True)
        raise


def _decoded(opened: Opened, size: tuple[int, int], reducing: str, *, tolerant: bool) -> Any:
    stored = size if opened.upright == (opened.width, opened.height) else size[::-1]
    image = known_colours(opened.decode(shrink=_shrink(opened, stored), tolerant=tolerant))
    if not opened.opaque:
        image = on_white(image)
    if (image.width, image.height) != stored:
        image = image.resize(stored[0] / image.width, vscale=stored[1] / image.height, kernel=reducing)
    if opened.opaque and image.hasalpha():
        image = _wholly_decoded(_in_memory(image, opened.format))
    image = _in_memory(to_srgb(image, opened.profile), opened.format)
    for turn in _TURNS.get(opened.exif.orientation, ()):
        image = getattr(image, turn)()
    return image.copy_memory() if opened.exif.orientation > 1 else image


def _shrink(opened: Opened, stored: tuple[int, int]) -> int:
    shrink = 1
    while (
        shrink < _LARGEST_SHRINK and stored[0] * shrink * 2 <= opened.width and stored[1] * shrink * 2 <= opened.height
    ):
        shrink *= 2
    return shrink


def _in_memory(image: Any, kind: Format) -> Any:
    image = image.copy_memory()
    if kind is Format.TIFF:
        refuse_reported()
    return image


def _wholly_decoded(image: Any) -> Any:
    """The colour bands; raises `Unusable` if alpha marks parts that were not decoded."""
    if image.extract_band(image.bands - 1).min() < 255:  # noqa: PLR2004 - opaque
        raise Unusable(Reason.CORRUPT, "Parts of the picture cannot be decoded.")
    return image.extract_band(0, n=image.bands - 1)


def _refuse_hollow(opened: Opened) -> None:
    """Raise `Unusable` if a file of much content decodes to one flat colour."""
    packer, packed = zlib.compressobj(1), 0
    with opened.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            packed += len(packer.compress(chunk))
    packed += len(packer.flush()) - opened.metadata_bytes
    if packed > max(_FLAT_BYTES, _FLAT_SHARE * opened.path.stat().st_size):
        detail = f"The picture decodes to one flat colour, though the file holds {packed:,} bytes of content."
        raise Unusable(Reason.CORRUPT, detail)
