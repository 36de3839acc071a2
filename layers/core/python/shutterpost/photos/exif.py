"""The few EXIF facts an import needs, read from the bytes; pure, and deaf to malformed input."""

import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Protocol
from zoneinfo import ZoneInfo

from shutterpost.runtime.values import Value

# Tags of EXIF 2.32 (CIPA DC-008), tables 4 to 8; SubIFDs and DNGVersion are Adobe's (TIFF-EP, DNG).
_MAKE, _MODEL, _ORIENTATION, _DATE_TIME, _EXIF_IFD = 0x010F, 0x0110, 0x0112, 0x0132, 0x8769
_ORIGINAL, _DIGITIZED, _OFFSET, _OFFSET_ORIGINAL, _OFFSET_DIGITIZED = 0x9003, 0x9004, 0x9010, 0x9011, 0x9012
_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 0x00FE, 0x014A, 0xC612
_ASCII, _SHORT, _LONG = 2, 3, 4
_MAX_ENTRIES = 512
_MAX_TEXT = 64
_UPRIGHT, _LAST_ORIENTATION = 1, 8
_STAMP = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


class Bytes(Protocol):
    """Bytes or what looks like them, such as a memory map."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: slice, /) -> bytes: ...


class Exif(Value):
    """`orientation` 1-8, when the shutter opened (UTC) and of which camera, where the file says."""

    orientation: int = _UPRIGHT
    captured_at: datetime | None = None
    camera: str = ""
    camera_raw: bool = False


def read_exif(data: Bytes, zone: ZoneInfo) -> Exif:
    """The facts in `data`: an EXIF block with or without its `Exif` head, or a whole TIFF file.

    A capture time without an offset is taken as wall time in `zone`.
    """
    start = 6 if data[:6] == b"Exif\x00\x00" else 0
    try:
        return _read(data, start, zone)
    except (struct.error, ValueError, OverflowError):
        return Exif()


def _read(data: Bytes, start: int, zone: ZoneInfo) -> Exif:
    order = {b"II": "<", b"MM": ">"}.get(data[start : start + 2])
    if order is None or struct.unpack(f"{order}H", data[start + 2 : start + 4])[0] != 42:  # noqa: PLR2004 - TIFF's mark
        return Exif()
    reader = _Reader(data, start, order)
    tags = dict(reader.entries(reader.number("L", 4)))
    inner = tags.get(_EXIF_IFD)
    if isinstance(inner, int):
        tags.update(reader.entries(inner))
    orientation = tags.get(_ORIENTATION)
    known = isinstance(orientation, int) and _UPRIGHT <= orientation <= _LAST_ORIENTATION
    raw = _DNG_VERSION in tags or (_SUB_IFDS in tags and tags.get(_SUBFILE_TYPE) == 1)
    return Exif(
        orientation=orientation if known else _UPRIGHT,
        captured_at=_captured(tags, zone),
        camera=_camera(tags),
        camera_raw=raw,
    )


class _Reader:
    """Reads the directories of one TIFF structure; offsets count from `start`."""

    def __init__(self, data: Bytes, start: int, order: str) -> None:
        self._data = data
        self._start = start
        self._order = order

    def number(self, code: str, offset: int) -> int:
        size = struct.calcsize(code) if code != "L" else 4
        at = self._start + offset
        return int(struct.unpack(f"{self._order}{code}", self._data[at : at + size])[0])

    def entries(self, offset: int) -> Iterator[tuple[int, int | str | None]]:
        """Tag and value (a number, a text, or `None` for what is of no use here) of each entry of a directory."""
        for index in range(min(self.number("H", offset), _MAX_ENTRIES)):
            at = offset + 2 + 12 * index
            if self._start + at + 12 > len(self._data):
                return
            yield self.number("H", at), self._value(self.number("H", at + 2), self.number("L", at + 4), at + 8)

    def _value(self, kind: int, count: int, at: int) -> int | str | None:
        if kind == _SHORT:
            return self.number("H", at)
        if kind == _LONG:
            return self.number("L", at)
        if kind != _ASCII:
            return None
        where = self._start + (at if count <= 4 else self.number("L", at))  # noqa: PLR2004 - four bytes lie in place
        text = self._data[where : where + min(count, _MAX_TEXT)]
        return text.split(b"\x00")[0].decode("ascii", "replace")


def _captured(tags: dict[int, int | str | None], zone: ZoneInfo) -> datetime | None:
    for stamp, offset in ((_ORIGINAL, _OFFSET_ORIGINAL), (_DIGITIZED, _OFFSET_DIGITIZED), (_DATE_TIME, _OFFSET)):
        found = _STAMP.match(str(tags.get(stamp) or ""))
        if found:
            try:
                wall = datetime(*(int(part) for part in found.groups()), tzinfo=_zone(tags.get(offset)) or zone)  # type: ignore[arg-type,misc]  # six numbers
                return wall.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
    return None


def _camera(tags: dict[int, int | str | None]) -> str:
    """Maker and model; most models name their maker already."""
    maker, model = (" ".join(str(tags.get(tag) or "").replace("\x00", " ").split()) for tag in (_MAKE, _MODEL))
    return model if maker and model.lower().startswith(maker.split()[0].lower()) else f"{maker} {model}".strip()


def _zone(text: int | str | None) -> timezone | None:
    found = _ZONE.match(str(text or ""))
    if not found:
        return None
    sign, hours, minutes = found.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)
