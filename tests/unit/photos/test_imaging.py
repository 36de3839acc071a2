"""Renditions of painted pictures, and refusals with their names."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageStat, JpegImagePlugin

from shutterpost.photos import FEED, FramingPolicy, Normalised, Reason, RenditionProfile, Unusable, normalise
from tests.support import pictures

UTC_ZONE = ZoneInfo("UTC")
PALE = (255, 255, 255)


@pytest.fixture
def read(tmp_path):
    """What `normalise` makes of some bytes."""

    def reading(
        data: bytes,
        policy: FramingPolicy = FramingPolicy.PAD,
        profiles: Sequence[RenditionProfile] = (FEED,),
        zone: ZoneInfo = UTC_ZONE,
    ) -> Normalised:
        path = tmp_path / "dropped"
        path.write_bytes(data)
        return normalise(path, profiles, policy, zone)

    return reading


def shown(result: Normalised, profile: str = "feed") -> Image.Image:
    picture = pictures.opened(result.renditions[profile].data)
    assert (picture.format, picture.mode) == ("JPEG", "RGB")
    assert picture.size == (result.renditions[profile].width, result.renditions[profile].height)
    return picture


def colour(picture: Image.Image, *point: int) -> tuple[int, ...]:
    getpixel = picture.getpixel((point[0], point[1]))
    assert isinstance(getpixel, tuple)
    return getpixel


def difference(picture: Image.Image, expected: Image.Image) -> float:
    expected = expected.convert("RGB").resize(picture.size)
    return max(ImageStat.Stat(ImageChops.difference(picture, expected)).mean)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("jpeg", pictures.jpeg()),
        ("jpeg", pictures.jpeg(progressive=True)),
        ("jpeg", pictures.jpeg(mode="L")),
        ("png", pictures.encoded(pictures.scene(), "PNG")),
        ("png", pictures.encoded(pictures.scene().quantize(64), "PNG")),
        ("webp", pictures.encoded(pictures.scene(), "WEBP", quality=95)),
        ("tiff", pictures.encoded(pictures.scene(), "TIFF", compression="tiff_lzw")),
    ],
)
def test_formats_are_read_by_content(read, name, data):
    result = read(data)
    assert (result.format, result.width, result.height) == (name, 640, 480)
    expected = pictures.opened(data).convert("RGB")
    assert difference(shown(result), expected) < 12


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_is_shown_in_screen_colours(read, kind):
    plain = Image.new("CMYK", (640, 480), (0, 255, 255, 0))
    red, green, blue = colour(shown(read(pictures.encoded(plain, kind))), 300, 200)
    assert red > 180
    assert max(green, blue) < 90


def test_heic_is_read(read):
    result = read(pictures.heic())
    assert (result.format, result.width, result.height) == ("heic", 360, 240)
    red, green, blue = colour(shown(result), 300, 120)
    assert red > green + 60
    assert red > blue + 60


def test_the_first_picture_of_a_gif_is_used_with_a_note(read):
    result = read(pictures.gif(frames=3))
    assert result.notes == ("first of 3 pictures in the file",)
    first = pictures.scene(400, 300)
    turned = first.transpose(Image.Transpose.ROTATE_180)
    assert difference(shown(result), first) < difference(shown(result), turned) / 2
    assert read(pictures.gif(frames=1)).notes == ()


def test_transparency_is_rendered_on_white(read):
    picture = shown(read(pictures.half_transparent_png()))
    assert max(colour(picture, 100, 200)) < 10
    assert min(colour(picture, 500, 200)) > 245


def test_sixteen_bits_keep_their_brightness(read):
    picture = shown(read(pictures.deep_png()))
    levels = [colour(picture, 200, row)[0] for row in (0, 150, 299)]
    assert levels[0] < 8
    assert 118 < levels[1] < 138
    assert levels[2] > 247


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_upright(read, orientation):
    result = read(pictures.turned(orientation))
    assert (result.width, result.height) == (640, 480)
    assert difference(shown(result), pictures.scene()) < 6


def test_a_turned_picture_has_the_hash_of_the_upright_one(read):
    upright, turned = (int(read(pictures.turned(orientation)).dhash, 16) for orientation in (1, 6))
    assert (upright ^ turned).bit_count() <= 4


def test_other_colour_profiles_are_converted_and_srgb_is_left(read):
    with_profile = pictures.jpeg(icc_profile=pictures.srgb_profile())
    assert difference(shown(read(with_profile)), shown(read(pictures.jpeg()))) == 0
    swapped = pictures.jpeg(icc_profile=pictures.swapped_profile())
    red, green, _ = colour(shown(read(swapped)), 120, 120)
    assert green > red


def test_a_damaged_profile_is_left_out(read):
    assert shown(read(pictures.jpeg(icc_profile=b"no profile at all" * 20))).size == (640, 480)


def test_no_metadata_is_left(read):
    data = pictures.exif_jpeg({0x010F: "Maker", 0x013B: "Somebody"}, {0x9003: "2026:06:01 16:33:00"})
    result = read(data, zone=ZoneInfo("Asia/Tokyo"))
    assert result.captured_at == datetime(2026, 6, 1, 7, 33, tzinfo=UTC)
    stripped = result.renditions["feed"].data
    assert not {"exif", "icc_profile", "xmp", "comment"} & set(pictures.opened(stripped).info)
    assert b"Somebody" not in stripped
    assert b"Exif" not in stripped


@pytest.mark.parametrize(
    ("size", "policy", "expected"),
    [
        ((2600, 1950), FramingPolicy.PAD, (1440, 1080)),
        ((2000, 400), FramingPolicy.PAD, (1440, 754)),
        ((2000, 400), FramingPolicy.CROP, (764, 400)),
        ((400, 1600), FramingPolicy.PAD, (1280, 1600)),
        ((400, 1600), FramingPolicy.CROP, (400, 500)),
        ((600, 800), FramingPolicy.PAD, (640, 800)),
    ],
)
def test_sizes_and_ratios_follow_the_policy(read, size, policy, expected):
    result = read(pictures.jpeg(*size), policy)
    picture = shown(result)
    assert picture.size == expected
    corners = [picture.getpixel(point) for point in ((0, 0), (expected[0] - 1, expected[1] - 1))]
    padded = size[0] / size[1] != pytest.approx(expected[0] / expected[1], abs=0.01) and policy is FramingPolicy.PAD
    assert (corners == [PALE, PALE]) == padded


def test_a_skipped_ratio_has_no_rendition_but_is_measured(read):
    result = read(pictures.jpeg(2000, 400), FramingPolicy.SKIP)
    assert (result.renditions, result.skipped) == ({}, ("feed",))
    assert 1 <= result.measured.score <= 10
    assert len(result.dhash) == 16


def test_each_profile_has_its_rendition(read):
    wide = RenditionProfile(name="wide", max_width=800, min_ratio=1.5)
    result = read(pictures.jpeg(2000, 1600), profiles=(wide, FEED))
    assert shown(result, "feed").size == (1440, 1152)
    assert shown(result, "wide").size == (800, 533)


def test_quality_gives_way_to_the_cap(read):
    noise = Image.effect_noise((1000, 800), 120).convert("RGB")
    data = pictures.encoded(noise, "JPEG", quality=95)
    plenty, tight = FEED, FEED.model_copy(update={"max_bytes": 200_000})
    rendered = read(data, profiles=(tight,)).renditions["feed"]
    assert rendered.quality < read(data, profiles=(plenty,)).renditions["feed"].quality
    assert len(rendered.data) <= tight.max_bytes or rendered.quality == 40


def coloured_text() -> Image.Image:
    picture = Image.new("RGB", (1600, 1200), "white")
    draw = ImageDraw.Draw(picture)
    for row in range(0, 1200, 20):
        draw.text((10, row), "a red fox and a blue dog " * 12, fill=(220, 20, 20) if row % 40 else (20, 20, 220))
    return picture


def sampling(result: Normalised) -> int:
    """Pillow's number for the chroma subsampling: 0 for none, 2 for half the resolution."""
    return JpegImagePlugin.get_sampling(pictures.opened(result.renditions["feed"].data))


