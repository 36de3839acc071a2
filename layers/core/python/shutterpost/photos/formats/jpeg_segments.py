"""The segments of a JPEG's header (ITU-T T.81, annex B), and bytes that lie between them; pure."""

import re
from collections.abc import Iterator

from shutterpost.photos.formats.tiff_tags import Bytes

# Fill bytes (FF) belong to the marker behind them.
_MARKER = re.compile(rb"\xff+([\x01-\xfe])", re.DOTALL)
_START_OF_SCAN, _WITHOUT_LENGTH = 0xDA, {0x01, *range(0xD0, 0xDA)}
_MOST_SEGMENTS, _LONGEST_GAP = 1000, 65536


def without_strays(data: Bytes) -> bytes | None:
    """`data` without bytes between header segments, which every viewer skips; `None` where there are none."""
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
        found = _MARKER.search(data[at : at + _LONGEST_GAP])
        if found is None:
            return
        if found.start():
            yield at, at + found.start()
        if found[1][0] == _START_OF_SCAN:
            return
        at += found.end()
        if found[1][0] not in _WITHOUT_LENGTH:
            at += max(int.from_bytes(data[at : at + 2], "big"), 2)
