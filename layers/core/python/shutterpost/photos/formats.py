"""What a file is, told by its first bytes and never by its name; pure."""

import re
from enum import StrEnum
from typing import BinaryIO

HEAD_BYTES = 256

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
_FOREIGN = (
    (b"BM", "a BMP picture"),
    (b"8BPS", "a Photoshop document"),
    (b"%PDF", "a PDF"),
    (b"%!PS", "a PostScript drawing"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance picture"),
    (b"#?RGBE", "a Radiance picture"),
    (b"qoif", "a QOI picture"),
    (b"DDS ", "a DDS texture"),
    (b"SIMPLE  =", "a FITS picture"),
    (b"FUJIFILMCCD-RAW", "a camera raw file"),
    (b"IIU\x00", "a camera raw file"),
    (b"IIRO", "a camera raw file"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"OggS", "a film or sound"),
    (b"ID3", "a sound"),
)
_SVG = re.compile(rb"\s*(<\?xml.*)?<(!DOCTYPE )?svg\b", re.DOTALL)
_PNM = re.compile(rb"P[1-7]\s")
_UTF8_MARK = b"\xef\xbb\xbf"
_PNG_END = b"IEND\xaeB`\x82"
_TAIL_BYTES = 4096


class Format(StrEnum):
    """Formats that become renditions."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    TIFF = "tiff"
    GIF = "gif"


def sniff(head: bytes) -> Format | None:
    """The format whose signature `head` (the first `HEAD_BYTES` bytes) bears, or none that is read here."""
    if foreign(head):
        return None
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return Format.TIFF
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS and b"avif" not in head:
        return Format.HEIC
    return None


def foreign(head: bytes) -> str | None:
    """What a file is that has a picture's or film's signature but is not read here; `None` where nothing is known."""
    if head[:4] in {b"II*\x00", b"MM\x00*"} and head[8:10] == b"CR":
        return "a camera raw file"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand == b"avif" or b"avif" in head[16:]:
            return "an AVIF picture"
        if brand == b"crx ":
            return "a camera raw file"
        return None if brand in _HEIC_BRANDS else "a film"
    if _SVG.match(head.removeprefix(_UTF8_MARK)):
        return "an SVG drawing"
    if _PNM.match(head):
        return "a PNM picture"
    if head.startswith(b"\x89PNG") and head[12:16] == b"CgBI":
        return "a PNG that only Apple's programs read"
    return next((name for signature, name in _FOREIGN if head.startswith(signature)), None)


def ends_early(file: BinaryIO, kind: Format) -> bool:
    """Whether `file` ends before its own structure says; always `False` for formats whose decoders tell.

    The ends are those of RFC 9649 (the RIFF size), of PNG (the `IEND` chunk) and of ISO/IEC 14496-12 (the last box).
    """
    size = file.seek(0, 2)
    if kind is Format.PNG:
        file.seek(max(0, size - _TAIL_BYTES))
        return _PNG_END not in file.read()
    file.seek(0)
    if kind is Format.WEBP:
        return int.from_bytes(file.read(8)[4:], "little") + 8 > size
    return kind is Format.HEIC and _boxes_end(file, size) > size


def _boxes_end(file: BinaryIO, size: int) -> int:
    """Where the last top-level box ends, by its own word; one of size 0 reaches to the end of the file."""
    at = 0
    while at < size:
        file.seek(at)
        head = file.read(16)
        length = int.from_bytes(head[:4], "big")
        if length == 0:
            return size
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        at += max(length, 8)
    return at