def test_chroma_is_halved_in_photos_and_kept_in_graphics(read):
    photo = Image.effect_mandelbrot((1600, 1200), (-2.2, -1.2, 0.8, 1.2), 60).convert("RGB")
    assert sampling(read(pictures.encoded(photo, "JPEG"))) == 2
    assert sampling(read(pictures.encoded(coloured_text(), "PNG"))) == 0


@pytest.mark.slow
def test_quality_is_what_likeness_needs(read):
    coarse = Image.effect_noise((1440, 1080), 120).convert("RGB")
    easy = read(pictures.encoded(coarse, "PNG")).renditions["feed"]
    grain = Image.blend(pictures.scene(1440, 1080), Image.effect_noise((1440, 1080), 60).convert("RGB"), 0.08)
    hard = read(pictures.encoded(grain, "PNG")).renditions["feed"]
    assert (easy.quality, hard.quality) == (88, FEED.quality)
    assert easy.likeness > 0.985 > hard.likeness > 0.5


def test_a_reduced_picture_is_sharpened_unless_its_profile_forbids_it(read):
    drawn = pictures.encoded(coloured_text(), "PNG")
    edges = [
        ImageStat.Stat(shown(read(drawn, profiles=(profile,))).convert("L").filter(ImageFilter.FIND_EDGES)).mean[0]
        for profile in (FEED, FEED.model_copy(update={"sharpen": False}))
    ]
    assert edges[0] > 1.05 * edges[1]
    same_size = pictures.encoded(coloured_text().crop((0, 0, 1000, 800)), "PNG")
    soft, sharp = (
        read(same_size, profiles=(FEED.model_copy(update={"sharpen": sharpen}),)).renditions["feed"].data
        for sharpen in (False, True)
    )
    assert soft == sharp


