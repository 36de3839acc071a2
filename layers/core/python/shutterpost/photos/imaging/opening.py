"""Opening a file as a picture, within limits that are checked on its header, before a pixel is decoded."""

import ctypes
import mmap
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

# One thread per picture: a function has one core, and threads only add memory to a picture of this size.
os.environ.setdefault("VIPS_CONCURRENCY", "1")

import pyvips

from shutterpost.photos.exif import Exif, read_exif
from shutterpost.photos.formats import HEAD_BYTES, Format, ends_early, foreign, sniff
from shutterpost.photos.statements import StatedBy, Statement, embedded
from shutterpost.photos.unusable import Reason, Unusable

pyvips.cache_set_max(0)
# glibc gives each thread a heap of its own, and a decoder's threads come and go; in one heap the peak is 40 % lower.
_M_ARENA_MAX = -8
with suppress(AttributeError, OSError):
    ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)

# Pixels of a picture that is decoded row by row; today's largest phone sensors give 200 megapixels. What a decoder must
# hold whole may take so many bytes, with which a decode stays under 550 MB.
MAX_STREAMED_PIXELS = 220_000_000
MAX_WHOLE_BYTES = 450_000_000
# Measured bytes a pixel of decoders that always hold the whole.
_BYTES_HELD = {Format.WEBP: 9, Format.GIF: 5, Format.HEIC: 7}

_LOADERS = {
    Format.JPEG: "jpegload",
    Format.PNG: "pngload",
    Format.WEBP: "webpload",
    Format.TIFF: "tiffload",
    Format.GIF: "gifload",
}
# Only libjpeg's warnings speak of the picture itself; PNG and TIFF warn of harmless metadata.
_FAIL_ON = {Format.JPEG: "warning"}
# Decoders meet bytes their authors did not foresee, and then raise what their code happens to raise.
DECODER_ERRORS = (
    pyvips.Error,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)
_HARMLESS = re.compile(
    r"Corrupt JPEG data: \d{1,2} extraneous bytes before marker 0xd9|unknown JFIF revision|Adobe color transform code"
    r"|Inconsistent progression sequence"
)
_CUT_SHORT = re.compile(
    r"premature end|unexpected end|end of file|end of input|truncat|not enough data|EOF|bad seek"
    r"|got \d+ bytes, expected",
    re.IGNORECASE,
)
_NOT_READ = re.compile(r"not configured|unsupported|samples out of range|bad labq", re.IGNORECASE)


@dataclass(frozen=True)
class Opened:
    """A picture whose pixels are still to be decoded; sizes are as stored, before orientation."""

    format: Format
    exif: Exif
    width: int
    height: int
    notes: tuple[str, ...]
    path: Path
    profile: bytes | None
    statements: dict[StatedBy, Statement]

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once turned upright."""
        sideways = 5  # EXIF orientations 5 to 8 lie on their side.
        return (self.height, self.width) if self.exif.orientation >= sideways else (self.width, self.height)

    def decode(self, *, shrink: int = 1, tolerant: bool = False) -> Any:
        """A pipeline that decodes the pixels once, top to bottom; JPEG may come 2, 4 or 8 times smaller."""
        if self.format is Format.HEIC:
            return _decode_heic(self.path)
        options: dict[str, Any] = {"access": "sequential", "fail_on": _FAIL_ON.get(self.format, "error")}
        if self.format is Format.JPEG:
            options["shrink"] = shrink
        if tolerant:
            options["fail_on"] = "truncated"
        return _load(self.format, self.path, **options)


def open_picture(path: Path, zone: ZoneInfo) -> Opened:
    """The picture in the file at `path`, by content; a capture time without offset is wall time in `zone`.

    Raises `Unusable`: not an image, an unsupported format, too many pixels, truncated or corrupt.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    kind = sniff(head)
    if kind is None:
        other = foreign(head)
        if other:
            raise Unusable(Reason.UNSUPPORTED_FORMAT, f"The file is {other}.")
        raise Unusable(Reason.NOT_AN_IMAGE, f"The file begins with {_shown(head)}, which no picture does.")
    try:
        opened = _open_heic(path, zone) if kind is Format.HEIC else _open_vips(path, kind, zone)
    except DECODER_ERRORS as error:
        raise damaged(error, path, kind) from error
    if opened.exif.camera_raw:
        raise Unusable(Reason.UNSUPPORTED_FORMAT, "The file is a camera raw file.")
    return opened


