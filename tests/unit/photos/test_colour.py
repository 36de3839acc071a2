"""Colour conversion against Pillow's ImageCms, value by value, for every kind of profile and pixel."""

import statistics
import struct

import pytest
from PIL import Image

from shutterpost.photos.imaging.cicp import profile_of
from tests.support.colour_difference import by_image_cms, delta_e, differences
from tests.support.pictures import builtin_profile, encoded, srgb_profile, swapped_profile
from tests.support.reading import decoded

LEVELS = (0, 24, 64, 110, 160, 208, 255)
SIDE = 8
# What rounding to 8 bits in two programs makes of one colour.
MEDIAN, LARGEST = 0.1, 1.0


def swatches(mode: str = "RGB") -> Image.Image:
    """A square of each colour of a grid."""
    colours: list[tuple[int, ...]] = [(red, green, blue) for red in LEVELS for green in LEVELS for blue in LEVELS]
    if mode == "CMYK":
        colours = [(*colour, black) for colour in colours[::4] for black in (0, 80, 200, 255)]
    if mode == "L":
        colours = [(level,) for level in range(256)]
    small = Image.new(mode, (20, -(-len(colours) // 20)))
    small.putdata([colour[0] for colour in colours] if mode == "L" else colours)
    return small.resize((20 * SIDE, small.height * SIDE), Image.Resampling.NEAREST)


def grey_profile(gamma: float) -> bytes:
    """A profile of greys with a power curve."""
    curve = b"curv\x00\x00\x00\x00" + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    white = b"XYZ \x00\x00\x00\x00" + struct.pack(">3i", 63190, 65536, 54061)
    tags = ((b"wtpt", white), (b"kTRC", curve))
    at, table, body = 128 + 4 + 24, struct.pack(">I", 2), b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data
    size = at + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"mntr", b"GRAY", b"XYZ ") + bytes(12) + b"acsp"
    header += bytes(28) + white[8:]
    return header.ljust(128, b"\x00") + table + body


def by_numbers(primaries: int, transfer: int) -> bytes:
    return profile_of(primaries, transfer) or b""


PROFILES = {
    "sRGB": srgb_profile(),
    "sRGB of libvips": builtin_profile("srgb"),
    "Display P3": builtin_profile("p3"),
    "P3 by numbers": by_numbers(12, 13),
    "Rec. 2020": by_numbers(9, 14),
    "NTSC, gamma 2.2": by_numbers(4, 4),
    "linear light": by_numbers(1, 8),
    "Rec. 2020, PQ": by_numbers(9, 16),
    "red and green swapped": swapped_profile(),
}


def small(picture: Image.Image) -> Image.Image:
    """One pixel of each square."""
    return picture.resize((20, picture.height // SIDE), Image.Resampling.BOX)


def seen(folder, data: bytes) -> Image.Image:
    image = decoded(folder, data)
    return Image.frombytes("RGB", (image.width, image.height), bytes(image.write_to_memory()))


def hold(folder, picture: Image.Image, profile: bytes, kind: str, **options) -> None:
    data = encoded(picture, kind, icc_profile=profile, **options)
    apart = differences(small(seen(folder, data)), small(by_image_cms(picture, profile)))
    assert statistics.median(apart) <= MEDIAN
    assert apart[-1] <= LARGEST


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_rgb_is_converted_as_image_cms_does(tmp_path, name, kind):
    hold(tmp_path, swatches(), PROFILES[name], kind)


def test_cmyk_is_converted_as_image_cms_does(tmp_path):
    hold(tmp_path, swatches("CMYK"), builtin_profile("cmyk"), "TIFF")


@pytest.mark.parametrize("gamma", [1.0, 1.8, 2.2])
def test_grey_is_converted_as_image_cms_does(tmp_path, gamma):
    hold(tmp_path, swatches("L"), grey_profile(gamma), "PNG")


@pytest.mark.parametrize("name", ["Display P3", "Rec. 2020"])
def test_lossless_webp_is_converted_as_image_cms_does(tmp_path, name):
    hold(tmp_path, swatches(), PROFILES[name], "WEBP", lossless=True)


def test_a_profile_that_calls_itself_srgb_and_is_not_is_converted(tmp_path):
    linear = PROFILES["linear light"].replace(b"coded colours\x00", b"linear sRGB  \x00")
    assert b"sRGB" in linear
    hold(tmp_path, swatches(), linear, "PNG")


def test_the_difference_of_colours_is_that_of_the_published_examples():
    assert delta_e((50, 2.6772, -79.7751), (50, 0, -82.7485)) == pytest.approx(2.0425, abs=1e-4)
    assert delta_e((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387)) == pytest.approx(1.2644, abs=1e-4)
