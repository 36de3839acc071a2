"""The focal point of a picture in its renditions, whatever the import scales, pads or cuts away."""

from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from shutterpost.photos import FEED, FramingPolicy, RenditionProfile, normalise
from shutterpost.photos.framing import Focus, Framing, RenditionWindow, frame
from shutterpost.photos.photo import Rendered
from tests.support import pictures

SMALL = FEED.model_copy(update={"max_width": 400, "min_width": 100})
SHARES = st.floats(0, 1)
PIXELS = st.integers(FEED.min_width, 12_000)


@pytest.mark.parametrize(
    ("place", "expected"),
    [((0, 0), (-1, 1)), ((1, 1), (1, -1)), ((0.5, 0.5), (0, 0)), ((0.25, 0.5), (-0.5, 0)), ((0.5, 0.75), (0, -0.5))],
)
def test_a_focus_counts_from_the_centre_and_upwards(place: Focus, expected: tuple[float, float]) -> None:
    assert RenditionWindow(left=0, top=0, width=1, height=1).focus(place) == expected


@given(PIXELS, PIXELS, st.tuples(SHARES, SHARES))
@example(12_000, 400, (1.0, 0.0))
@example(400, 12_000, (0.3, 1.0))
def test_a_crop_at_the_focus_keeps_it(width: int, height: int, place: Focus) -> None:
    framing = frame(width, height, FEED, FramingPolicy.CROP)
    assert framing is not None
    left, top = framing.corner(place)
    scaled, size = framing.scaled, framing.frame
    for corner, share, whole, side in zip((left, top), place, scaled, size, strict=True):
        assert 0 <= corner <= whole - side
        assert corner <= share * whole <= corner + side


@given(PIXELS, PIXELS, st.tuples(SHARES, SHARES), st.sampled_from([FramingPolicy.PAD, FramingPolicy.CROP]), SHARES)
@example(4_000, 400, (0.9, 0.5), FramingPolicy.CROP, 0.0)
@example(400, 4_000, (0.5, 0.1), FramingPolicy.PAD, 0.0)
def test_the_focus_is_at_the_same_pixel_of_the_rendition(
    width: int, height: int, place: Focus, policy: FramingPolicy, moved: float
) -> None:
    framing = frame(width, height, FEED, policy)
    assert framing is not None
    left, top = (round(moved * (whole - side)) for whole, side in zip(framing.scaled, framing.frame, strict=True))
    x, y = framing.window(left, top).focus(place)
    # The pixel of the scaled picture, counted from the frame's corner; one that was cut away is at the edge.
    pixels = [share * whole - at for share, whole, at in zip(place, framing.scaled, (left, top), strict=True)]
    expected = [max(0.0, min(float(side), pixel)) for pixel, side in zip(pixels, framing.frame, strict=True)]
    assert ((x + 1) / 2 * framing.frame[0], (1 - y) / 2 * framing.frame[1]) == pytest.approx(expected, abs=1e-6)


def coded(width: int, height: int, place: Focus) -> Image.Image:
    """A picture whose red tells x and whose green tells y, with a blue dot at `place` that draws attention."""
    down = Image.linear_gradient("L").resize((height, width)).resize((width, height))
    across = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_90).resize((width, height))
    dot = Image.new("L", (width, height))
    x, y, size = place[0] * width, place[1] * height, min(width, height) / 12
    ImageDraw.Draw(dot).ellipse((x - size, y - size, x + size, y + size), fill=255)
    return Image.merge("RGB", (across, down, dot))


def check_places(rendered: Rendered) -> None:
    """Each pixel is where the window says that its place of the picture is."""
    picture = pictures.opened(rendered.data).convert("RGB").filter(ImageFilter.BoxBlur(2))
    for u, v in ((0.5, 0.5), (0.4, 0.5), (0.5, 0.6)):
        red, green, _ = cast(
            "tuple[int, int, int]", picture.getpixel((int(u * picture.width), int(v * picture.height)))
        )
        shown = rendered.window.focus((red / 255, green / 255))
        assert shown == pytest.approx((2 * u - 1, 1 - 2 * v), abs=0.06)


SIZES = [(900, 300, (0.8, 0.5)), (900, 301, (0.15, 0.4)), (300, 900, (0.5, 0.85)), (301, 700, (0.4, 0.2))]


@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize("policy", [FramingPolicy.PAD, FramingPolicy.CROP])
@pytest.mark.parametrize(("width", "height", "place"), [*SIZES, (600, 480, (0.7, 0.3))])
def test_a_window_is_what_the_rendition_shows(
    tmp_path: Path, width: int, height: int, place: Focus, policy: FramingPolicy, *, is_known: bool
) -> None:
    path = tmp_path / "dropped"
    path.write_bytes(pictures.encoded(coded(width, height, place), "PNG"))
    focus = place if is_known else None
    check_places(normalise(path, [SMALL], policy, ZoneInfo("UTC"), focus=focus).renditions["feed"])


def test_the_focus_of_a_turned_photo_is_that_of_the_upright_picture(tmp_path: Path) -> None:
    lying = coded(400, 900, (0.2, 0.7)).transpose(Image.Transpose.ROTATE_90)
    path, exif = tmp_path / "dropped", Image.Exif()
    exif[0x0112] = 6
    path.write_bytes(pictures.encoded(lying, "JPEG", quality=95, exif=exif))
    rendered = normalise(path, [SMALL], FramingPolicy.CROP, ZoneInfo("UTC"), focus=(0.2, 0.7)).renditions["feed"]
    check_places(rendered)
    assert rendered.window.top <= 0.7 <= rendered.window.top + rendered.window.height
    assert rendered.window.top > 0.2


def test_a_profile_is_made_again_for_a_new_focus_alone() -> None:
    profile = RenditionProfile(name="feed")
    marks = [profile.mark(FramingPolicy.CROP, "", focus) for focus in (None, (0.5, 0.5), (0.5, 0.6))]
    assert len(set(marks)) == 3
    assert marks[0] == profile.mark(FramingPolicy.CROP)


def test_a_window_has_the_shares_that_the_frame_shows() -> None:
    cropped = Framing(scaled=(800, 400), frame=(600, 400))
    assert cropped.window(100, 0) == RenditionWindow(left=0.125, top=0, width=0.75, height=1)
