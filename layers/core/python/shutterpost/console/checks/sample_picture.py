"""A small JPEG, made without an imaging library, that every platform accepts."""

SIDE = 400
"""Pixels; Instagram takes widths from 320 and ratios from 4:5."""


def grey_jpeg() -> bytes:
    """A grey square: the differences of its 8 × 8 blocks are zero, and each takes two bits that are zero."""
    side = SIDE.to_bytes(2, "big")
    quantization = _segment(0xDB, bytes([0, *[1] * 64]))
    frame = _segment(0xC0, bytes([8, *side, *side, 1, 1, 0x11, 0]))
    # A Huffman table with one code of one bit, for a difference of zero and for the end of a block.
    tables = [_segment(0xC4, bytes([kind, 1, *[0] * 15, 0])) for kind in (0x00, 0x10)]
    scan = _segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + bytes((SIDE // 8) ** 2 * 2 // 8)
    jfif = _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    return b"".join((b"\xff\xd8", jfif, quantization, frame, *tables, scan, b"\xff\xd9"))


def _segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content
