"""TIFF in the layouts that decoders misread: extra samples, planes, colour spaces, depths, compressions."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from shutterpost.photos import Reason, Unusable
from shutterpost.photos.formats.tiff_layout import read_layout
from tests.support import tiffs
from tests.support.pictures import encoded, scene
from tests.support.reading import decoded, imported
from tests.support.tiffs import CIELAB, DEFLATE, GREY, NONE, RGB, SEPARATED, YCBCR, tiff

WIDTH, HEIGHT = 400, 300
RED, WHITE = (254, 0, 0), (255, 255, 255)
PACK_BITS, ADOBE_DEFLATE = 32773, 32946
NO_ALPHA, PREMULTIPLIED, STRAIGHT = 0, 1, 2


def plain(*values: int) -> bytes:
    return bytes(values) * (WIDTH * HEIGHT)


def deep(*values: int) -> bytes:
    return struct.pack(f"<{len(values)}H", *values) * (WIDTH * HEIGHT)


def noise(count: int) -> bytes:
    """Bytes that no compression shortens."""
    return Image.effect_noise((1000, count // 1000 + 1), 120).tobytes()[:count]


def middle(folder, data: bytes) -> tuple[int, ...]:
    return tuple(round(value) for value in decoded(folder, data, kind="tiff")(200, 150))


@pytest.mark.parametrize(
    ("samples", "extra", "wanted"),
    [
        ((200, 100, 50, 0), [NO_ALPHA], (200, 100, 50)),
        ((200, 100, 50, 0, 9), [NO_ALPHA, NO_ALPHA], (200, 100, 50)),
        ((200, 100, 50, 128), [STRAIGHT], (227, 177, 152)),
        ((100, 50, 25, 128), [PREMULTIPLIED], (227, 177, 152)),
        ((200, 100, 50, 9, 128), [NO_ALPHA, STRAIGHT], (227, 177, 152)),
        ((200, 100, 50, 0), [STRAIGHT], WHITE),
    ],
)
def test_only_samples_that_are_transparency_are_taken_for_it(tmp_path, samples, extra, wanted):
    data = tiff(WIDTH, HEIGHT, plain(*samples), bits=(8,) * len(samples), extra=extra)
    assert middle(tmp_path, data) == pytest.approx(wanted, abs=1)


def test_a_saved_selection_of_a_grey_picture_is_left_out(tmp_path):
    data = tiff(WIDTH, HEIGHT, plain(100, 0), photometric=GREY, bits=(8, 8), extra=[NO_ALPHA])
    assert middle(tmp_path, data) == (100, 100, 100)


@pytest.mark.parametrize("extra", [[], [NO_ALPHA], [STRAIGHT]])
@pytest.mark.parametrize("bits", [8, 16])
def test_cmyk_with_transparency_is_no_black(tmp_path, extra, bits):
    full = (1 << bits) - 1
    samples = (0, full, full, 0, full)[: 4 + len(extra)]
    pixels = (plain if bits == 8 else deep)(*samples)
    red = middle(tmp_path, tiff(WIDTH, HEIGHT, pixels, photometric=SEPARATED, bits=(bits,) * len(samples), extra=extra))
    assert red[0] > 200
    assert max(red[1:]) < 80


def test_transparent_cmyk_is_white(tmp_path):
    data = tiff(WIDTH, HEIGHT, plain(0, 255, 255, 0, 0), photometric=SEPARATED, bits=(8,) * 5, extra=[STRAIGHT])
    assert min(middle(tmp_path, data)) > 250


def lab_in_srgb(lightness: int, a: int, b: int) -> tuple[int, ...]:
    """What ImageCms makes of a colour; lightness of 255, as TIFF has it."""
    picture = Image.frombytes("LAB", (1, 1), bytes([lightness, a % 256, b % 256]))
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB").getpixel((0, 0))  # type: ignore[union-attr,return-value]  # three bands


@pytest.mark.parametrize("alpha", [None, 255, 128, 0])
@pytest.mark.parametrize("bits", [8, 16])
def test_lab_is_converted_with_and_without_transparency(tmp_path, alpha, bits):
    samples, unit = [153, 30, 226] if bits == 8 else [39321, 30 << 8, 226 << 8], 1 if bits == 8 else 257
    extra = [] if alpha is None else [STRAIGHT]
    samples += [] if alpha is None else [alpha * unit]
    pixels = (plain if bits == 8 else deep)(*samples)
    data = tiff(WIDTH, HEIGHT, pixels, photometric=CIELAB, bits=(bits,) * len(samples), extra=extra)
    opaque = 1 if alpha is None else alpha / 255
    if opaque == 1:
        assert middle(tmp_path, data) == pytest.approx(lab_in_srgb(153, 30, -30), abs=2)
    elif opaque == 0:
        assert min(middle(tmp_path, data)) > 250
    else:
        assert 190 < middle(tmp_path, data)[0] < 225


@pytest.mark.parametrize("planar", [False, True])
def test_ycbcr_without_jpeg_is_converted(tmp_path, planar):
    pixels = [plain(value) for value in (120, 90, 200)] if planar else plain(120, 90, 200)
    data = tiff(WIDTH, HEIGHT, pixels, photometric=YCBCR, more={530: (3, [1, 1])})
    assert middle(tmp_path, data) == pytest.approx((221, 82, 53), abs=2)


@pytest.mark.parametrize(("across", "down"), [(2, 2), (2, 1)])
def test_subsampled_ycbcr_is_converted(tmp_path, across, down):
    block = bytes([120] * across * down + [90, 200])
    data = tiff(
        WIDTH, HEIGHT, block * (WIDTH * HEIGHT // across // down), photometric=YCBCR, more={530: (3, [across, down])}
    )
    assert middle(tmp_path, data) == pytest.approx((221, 82, 53), abs=2)


@pytest.mark.parametrize("compression", [1, tiffs.OLD_JPEG, tiffs.LZMA, 5, 32946, tiffs.WEBP, 1234])
@pytest.mark.parametrize("tile", [0, 512])
def test_ycbcr_that_cannot_be_decoded_is_refused(tmp_path, compression, tile):
    more = {284: (3, [1])}
    data = tiff(WIDTH, HEIGHT, noise(60_000), photometric=YCBCR, compression=compression, tile=tile, more=more)
    with pytest.raises(Unusable) as refused:
        imported(tmp_path, data)
    assert str(tmp_path) not in refused.value.detail


HALF_RUNS = b"\x81\x40" * (512 * 512 * 3 // 128 // 2)


@pytest.mark.parametrize("photometric", [RGB, YCBCR])
@pytest.mark.parametrize(
    ("compression", "pixels"),
    [
        (PACK_BITS, HALF_RUNS),
        (ADOBE_DEFLATE, zlib.compress(noise(512 * 512 * 3))[:-9000]),
        (ADOBE_DEFLATE, zlib.compress(noise(512 * 512 * 2))),
        (NONE, noise(512 * 512 * 2)),
    ],
)
def test_a_tile_that_is_decoded_in_part_is_refused(tmp_path, photometric, compression, pixels):
    more = {284: (3, [1]), 530: (3, [1, 1])}
    data = tiff(WIDTH, HEIGHT, pixels, photometric=photometric, compression=compression, tile=512, more=more)
    with pytest.raises(Unusable) as refused:
        imported(tmp_path, data)
    assert refused.value.reason in {Reason.CORRUPT, Reason.TRUNCATED}


@pytest.mark.parametrize(("tag", "value"), [(274, 0), (274, 9), (296, 0), (296, 4)])
def test_a_wrong_value_that_changes_no_pixel_is_left_out(tmp_path, tag, value):
    assert middle(tmp_path, tiff(WIDTH, HEIGHT, plain(200, 100, 50), more={tag: (3, [value])})) == (200, 100, 50)


@pytest.mark.parametrize(("across", "bits"), [(0, 8), (0, 16), (512, 8), (512, 16)])
def test_separate_planes_are_read_in_strips_and_tiles(tmp_path, across, bits):
    values, count = (200, 100, 50), across * across or WIDTH * HEIGHT
    planes = [bytes([value]) * count if bits == 8 else struct.pack("<H", value * 256 + 9) * count for value in values]
    data = tiff(WIDTH, HEIGHT, planes, bits=(bits,) * 3, tile=across, compression=DEFLATE)
    assert middle(tmp_path, data) == values


def test_twelve_bits_of_grey_are_read(tmp_path):
    half = bytes([0x80, 0x08, 0x00]) * (WIDTH * HEIGHT // 2)
    assert middle(tmp_path, tiff(WIDTH, HEIGHT, half, photometric=GREY, bits=(12,))) == pytest.approx((128,) * 3, abs=1)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tiff(WIDTH, HEIGHT, bytes(WIDTH * HEIGHT * 9 // 2), bits=(12, 12, 12)), "3 samples of 12 bits"),
        (tiff(WIDTH, HEIGHT, noise(900), compression=tiffs.JPEG_XL), "JPEG XL compression"),
        (tiff(WIDTH, HEIGHT, noise(900), compression=50000), "Zstandard compression"),
        (tiff(WIDTH, HEIGHT, noise(900), compression=tiffs.OLD_JPEG), "old-style JPEG compression"),
        (tiff(WIDTH, HEIGHT, plain(9, 9, 9), photometric=YCBCR, compression=1234), "compression number 1234"),
        (tiff(WIDTH, HEIGHT, plain(9, 9, 9), photometric=YCBCR, compression=tiffs.WEBP), "compression number 50001"),
        (tiff(WIDTH, HEIGHT, plain(9, 9, 9), photometric=YCBCR, compression=tiffs.LZMA), "compression number 34925"),
        (tiff(WIDTH, HEIGHT, [plain(153), plain(30), plain(226)], photometric=CIELAB), "Lab colours in separate"),
        (tiff(WIDTH, HEIGHT, [deep(9)] * 3, photometric=CIELAB, bits=(16,) * 3), "Lab colours in separate"),
        (tiff(WIDTH, HEIGHT, [bytes(512 * 512 * 2)] * 3, bits=(16,) * 3, tile=512), "16 bits in tiles"),
        (tiff(WIDTH, HEIGHT, [bytes(512 * 512)] * 3, photometric=YCBCR, tile=512), "kind of TIFF is not read"),
        (tiff(WIDTH, HEIGHT, [bytes(512 * 512)] * 4, bits=(8,) * 4, extra=[0], tile=512), "kind of TIFF is not read"),
        (tiff(WIDTH, HEIGHT, bytes(WIDTH * HEIGHT * 12), bits=(32,) * 3, more={339: (3, [3] * 3)}), "floating point"),
        (tiff(WIDTH, HEIGHT, plain(9, 9, 9), more={339: (3, [2] * 3)}), "signed"),
        (tiff(WIDTH, HEIGHT, plain(9), photometric=32803, bits=(8,)), "camera raw"),
        (encoded(scene().convert("F"), "TIFF"), "floating point"),
    ],
)
def test_kinds_that_are_not_read_are_named_and_not_called_damaged(tmp_path, data, words):
    with pytest.raises(Unusable, match=words) as refused:
        imported(tmp_path, data)
    assert refused.value.reason is Reason.UNSUPPORTED_FORMAT
    assert "Export" in refused.value.what_to_do


def test_the_layout_gives_the_memory_of_a_decoder():
    side = 16_000
    facts = {256: (4, [side]), 257: (4, [side]), 278: (4, [side])}
    planar = read_layout(tiff(4, 4, [b"x"] * 3, bits=(16,) * 3, compression=DEFLATE, more=facts))
    assert planar.held_bytes > side * side * 6
    assert read_layout(tiff(4, 4, b"x", bits=(16,) * 3, more=facts)).held_bytes == 0
    strips = facts | {278: (4, [64])}
    assert read_layout(tiff(4, 4, [b"x"] * 3, bits=(16,) * 3, more=strips)).held_bytes < 20_000_000
    assert read_layout(tiff(4, 4, b"x", tile=1024, more=facts)).held_bytes == side * 3 * 1024 * 2


def test_separate_planes_of_many_pixels_are_refused_with_what_would_help(tmp_path):
    facts = {256: (4, [16_000]), 257: (4, [13_700]), 278: (4, [13_700])}
    with pytest.raises(Unusable) as refused:
        decoded(tmp_path, tiff(4, 4, [b"x" * 90] * 3, bits=(16,) * 3, more=facts))
    assert refused.value.reason is Reason.TOO_MANY_PIXELS
    assert "interleaved" in refused.value.what_to_do


@given(st.data())
def test_damaged_directories_are_survived(data):
    whole = bytearray(tiff(4, 4, bytes(48), photometric=RGB, extra=[0], tile=16))
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert read_layout(bytes(whole)).held_bytes >= 0
