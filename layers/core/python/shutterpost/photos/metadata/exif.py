"""Reads orientation, capture time and camera from EXIF; malformed input is ignored; pure."""

import re
import struct
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from shutterpost.photos.formats.tiff_tags import Bytes, TiffReader, Values
from shutterpost.runtime.values import Value

# Tags of EXIF 2.32 (CIPA DC-008), tables 4 to 8; SubIFDs and DNGVersion are Adobe's (TIFF-EP, DNG).
_MAKE, _MODEL, _ORIENTATION, _DATE_TIME, _EXIF_IFD = 0x010F, 0x0110, 0x0112, 0x0132, 0x8769
_ORIGINAL, _DIGITIZED, _OFFSET, _OFFSET_ORIGINAL, _OFFSET_DIGITIZED = 0x9003, 0x9004, 0x9010, 0x9011, 0x9012
_SUBFILE_TYPE, _SUB_IFDS, _DNG_VERSION = 0x00FE, 0x014A, 0xC612
_UPRIGHT, _LAST_ORIENTATION = 1, 8
_STAMP = re.compile(r"(\d{4})[:\-/](\d\d)[:\-/](\d\d)[ T](\d\d):(\d\d):(\d\d)")
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


class Exif(Value):
    """`orientation` 1-8, capture time (UTC) and camera."""

    orientation: int = _UPRIGHT
    captured_at: datetime | None = None
    camera: str = ""
    camera_raw: bool = False


def read_exif(data: Bytes, zone: ZoneInfo) -> Exif:
    """The facts of an EXIF block or a TIFF file; capture times without an offset are in `zone`."""
    start = 6 if data[:6] == b"Exif\x00\x00" else 0
    try:
        return _read(data, start, zone)
    except (struct.error, ValueError, OverflowError):
        return Exif()


def _read(data: Bytes, start: int, zone: ZoneInfo) -> Exif:
    reader = TiffReader(data, start)
    tags = reader.directory(reader.first)
    inner = _integer(tags, _EXIF_IFD)
    if inner is not None:
        tags |= reader.directory(inner)
    orientation = _integer(tags, _ORIENTATION)
    known = orientation is not None and _UPRIGHT <= orientation <= _LAST_ORIENTATION
    raw = _DNG_VERSION in tags or (_SUB_IFDS in tags and _integer(tags, _SUBFILE_TYPE) == 1)
    return Exif(
        orientation=orientation if known else _UPRIGHT,
        captured_at=_captured(tags, zone),
        camera=_camera(tags),
        camera_raw=raw,
    )


def _integer(tags: Mapping[int, Values], tag: int) -> int | None:
    values = tags.get(tag)
    return values[0] if isinstance(values, tuple) and values else None


def _captured(tags: Mapping[int, Values], zone: ZoneInfo) -> datetime | None:
    for stamp, offset in ((_ORIGINAL, _OFFSET_ORIGINAL), (_DIGITIZED, _OFFSET_DIGITIZED), (_DATE_TIME, _OFFSET)):
        match = _STAMP.match(str(tags.get(stamp) or ""))
        if match:
            try:
                wall = datetime(*(int(part) for part in match.groups()), tzinfo=_zone(tags.get(offset)) or zone)  # type: ignore[arg-type,misc]  # six numbers
                return wall.astimezone(UTC)
            except (ValueError, OverflowError):
                continue
    return None


def _camera(tags: Mapping[int, Values]) -> str:
    maker, model = (" ".join(str(tags.get(tag) or "").replace("\x00", " ").split()) for tag in (_MAKE, _MODEL))
    return model if maker and model.lower().startswith(maker.split()[0].lower()) else f"{maker} {model}".strip()


def _zone(text: Values | None) -> timezone | None:
    match = _ZONE.match(str(text or ""))
    if not match:
        return None
    sign, hours, minutes = match.groups()
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)
