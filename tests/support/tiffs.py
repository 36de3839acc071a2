"""TIFF files written tag by tag (TIFF 6.0), for the layouts that picture libraries do not write."""

import struct
import zlib
from collections.abc import Mapping, Sequence

NONE, DEFLATE, GROUP4, OLD_JPEG, LZMA, WEBP, JPEG_XL = 1, 8, 4, 6, 34925, 50001, 50002
GREY, RGB, SEPARATED, YCBCR, CIELAB = 1, 2, 5, 6, 8
_SHORT, _LONG = 3, 4


def tiff(
    width: int,
    height: int,
    pixels: bytes | Sequence[bytes],
    *,
    photometric: int = RGB,
    bits: Sequence[int] = (8, 8, 8),
    compression: int = NONE,
    extra: Sequence[int] = (),
    tile: int = 0,
    more: Mapping[int, tuple[int, Sequence[int]]] | None = None,
) -> bytes:
    """A little-endian TIFF of one strip, of one strip a plane where `pixels` are planes, or of tiles of `tile` pixels.

    `more` maps further tags to their type and values; it replaces the tags written by default.
    """
    planes = [pixels] if isinstance(pixels, bytes) else list(pixels)
    chunks = [zlib.compress(plane) if compression == DEFLATE else plane for plane in planes]
    tags: dict[int, tuple[int, Sequence[int]]] = {
        256: (_LONG, [width]),
        257: (_LONG, [height]),
        258: (_SHORT, bits),
        259: (_SHORT, [compression]),
        262: (_SHORT, [photometric]),
        277: (_SHORT, [len(bits)]),
        284: (_SHORT, [1 if isinstance(pixels, bytes) else 2]),
    }
    tags[324 if tile else 273] = (_LONG, [0] * len(chunks))
    tags[325 if tile else 279] = (_LONG, [len(chunk) for chunk in chunks])
    tags |= {322: (_LONG, [tile]), 323: (_LONG, [tile])} if tile else {278: (_LONG, [height])}
    if extra:
        tags[338] = (_SHORT, extra)
    tags.update(more or {})
    start = len(_directory(tags))
    offsets = [start + sum(map(len, chunks[:index])) for index in range(len(chunks))]
    tags[324 if tile else 273] = (_LONG, offsets)
    return _directory(tags) + b"".join(chunks)


def _directory(tags: Mapping[int, tuple[int, Sequence[int]]]) -> bytes:
    """The header, the only directory and the values that do not fit into it."""
    beyond = 8 + 2 + 12 * len(tags) + 4
    entries, values = b"", b""
    for tag in sorted(tags):
        kind, numbers = tags[tag]
        data = struct.pack(f"<{len(numbers)}{'H' if kind == _SHORT else 'I'}", *numbers)
        if len(data) > 4:
            values += b"\x00" * (len(values) % 2)
            place = struct.pack("<I", beyond + len(values))
            values += data
        else:
            place = data.ljust(4, b"\x00")
        entries += struct.pack("<HHI", tag, kind, len(numbers)) + place
    return b"II*\x00\x08\x00\x00\x00" + struct.pack("<H", len(tags)) + entries + bytes(4) + values
