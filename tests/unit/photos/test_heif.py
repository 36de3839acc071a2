"""HEIC and AVIF: colours, depths, transformations and boxes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from shutterpost.photos import FEED, Reason, Unusable
from shutterpost.photos.formats.heif_boxes import HeifPicture, read_heif
from tests.support.heif_files import PATCHES, heif, sequence
from tests.support.pictures import builtin_profile, encoded, exif_of, scene
from tests.support.reading import decoded, imported

NOT_SRGB = (12, 13, 1)
CENTRES = ((80, 60), (240, 60), (80, 180), (240, 180))


def in_srgb(colour: tuple[int, int, int], profile: bytes) -> tuple[int, ...]:
    """`colour` under `profile` as Pillow's ImageCms converts it."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    picture = ImageCms.profileToProfile(Image.new("RGB", (1, 1), colour), source, SRGB, outputMode="RGB")
    assert picture is not None
    return picture.getpixel((0, 0))  # type: ignore[return-value]  # three bands


SRGB = ImageCms.createProfile("sRGB")


def close(actual: tuple[float, ...], wanted: tuple[int, ...], within: float = 4) -> bool:
    return all(abs(a - b) <= within for a, b in zip(actual, wanted, strict=True))


def test_a_heic_of_srgb_keeps_its_colours(tmp_path):
    picture = decoded(tmp_path, heif(nclx=(1, 13, 1)))
    assert all(close(picture(*at), colour) for at, colour in zip(CENTRES, PATCHES, strict=True))


@pytest.mark.parametrize("how", [{"profile": builtin_profile("p3")}, {"nclx": NOT_SRGB}], ids=["icc", "nclx"])
@pytest.mark.parametrize("gain_map", ["", "grey10"])
def test_a_heic_of_display_p3_is_converted(tmp_path, how, gain_map):
    picture = decoded(tmp_path, heif(gain_map=gain_map, **how))
    assert close(picture(80, 60), (240, 0, 21), within=5)
    wanted = [in_srgb(colour, builtin_profile("p3")) for colour in PATCHES]
    assert all(close(picture(*at), colour, within=5) for at, colour in zip(CENTRES, wanted, strict=True))


def test_an_icc_profile_comes_before_colours_by_number(tmp_path):
    picture = decoded(tmp_path, heif(nclx=(1, 13, 1), profile=builtin_profile("p3")))
    assert close(picture(80, 60), (240, 0, 21), within=5)


@pytest.mark.parametrize("depth", ["grey10", "grey12"])
def test_deep_grey_heic_keeps_its_brightness(tmp_path, depth):
    picture = decoded(tmp_path, heif(depth))
    assert [round(picture(x, 120)[0] / 16) for x in (2, 160, 317)] == [0, 8, 16]


def test_hdr_is_shown_with_its_white_below_the_screens(tmp_path):
    picture = decoded(tmp_path, heif("deep", nclx=(9, 16, 9)))
    white, grey = picture(80, 120), picture(240, 120)
    assert 225 <= min(white) <= max(white) <= 250
    assert max(grey) < 120
    assert max(white) - min(white) <= 2


def test_a_turned_heic_is_turned_upright_once_with_any_exif(tmp_path):
    picture = decoded(tmp_path, heif(turned=1))
    assert (picture.width, picture.height) == (240, 320)
    assert close(picture(60, 240), PATCHES[0])


@pytest.mark.parametrize("orientation", [1, 6])
def test_avif_is_read_with_its_colours_and_transformations(tmp_path, orientation):
    data = encoded(scene(), "AVIF", quality=95, exif=exif_of(orientation))
    picture = decoded(tmp_path, data, kind="avif")
    assert (picture.width, picture.height) == ((640, 480) if orientation == 1 else (480, 640))
    wide = decoded(
        tmp_path,
        encoded(Image.new("RGB", (400, 300), (220, 40, 40)), "AVIF", quality=100, icc_profile=builtin_profile("p3")),
    )
    assert close(wide(200, 150), (240, 0, 21), within=5)


def test_transparent_avif_is_rendered_on_white(tmp_path):
    picture = Image.new("RGBA", (400, 300), (0, 0, 0, 0))
    assert close(decoded(tmp_path, encoded(picture, "AVIF"))(200, 150), (255, 255, 255))


def test_avif_whose_colours_are_multiplied_by_their_alpha_is_no_darker(tmp_path):
    picture = Image.new("RGBA", (400, 300), (200, 100, 50, 128))
    shown = decoded(tmp_path, encoded(picture, "AVIF", quality=100, alpha_premultiplied=True))(200, 150)
    assert close(shown, (227, 177, 152))


@pytest.mark.parametrize("brand", [b"miaf", b"MiHE", b"tmap", b"1pic"])
def test_a_heic_may_name_its_kind_among_the_further_brands(tmp_path, brand):
    picture = decoded(tmp_path, heif(nclx=NOT_SRGB, brand=brand), kind="heic")
    assert close(picture(80, 60), (240, 0, 21), within=5)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (sequence(), "image sequence"),
        (heif(codec=b"avc1"), r"AVC \(H.264\)"),
        (heif(codec=b"jpeg"), "JPEG"),
        (heif(codec=b"j2k1"), "JPEG 2000"),
    ],
)
def test_other_codecs_in_heif_are_named(tmp_path, data, words):
    with pytest.raises(Unusable, match=words) as refused:
        decoded(tmp_path, data)
    assert refused.value.reason is Reason.UNSUPPORTED_FORMAT
    assert refused.value.what_to_do.startswith("Export")


def test_a_heic_that_shows_a_small_part_of_its_pixels_is_not_called_damaged(tmp_path):
    with pytest.raises(Unusable) as refused:
        imported(tmp_path, heif(crop=(160, 120)), FEED.model_copy(update={"min_width": 1, "min_height": 1}))
    assert refused.value.reason is Reason.UNSUPPORTED_FORMAT


def test_boxes_name_codec_colours_and_depth():
    assert read_heif(heif(nclx=NOT_SRGB)) == HeifPicture(codec="hvc1", cicp=NOT_SRGB)
    assert read_heif(heif("grey12")).bits == 12
    assert read_heif(encoded(scene(), "AVIF")).codec == "av01"
    assert read_heif(sequence()).is_sequence


@given(st.data())
def test_damaged_boxes_are_survived(data):
    whole = bytearray(heif(nclx=NOT_SRGB, gain_map="grey10")[:700])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    read_heif(bytes(whole))
