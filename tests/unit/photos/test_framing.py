"""Frames of pictures in a profile, for all sizes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shutterpost.photos import FEED, FramingPolicy, RenditionProfile
from shutterpost.photos.framing import frame

WIDTHS = st.integers(FEED.min_width, 30_000)
HEIGHTS = st.integers(FEED.min_height, 30_000)


@given(WIDTHS, HEIGHTS, st.sampled_from([FramingPolicy.PAD, FramingPolicy.CROP]))
@example(320, 168, FramingPolicy.CROP)
@example(1440, 1800, FramingPolicy.PAD)
@example(30_000, 168, FramingPolicy.CROP)
@example(320, 30_000, FramingPolicy.PAD)
def test_every_frame_is_within_the_limits(width, height, policy):
    framing = frame(width, height, FEED, policy)
    assert framing is not None
    frame_width, frame_height = framing.frame
    assert FEED.min_width <= frame_width <= FEED.max_width
    assert FEED.min_ratio <= frame_width / frame_height <= FEED.max_ratio
    assert framing.scaled[0] <= width
    assert framing.scaled[1] <= height + 1
    if policy is FramingPolicy.PAD:
        assert framing.scaled[0] <= frame_width
        assert framing.scaled[1] <= frame_height
    elif not FEED.allows(width, height):
        assert framing.scaled[0] >= frame_width
        assert framing.scaled[1] >= frame_height


@pytest.mark.parametrize(
    ("size", "policy", "expected"),
    [
        ((2600, 1950), FramingPolicy.PAD, ((1440, 1080), (1440, 1080))),
        ((900, 600), FramingPolicy.PAD, ((900, 600), (900, 600))),
        ((5000, 1000), FramingPolicy.PAD, ((1440, 288), (1440, 754))),
        ((5000, 1000), FramingPolicy.CROP, ((3770, 754), (1440, 754))),
        ((800, 3200), FramingPolicy.PAD, ((450, 1800), (1440, 1800))),
        ((800, 3200), FramingPolicy.CROP, ((800, 3200), (800, 1000))),
        ((1080, 1350), FramingPolicy.SKIP, ((1080, 1350), (1080, 1350))),
        ((1500, 2000), FramingPolicy.PAD, ((1350, 1800), (1440, 1800))),
    ],
)
def test_frames_of_usual_pictures(size, policy, expected):
    width, height = size
    framing = frame(width, height, FEED, policy)
    assert framing is not None
    assert (framing.scaled, framing.frame) == expected


def test_three_to_four_is_outside_the_limits_and_skipped_on_request():
    assert frame(1500, 2000, FEED, FramingPolicy.SKIP) is None


def test_limits_are_the_profiles():
    story = RenditionProfile(name="story", max_width=1080, min_ratio=0.5, max_ratio=0.6)
    framing = frame(1080, 1920, story, FramingPolicy.SKIP)
    assert framing is not None
    assert framing.frame == (1080, 1920)
