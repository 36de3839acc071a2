"""Opens files as pictures and checks the limits before decoding."""

import ctypes
import mmap
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

# One thread per picture: a function has one core, and threads only add memory to a picture of this size.
os.environ.setdefault("VIPS_CONCURRENCY", "1")

import pyvips

from shutterpost.photos.formats.foreign import EXPORT_PICTURE, EXPORT_RAW, foreign
from shutterpost.photos.formats.heif_boxes import HeifPicture, read_heif
from shutterpost.photos.formats.jpeg_segments import without_strays
from shutterpost.photos.formats.signatures import HEAD_BYTES, Format, sniff
from shutterpost.photos.formats.tiff_layout import TiffLayout, read_layout
from shutterpost.photos.imaging import heif, tiff
from shutterpost.photos.imaging.failures import DECODER_ERRORS, damaged, forget_failures
from shutterpost.photos.imaging.headers import blob, embedded_exif, embedded_text, load
from shutterpost.photos.metadata.exif import Exif, read_exif
from shutterpost.photos.metadata.statements import Statement, StatementSource, embedded_statements
from shutterpost.photos.unusable import Reason, Unusable

pyvips.cache_set_max(0)
# glibc gives each thread a heap of its own, and a decoder's threads come and go; in one heap the peak is 40 % lower.
_M_ARENA_MAX = -8
with suppress(AttributeError, OSError):
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

# Pixels of a picture that is decoded row by row; today's largest phone sensors give 200 megapixels. What a decoder must
# hold whole may take so many bytes, with which an import stays under 1.1 GB.
MAX_STREAMED_PIXELS = 220_000_000
MAX_WHOLE_BYTES = 900_000_000
# Measured bytes a pixel of decoders that always hold the whole.
_BYTES_HELD = {Format.WEBP: 9, Format.GIF: 5, Format.HEIC: 7, Format.AVIF: 16}
_DEEP_HEIC_BYTES, _PILLOW_BYTES = 12, 12
_METADATA = ("icc-profile-data", "exif-data", "xmp-data", "iptc-data", "photoshop-data")


@dataclass(frozen=True)
class Opened:
    """A picture before decoding; sizes are as stored, before orientation.

    `decode(shrink=…, tolerant=…)` gives a sequential pipeline. Where `opaque`, alpha marks parts that were not decoded.
    `metadata_bytes` is the size of profile, EXIF and the like.
    """

    format: Format
    exif: Exif
    width: int
    height: int
    notes: tuple[str, ...]
    path: Path
    profile: bytes | None
    statements: dict[StatementSource, Statement]
    decode: Callable[..., Any]
    opaque: bool = False
    metadata_bytes: int = 0

    @property
    def upright(self) -> tuple[int, int]:
        sideways = 5  # EXIF orientations 5 to 8 lie on their side.
        return (self.height, self.width) if self.exif.orientation >= sideways else (self.width, self.height)


def open_picture(path: Path, zone: ZoneInfo) -> Opened:
    """Open the picture at `path`; capture times without an offset are in `zone`. Raises `Unusable`."""
    forget_failures()
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = sniff(head)
    if kind is None:
        raise _unknown(head)
    try:
        return _OPENERS.get(kind, _open_vips)(path, kind, zone)
    except DECODER_ERRORS as error:
        raise damaged(error, path, kind) from error


def _unknown(head: bytes) -> Unusable:
    other = foreign(head)
    if other is None:
        return Unusable(Reason.NOT_AN_IMAGE, f"The file begins with {_shown(head)}, which is no known picture.")
    reason = Reason.UNSUPPORTED_FORMAT if other.is_picture else Reason.NOT_AN_IMAGE
    return Unusable(reason, f"The file is {other.what}.", other.advice)


def _open_vips(path: Path, kind: Format, zone: ZoneInfo) -> Opened:
    header = load(kind, path, access="sequential")
    held = _BYTES_HELD.get(kind) or _held(header)
    _refuse_bomb(header.width, header.height, kind, held)
    decode = _jpeg(path) if kind is Format.JPEG else _Plain(path, kind)
    return _opened(kind, path, header, read_exif(embedded_exif(header), zone), decode)


def _opened(kind: Format, path: Path, header: Any, exif: Exif, decode: Callable[..., Any], **more: Any) -> Opened:
    pages = header.get("n-pages") if header.get_typeof("n-pages") else 1
    facts = {
        "format": kind,
        "exif": exif,
        "width": header.width,
        "height": header.height,
        "notes": (f"first of {pages} pictures in the file",) if pages > 1 else (),
        "path": path,
        "profile": blob(header, "icc-profile-data"),
        "statements": embedded_statements(embedded_text(header, "xmp"), embedded_text(header, "iptc")),
        "decode": decode,
        "metadata_bytes": sum(len(blob(header, field) or b"") for field in _METADATA),
    }
    return Opened(**{**facts, **more})


@dataclass(frozen=True)
class _Plain:
    path: Path
    kind: Format
    premultiplied: bool = False

    def __call__(self, *, shrink: int, tolerant: bool) -> Any:
        del shrink, tolerant
        image = load(self.kind, self.path, access="sequential", fail_on="error")
        if not (self.premultiplied and image.hasalpha()):
            return image
        return image.unpremultiply().cast(image.format).copy(interpretation=image.interpretation)


@dataclass(frozen=True)
class _Jpeg:
    path: Path
    mended: bytes | None

    def __call__(self, *, shrink: int, tolerant: bool) -> Any:
        options = {"access": "sequential", "fail_on": "truncated" if tolerant else "warning", "shrink": shrink}
        if self.mended is not None:
            return pyvips.Image.jpegload_buffer(self.mended, **options)
        return load(Format.JPEG, self.path, **options)