def test_similar_pictures_have_similar_hashes_and_others_not(read):
    ints, again, other = (
        int(read(data).dhash, 16)
        for data in (
            pictures.jpeg(1200, 900),
            pictures.jpeg(700, 525),
            pictures.encoded(pictures.scene().transpose(Image.Transpose.ROTATE_180), "JPEG"),
        )
    )
    assert (ints ^ again).bit_count() <= 4
    assert (ints ^ other).bit_count() > 8


GOOD = pictures.jpeg(1200, 900)


def corrupted(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(index * 37 % 255 for index in range(400)) + data[middle + 400 :]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"this is a text and no picture", Reason.NOT_AN_IMAGE),
        (b"<!doctype html><html></html>", Reason.NOT_AN_IMAGE),
        (pictures.encoded(pictures.scene(), "BMP"), Reason.UNSUPPORTED_FORMAT),
        (pictures.encoded(Image.new("F", (400, 400)), "TIFF"), Reason.UNSUPPORTED_FORMAT),
        (pictures.bomb_png(), Reason.TOO_MANY_PIXELS),
        (pictures.jpeg(200, 150), Reason.TOO_SMALL),
        (pictures.jpeg(319, 600), Reason.TOO_SMALL),
        (pictures.jpeg(2000, 100), Reason.TOO_SMALL),
        (pictures.jpeg(1, 1), Reason.TOO_SMALL),
        (GOOD[: len(GOOD) // 2], Reason.TRUNCATED),
        (pictures.jpeg(1200, 900, progressive=True)[:-4000], Reason.TRUNCATED),
        (corrupted(GOOD), Reason.CORRUPT),
        (GOOD[:40], Reason.TRUNCATED),
    ],
)
def test_refusals_are_named(read, data, reason):
    with pytest.raises(Unusable) as refused:
        read(data)
    assert refused.value.reason is reason
    assert refused.value.what_to_do.endswith(".")


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_pictures_cut_short_are_refused(read, kind, share):
    data = pictures.encoded(pictures.scene(), kind)
    with pytest.raises(Unusable) as refused:
        read(data[: int(len(data) * share)])
    assert refused.value.reason in {Reason.TRUNCATED, Reason.CORRUPT}


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_heic_cut_short_is_refused(read, share):
    with pytest.raises(Unusable) as refused:
        read(pictures.heic()[: int(len(pictures.heic()) * share)])
    assert refused.value.reason in {Reason.TRUNCATED, Reason.CORRUPT}


def test_a_few_stray_bytes_before_the_end_are_overlooked_as_viewers_do(read):
    data = pictures.jpeg()
    assert data.endswith(b"\xff\xd9")
    assert shown(read(data[:-2] + b"\x00" * 3 + b"\xff\xd9")).size == (640, 480)


def test_bytes_behind_the_picture_are_overlooked(read):
    assert shown(read(pictures.jpeg() + b"\x00" * 5000)).size == (640, 480)


def test_the_first_picture_of_a_phones_multi_picture_file_is_read(read):
    file = io.BytesIO()
    first = pictures.scene()
    first.save(file, "MPO", save_all=True, append_images=[pictures.scene(hue=90)])
    assert difference(shown(read(file.getvalue())), first) < 12
