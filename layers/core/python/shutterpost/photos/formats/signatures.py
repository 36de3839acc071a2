"""Recognises supported picture formats by their first bytes; pure."""

from enum import StrEnum
from typing import BinaryIO

HEAD_BYTES = 256

_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"mif2"}
_AVIF_BRANDS = {b"avif", b"avis"}
_PNG_END = b"IEND\xaeB`\x82"
_TAIL_BYTES = 4096


class Format(StrEnum):
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    AVIF = "avif"
    TIFF = "tiff"
    GIF = "gif"


def sniff(head: bytes) -> Format | None:
    """The supported format of a file that begins with `head` (`HEAD_BYTES` bytes), or `None`."""
    if head.startswith(b"\xff\xd8\xff"):
        return None if head[3:4] == b"\xf7" else Format.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None if head[12:16] == b"CgBI" else Format.PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Format.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Format.WEBP
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return None if head[8:10] == b"CR" else Format.TIFF
    brands = brands_of(head)
    if brands & _AVIF_BRANDS:
        return Format.AVIF
    return Format.HEIC if brands & _HEIC_BRANDS else None


def brands_of(head: bytes) -> set[bytes]:
    """The brands of an ISO media file; empty for other files."""
    if head[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12]} | {head[at : at + 4] for at in range(16, end - 3, 4)}


def ends_early(file: BinaryIO, kind: Format) -> bool:
    """Whether `file` is shorter than its structure declares (PNG, RIFF and ISO media; else `False`)."""
    size = file.seek(0, 2)
    if kind is Format.PNG:
        file.seek(max(0, size - _TAIL_BYTES))
        return _PNG_END not in file.read()
    file.seek(0)
    if kind is Format.WEBP:
        return int.from_bytes(file.read(8)[4:], "little") + 8 > size
    return kind in {Format.HEIC, Format.AVIF} and _boxes_end(file, size) > size


def _boxes_end(file: BinaryIO, size: int) -> int:
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
