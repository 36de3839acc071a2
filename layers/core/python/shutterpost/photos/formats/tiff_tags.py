"""Reads directories of TIFF structures (TIFF 6.0, BigTIFF), such as EXIF blocks; pure."""

import struct
from collections.abc import Iterator
from contextlib import suppress
from typing import Protocol

_ASCII = 2
# Field types with integer values: BYTE, SHORT, LONG, IFD (TIFF 6.0 supplement 1), LONG8 and IFD8 (BigTIFF).
_INTEGERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MAX_ENTRIES = 512
_MAX_VALUES = 16
_MAX_TEXT = 64
Values = tuple[int, ...] | str


class Bytes(Protocol):
    """Bytes or a memory map."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice, /) -> bytes: ...


class TiffReader:
    """Reads directories of the structure at `start`. Raises `ValueError` or `struct.error` if there is none."""

    def __init__(self, data: Bytes, start: int = 0) -> None:
        self._data = data
        self._start = start
        order = {b"II": "<", b"MM": ">"}.get(data[start : start + 2])
        if order is None:
            raise ValueError("no TIFF byte order")
        self._order = order
        version = self._number("H", 2)
        if version not in {42, 43}:
            raise ValueError("no TIFF version")
        self._big = version == 43  # noqa: PLR2004 - BigTIFF
        self.first = self._number("Q", 8) if self._big else self._number("I", 4)

    def directory(self, offset: int) -> dict[int, Values]:
        """The entries at `offset` by tag: up to 16 integers, or a text; unreadable entries are left out."""
        entries: dict[int, Values] = {}
        with suppress(struct.error):
            for tag, values in self._entries(offset):
                entries.setdefault(tag, values)
        return entries

    def _entries(self, offset: int) -> Iterator[tuple[int, Values]]:
        head, size = (8, 20) if self._big else (2, 12)
        count = self._number("Q" if self._big else "H", offset)
        for index in range(min(count, _MAX_ENTRIES)):
            at = offset + head + size * index
            if self._start + at + size > len(self._data):
                return
            values = self._values(at)
            if values is not None:
                yield self._number("H", at), values

    def _values(self, at: int) -> Values | None:
        kind = self._number("H", at + 2)
        count, field, inline = (
            (self._number("Q", at + 4), at + 12, 8) if self._big else (self._number("I", at + 4), at + 8, 4)
        )
        code = _INTEGERS.get(kind)
        if code is None and kind != _ASCII:
            return None
        width = struct.calcsize(f"={code}") if code else 1
        if count * width > inline:
            field = self._number("Q" if self._big else "I", field)
        if code is None:
            return self._bytes(field, min(count, _MAX_TEXT)).split(b"\x00")[0].decode("ascii", "replace")
        count = min(count, _MAX_VALUES)
        data = self._bytes(field, count * width)
        return struct.unpack(f"{self._order}{len(data) // width}{code}", data[: len(data) // width * width])

    def _number(self, code: str, offset: int) -> int:
        return int(struct.unpack(f"{self._order}{code}", self._bytes(offset, struct.calcsize(f"={code}")))[0])

    def _bytes(self, offset: int, count: int) -> bytes:
        at = self._start + offset
        return self._data[at : at + count]