def _jpeg(path: Path) -> _Jpeg:
    with _mapped(path) as data:
        return _Jpeg(path, without_strays(data))


def _held(header: Any) -> int:
    """Measured bytes a pixel that progressive JPEG and interlaced PNG decoders hold; 0 for others."""
    if not any(header.get_typeof(field) and header.get(field) for field in ("jpeg-multiscan", "interlaced")):
        return 0
    sample = 2 if header.get_typeof("jpeg-multiscan") or header.format == "ushort" else 1
    return int(header.bands) * sample + 1


def _open_tiff(path: Path, kind: Format, zone: ZoneInfo) -> Opened:
    with _mapped(path) as data:
        exif, layout = read_exif(data, zone), read_layout(data)
    if exif.camera_raw or layout.is_sensor_data:
        camera = f" of a {exif.camera}" if exif.camera else ""
        raise Unusable(Reason.UNSUPPORTED_FORMAT, f"The file is a camera raw{camera}.", EXPORT_RAW)
    if layout.unread:
        raise Unusable(
            Reason.UNSUPPORTED_FORMAT, f"The file is a TIFF {layout.unread}, which is not read.", EXPORT_PICTURE
        )
    if layout.needs_pillow:
        return _open_tiff_with_pillow(path, exif, layout)
    header = load(kind, path, access="sequential")
    _refuse_bomb(header.width, header.height, kind, 0)
    _refuse_large_strips(layout)
    return _opened(kind, path, header, exif, tiff.Decoder(path, layout), opaque=layout.is_plain_ycbcr)


def _open_tiff_with_pillow(path: Path, exif: Exif, layout: TiffLayout) -> Opened:
    _refuse_bomb(layout.width, layout.height, Format.TIFF, _PILLOW_BYTES)
    facts = tiff.read_with_pillow(path)
    statements = embedded_statements(facts.xmp, facts.iptc)
    decode = tiff.PillowDecoder(path, layout)
    return Opened(Format.TIFF, exif, *facts.size, (), path, facts.profile, statements, decode)


def _open_heif(path: Path, _: Format, zone: ZoneInfo) -> Opened:
    with _mapped(path) as data:
        picture = read_heif(data)
    unread = heif.unread(picture)
    if unread:
        raise unread
    return _open_avif(path, picture, zone) if picture.codec == heif.AV1 else _open_heic(path, picture, zone)


def _open_avif(path: Path, picture: HeifPicture, zone: ZoneInfo) -> Opened:
    header = load(Format.AVIF, path, access="sequential")
    _refuse_bomb(header.width, header.height, Format.AVIF, _BYTES_HELD[Format.AVIF])
    exif = _turned(read_exif(embedded_exif(header), zone))
    profile = blob(header, "icc-profile-data") or heif.coded_profile(picture)
    decode = _Plain(path, Format.AVIF, premultiplied=picture.premultiplied)
    return _opened(Format.AVIF, path, header, exif, decode, profile=profile)


def _open_heic(path: Path, picture: HeifPicture, zone: ZoneInfo) -> Opened:
    facts = heif.read_heic(path)
    deep = picture.bits > 8  # noqa: PLR2004 - bits of a byte
    _refuse_bomb(*facts.size, Format.HEIC, _DEEP_HEIC_BYTES if deep else _BYTES_HELD[Format.HEIC])
    exif = _turned(read_exif(facts.exif, zone))
    notes = (f"main picture of {facts.pictures} in the file",) if facts.pictures > 1 else ()
    profile = facts.profile or heif.coded_profile(picture)
    statements = embedded_statements(facts.xmp, None)
    return Opened(Format.HEIC, exif, *facts.size, notes, path, profile, statements, heif.HeicDecoder(path, picture))


_OPENERS: dict[Format, Callable[[Path, Format, ZoneInfo], Opened]] = {
    Format.TIFF: _open_tiff,
    Format.HEIC: _open_heif,
    Format.AVIF: _open_heif,
}


def _turned(exif: Exif) -> Exif:
    """EXIF without orientation: libheif has already applied the file's transformations."""
    return exif.model_copy(update={"orientation": 1})


def _refuse_bomb(width: int, height: int, kind: Format, held: int) -> None:
    """Raise `Unusable` for too many pixels; `held` is the bytes a pixel that the decoder holds, 0 if row by row."""
    limit = MAX_WHOLE_BYTES // held if held else MAX_STREAMED_PIXELS
    if width * height <= limit:
        return
    detail = f"The picture has {width} x {height} pixels; {_megapixels(limit)} are read of a {kind.upper()}"
    detail += " that must be held in memory whole." if held else "."
    advice = f"Export it with at most {_megapixels(limit)} and drop it again."
    if held:
        advice = (
            f"Export it as a baseline JPEG, of which up to {_megapixels(MAX_STREAMED_PIXELS)} are read, or smaller."
        )
    raise Unusable(Reason.TOO_MANY_PIXELS, detail, advice)


def _megapixels(pixels: int) -> str:
    return f"{pixels // 1_000_000} megapixels"


def _refuse_large_strips(layout: TiffLayout) -> None:
    if layout.held_bytes > MAX_WHOLE_BYTES:
        where = "tiles" if layout.tile else "separate planes in one strip" if layout.planar else "one strip"
        detail = f"The TIFF has {layout.width} x {layout.height} pixels in {where}, too many bytes to hold at once."
        advice = "Save it with interleaved samples (not planar) in small strips, or export it as JPEG."
        raise Unusable(Reason.TOO_MANY_PIXELS, detail, advice)


@contextmanager
def _mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _shown(head: bytes) -> str:
    return repr(head[:12].decode("latin-1"))
