"""Reads the boxes of HEIF and AVIF files (ISO/IEC 14496-12, 23008-12); pure."""

import struct
from collections.abc import Iterator
from contextlib import suppress

from shutterpost.photos.formats.tiff_tags import Bytes
from shutterpost.runtime.values import Value

# Items that are made of other items: grids, overlays, copies and gain-mapped pictures.
_DERIVED = {b"grid", b"iovl", b"iden", b"tmap"}
_DEEPEST, _MOST_BOXES = 4, 4096


class HeifPicture(Value):
    """The primary picture: `codec` (four letters, may be empty) and `bits` of a HEVC sample.

    `cicp` is (primaries, transfer, matrix) of ITU-T H.273. `is_sequence` is true if there is no still picture,
    `premultiplied` if colours are multiplied by their alpha.
    """

    codec: str = ""
    cicp: tuple[int, int, int] | None = None
    bits: int = 8
    is_sequence: bool = False
    premultiplied: bool = False


def read_heif(data: Bytes) -> HeifPicture:
    """The primary picture of a file; unreadable facts have their defaults."""
    try:
        boxes = {name: content for name, content in _boxes(data, 0, len(data)) if name in {b"meta", b"moov"}}
        if b"meta" not in boxes:
            return HeifPicture(is_sequence=b"moov" in boxes)
        return _Meta(data, *boxes[b"meta"]).picture()
    except (struct.error, IndexError):
        return HeifPicture()


class _Meta:
    def __init__(self, data: Bytes, start: int, end: int) -> None:
        self._data = data
        self._boxes = dict(_boxes(data, start + 4, end))
        self._types = dict(self._items())

    def picture(self) -> HeifPicture:
        main = self._main()
        kind, item = self._types.get(main, b""), main
        for _ in range(_DEEPEST):
            if kind not in _DERIVED:
                break
            item = self._source(item)
            kind = self._types.get(item, b"")
        properties = [*self._properties(main), *(self._properties(item) if item != main else ())]
        cicp = next(
            (colours for name, at, end in properties if name == b"colr" and (colours := self._cicp(at, end))), None
        )
        depths = [8 + (self._number(at + 17, 1) & 7) for name, at, _ in properties if name == b"hvcC"]
        premultiplied = any(name == b"prem" and source == main for name, source, _ in self._references())
        bits = max(depths, default=8)
        return HeifPicture(codec=kind.decode("latin-1"), cicp=cicp, bits=bits, premultiplied=premultiplied)

    def _main(self) -> int:
        start, _ = self._boxes.get(b"pitm", (0, 0))
        return self._number(start + 4, 2 if self._number(start, 1) == 0 else 4) if start else -1

    def _items(self) -> Iterator[tuple[int, bytes]]:
        if b"iinf" not in self._boxes:
            return
        start, end = self._boxes[b"iinf"]
        for name, (at, _) in _boxes(self._data, start + (6 if self._number(start, 1) == 0 else 8), end):
            version = self._number(at, 1)
            if name == b"infe" and version >= 2:  # noqa: PLR2004 - earlier entries have no item type
                wide = 2 if version == 2 else 4  # noqa: PLR2004 - as before
                yield self._number(at + 4, wide), self._data[at + 6 + wide : at + 10 + wide]

    def _source(self, item: int) -> int:
        return next((to for name, source, to in self._references() if name == b"dimg" and source == item), -1)

    def _references(self) -> Iterator[tuple[bytes, int, int]]:
        if b"iref" not in self._boxes:
            return
        start, end = self._boxes[b"iref"]
        wide = 2 if self._number(start, 1) == 0 else 4
        for name, (at, _) in _boxes(self._data, start + 4, end):
            yield name, self._number(at, wide), self._number(at + wide + 2, wide)

    def _properties(self, item: int) -> list[tuple[bytes, int, int]]:
        if b"iprp" not in self._boxes:
            return []
        inner = list(_boxes(self._data, *self._boxes[b"iprp"]))
        shared = [(name, *span) for box, spans in inner if box == b"ipco" for name, span in _boxes(self._data, *spans)]
        owned = []
        for box, (start, _) in inner:
            if box == b"ipma":
                owned += [shared[index - 1] for index in self._associated(start, item) if 0 < index <= len(shared)]
        return owned

    def _associated(self, start: int, item: int) -> list[int]:
        version, flags = self._number(start, 1), self._number(start + 3, 1)
        wide, size = (2 if version == 0 else 4), (2 if flags & 1 else 1)
        at = start + 8
        for _ in range(min(self._number(start + 4, 4), _MOST_BOXES)):
            owner, count = self._number(at, wide), self._number(at + wide, 1)
            at += wide + 1
            if owner == item:
                return [self._number(at + size * n, size) & (0x7FFF if size > 1 else 0x7F) for n in range(count)]
            at += size * count
        return []

    def _cicp(self, start: int, end: int) -> tuple[int, int, int] | None:
        if self._data[start : start + 4] != b"nclx" or end < start + 10:
            return None
        primaries, transfer, matrix = struct.unpack(">HHH", self._data[start + 4 : start + 10])
        return primaries, transfer, matrix

    def _number(self, at: int, size: int) -> int:
        data = self._data[at : at + size]
        if len(data) < size:
            raise IndexError("behind the end")
        return int.from_bytes(data, "big")


def _boxes(data: Bytes, start: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    at = start
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        with suppress(struct.error):
            size, name = struct.unpack(">I4s", data[at : at + 8])
            head = 8
            if size == 1:
                size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
            stop = end if size == 0 else min(at + size, end)
            yield name, (at + head, stop)
            at += max(size or end - at, head)
            continue
        return
