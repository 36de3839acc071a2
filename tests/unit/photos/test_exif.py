"""Orientation and capture time, from well-formed and malformed EXIF."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from shutterpost.photos.metadata.exif import Exif, read_exif
from shutterpost.photos.metadata.statements import StatementSource
from tests.support.awkward import xmp
from tests.support.pictures import encoded, scene
from tests.support.reading import imported

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


def test_the_exif_directory_may_be_of_type_ifd():
    data = block(inner={ORIGINAL: "2026:06:01 16:33:00"})
    pointer = data.index(b"\x87\x69\x00\x04") if b"\x87\x69\x00\x04" in data else data.index(b"\x69\x87\x04\x00")
    little = data[pointer : pointer + 2] == b"\x69\x87"
    kind = b"\x0d\x00" if little else b"\x00\x0d"
    changed = data[: pointer + 2] + kind + data[pointer + 4 :]
    assert read_exif(changed, PARIS).captured_at == datetime(2026, 6, 1, 14, 33, tzinfo=UTC)


def test_an_entry_that_points_nowhere_costs_only_itself():
    data = block({ORIENTATION: 6, 0x010F: "A maker with a long name"})
    assert read_exif(data[:-10], PARIS).orientation == 6


def test_absent_exif_gives_no_facts():
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


@pytest.mark.parametrize("name", ["exif", "APP1"])
def test_exif_that_a_png_keeps_as_hex_is_read(tmp_path, name):
    data = b"Exif\x00\x00" + block({ORIENTATION: 6}, {ORIGINAL: "2026:06:01 16:33:00"}).removeprefix(b"Exif\x00\x00")
    text = PngImagePlugin.PngInfo()
    text.add_text(f"Raw profile type {name}", f"\n{name}\n{len(data):8}\n{data.hex()}\n", zip=True)
    picture = imported(tmp_path, encoded(scene(), "PNG", pnginfo=text))
    assert (picture.width, picture.height) == (480, 640)
    assert picture.captured_at == datetime(2026, 6, 1, 16, 33, tzinfo=UTC)


def test_xmp_and_iptc_that_a_png_keeps_as_hex_are_read_beside_its_exif(tmp_path):
    text = PngImagePlugin.PngInfo()
    iptc = b"\x1c\x02\x6e\x00\x03Ann"
    blocks = {"APP1": b"http://ns.adobe.com/xap/1.0/\x00", "exif": block({ORIENTATION: 6}), "iptc": iptc}
    for name, data in {**blocks, "xmp": xmp("A harbour")}.items():
        text.add_text(f"Raw profile type {name}", f"\n{name}\n{len(data):8}\n{data.hex()}\n", zip=True)
    picture = imported(tmp_path, encoded(scene(), "PNG", pnginfo=text))
    assert picture.height == 640
    assert picture.statements[StatementSource.EMBEDDED_XMP].caption == "A harbour"
    assert picture.statements[StatementSource.EMBEDDED_IPTC].credit == "Ann"
