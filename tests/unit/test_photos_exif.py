"""Orientation and capture time, from well-formed and malformed EXIF."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shutterpost.photos.exif import Exif, read_exif

PARIS = ZoneInfo("Europe/Paris")
ORIGINAL, OFFSET_ORIGINAL, DATE_TIME, ORIENTATION = 0x9003, 0x9011, 0x0132, 0x0112


def block(tags: Any = (), inner: Any = ()) -> bytes:
    exif = Image.Exif()
    exif.update(dict(tags))
    exif.get_ifd(0x8769).update(dict(inner))
    return exif.tobytes()


def test_offset_decides_the_instant():
    data = block(inner={ORIGINAL: "2026:06:01 16:33:00", OFFSET_ORIGINAL: "-05:30"})
    assert read_exif(data, PARIS).captured_at == datetime(2026, 6, 1, 22, 3, tzinfo=UTC)


def test_time_without_offset_is_wall_time_in_the_zone():
    data = block(inner={ORIGINAL: "2026:06:01 16:33:00"})
    assert read_exif(data, PARIS).captured_at == datetime(2026, 6, 1, 14, 33, tzinfo=UTC)


def test_shutter_time_beats_the_files_time():
    data = block({DATE_TIME: "2030:01:01 00:00:00"}, {ORIGINAL: "2026:06:01 16:33:00"})
    assert read_exif(data, PARIS).captured_at == datetime(2026, 6, 1, 14, 33, tzinfo=UTC)


def test_files_time_serves_where_the_shutters_is_empty():
    data = block({DATE_TIME: "2020:02:29 12:00:00"}, {ORIGINAL: "0000:00:00 00:00:00"})
    assert read_exif(data, PARIS).captured_at == datetime(2020, 2, 29, 11, tzinfo=UTC)


def test_orientation_is_read_and_nonsense_is_upright():
    assert read_exif(block({ORIENTATION: 6}), PARIS).orientation == 6
    assert read_exif(block({ORIENTATION: 9}), PARIS).orientation == 1


def test_absent_exif_tells_nothing():
    assert read_exif(b"", PARIS) == Exif()


@given(st.binary(max_size=300))
def test_any_bytes_are_survived(noise):
    for data in (noise, b"Exif\x00\x00" + noise, b"II*\x00" + noise, b"MM\x00*" + noise):
        read_exif(data, PARIS)


@given(st.data())
def test_damaged_exif_is_survived(data):
    good = block({ORIENTATION: 3, DATE_TIME: "2020:02:29 12:00:00"}, {ORIGINAL: "2026:06:01 16:33:00"})
    damaged = bytearray(good[: data.draw(st.integers(0, len(good)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert 1 <= read_exif(bytes(damaged), PARIS).orientation <= 8