def damaged(error: Exception, path: Path, kind: Format) -> Unusable:
    """What a decoder's `error` says of the file of `kind` at `path`."""
    text = " ".join(str(error).split())[:300]
    with path.open("rb") as file:
        cut = ends_early(file, kind)
    if cut or (_CUT_SHORT.search(text) and "premature end of data segment" not in text):
        return Unusable(Reason.TRUNCATED, f"The picture ends too early ({text}).")
    if _NOT_READ.search(text):
        return Unusable(Reason.UNSUPPORTED_FORMAT, f"This kind of {kind.upper()} is not read ({text}).")
    return Unusable(Reason.CORRUPT, f"The picture cannot be decoded ({text}).")


def harmless(error: Exception) -> bool:
    """Whether a JPEG decoder only met what many cameras write and every viewer overlooks."""
    lines = [line for line in str(error).splitlines() if "VipsJpeg" in line]
    return bool(lines) and all(_HARMLESS.search(line) for line in lines)


def _open_vips(path: Path, kind: Format, zone: ZoneInfo) -> Opened:
    header = _load(kind, path, access="sequential")
    held = _BYTES_HELD.get(kind) or _held(header)
    _refuse_bomb(header.width, header.height, MAX_WHOLE_BYTES // held if held else MAX_STREAMED_PIXELS)
    pages = header.get("n-pages") if header.get_typeof("n-pages") else 1
    notes = (f"first of {pages} pictures in the file",) if pages > 1 else ()
    profile = _blob(header, "icc-profile-data")
    exif = _exif(path, kind, header, zone)
    said = embedded(_blob(header, "xmp-data"), _blob(header, "iptc-data"))
    return Opened(kind, exif, header.width, header.height, notes, path, profile, said)


def _held(header: Any) -> int:
    """Bytes a pixel that the decoder of a progressive JPEG or interlaced PNG holds, as measured; 0 for others."""
    if not any(header.get_typeof(field) and header.get(field) for field in ("jpeg-multiscan", "interlaced")):
        return 0
    sample = 2 if header.get_typeof("jpeg-multiscan") or header.format == "ushort" else 1
    return int(header.bands) * sample + 1


def _blob(header: Any, field: str) -> bytes | None:
    return header.get(field) if header.get_typeof(field) else None


def _exif(path: Path, kind: Format, header: Any, zone: ZoneInfo) -> Exif:
    if kind is Format.TIFF:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return read_exif(data, zone)
    return read_exif(_blob(header, "exif-data") or b"", zone)


def _open_heic(path: Path, zone: ZoneInfo) -> Opened:
    with path.open("rb") as file:
        heif = _heif(file)
        if not len(heif):
            raise Unusable(Reason.UNSUPPORTED_FORMAT, "The file holds no picture that is coded as HEVC.")
        width, height = heif.size
        block = heif.info.get("exif") or b""
        count = len(heif)
        profile = heif.info.get("icc_profile")
        said = embedded(heif.info.get("xmp"), None)
    _refuse_bomb(width, height, MAX_WHOLE_BYTES // _BYTES_HELD[Format.HEIC])
    # libheif has already turned the picture as the file's transformations say; EXIF's word must not turn it again.
    exif = read_exif(block, zone).model_copy(update={"orientation": 1})
    notes = (f"main picture of {count} in the file",) if count > 1 else ()
    return Opened(Format.HEIC, exif, width, height, notes, path, profile or None, said)


def _decode_heic(path: Path) -> Any:
    with path.open("rb") as file:
        heif = _heif(file)
        bands, (width, height), stride = len(heif.mode), heif.size, heif.stride
        rows = pyvips.Image.new_from_memory(heif.data, stride, height, 1, "uchar")
    packed = rows.crop(0, 0, width * bands, height).write_to_memory()
    image = pyvips.Image.new_from_memory(packed, width, height, bands, "uchar")
    return image.copy(interpretation="srgb" if bands >= 3 else "b-w")  # noqa: PLR2004 - three colours


def _heif(file: BinaryIO) -> Any:
    # Imported late: with Pillow, which it brings along, it takes 9 MB of a process that mostly meets JPEG.
    import pi_heif

    return pi_heif.open_heif(file, convert_hdr_to_8bit=True)


def _load(kind: Format, path: Path, **options: Any) -> Any:
    return getattr(pyvips.Image, _LOADERS[kind])(str(path), **options)


def _refuse_bomb(width: int, height: int, limit: int) -> None:
    if width * height > limit:
        detail = f"The picture has {width} x {height} pixels; at most {limit:,} of its kind are decoded."
        raise Unusable(Reason.TOO_MANY_PIXELS, detail)


def _shown(head: bytes) -> str:
    return repr(head[:12].decode("latin-1"))
