"""Reads the header segments of JPEG files (ITU-T T.81, annex B); pure."""

import re
from collections.abc import Iterator

from shutterpost.photos.formats.tiff_tags import Bytes

# Fill bytes (FF) belong to the marker behind them.
_MARKER = re.compile(rb"\xff+([\x01-\xfe])", re.DOTALL)
_START_OF_SCAN, _WITHOUT_LENGTH = 0xDA, {0x01, *range(0xD0, 0xDA)}
_MOST_SEGMENTS, _LONGEST_GAP = 1000, 65536


def without_strays(data: Bytes) -> bytes | None:
    """`data` without stray bytes between header segments; `None` if there are none."""
    strays = list(_strays(data))
    if not strays:
        return None
    kept, at = b"", 0
    for start, end in strays:
        kept += data[at:start]
        at = end
    return kept + data[at : len(data)]


def _strays(data: Bytes) -> Iterator[tuple[int, int]]:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        match = _MARKER.search(data[at : at + _LONGEST_GAP])
        if match is None:
            return
        if match.start():
            yield at, at + match.start()
        if match[1][0] == _START_OF_SCAN:
            return
        at += match.end()
        if match[1][0] not in _WITHOUT_LENGTH:
            at += max(int.from_bytes(data[at : at + 2], "big"), 2)
