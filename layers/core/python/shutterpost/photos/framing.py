"""Fits pictures into rendition profiles; pure."""

import hashlib
import json
import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shutterpost.runtime.values import Value

# A place in an upright picture: x to the right and y down, in shares of its width and height.
Focus = tuple[
    Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)], Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
]
# Raised when renditions come out better than those that were made before.
_MADE_AS = 2
# The longest side of a thumbnail, and its fingerprint among the marks of renditions.
THUMB, THUMB_PIXELS, THUMB_MARK = "thumb", 400, "webp-400"


class FramingPolicy(StrEnum):
    """What to do with a picture whose ratio a profile does not allow."""

    PAD = "pad"
    CROP = "crop"
    SKIP = "skip"


class RenditionProfile(Value):
    """Limits of a rendition: pixels, ratio = width / height, bytes; `background` (RGB) fills padding.

    `min_width` and the ratios apply where no channel of the profile states its own.
    """

    name: str
    max_width: int = 1440
    min_width: int = 320
    min_ratio: float = 0.8
    max_ratio: float = 1.91
    max_bytes: int = 8_000_000
    quality: int = Field(default=93, ge=40, le=95)
    background: tuple[int, int, int] = (255, 255, 255)
    sharpen: bool = True

    @property
    def min_height(self) -> int:
        """Height in pixels of the lowest frame of `min_width`."""
        return math.ceil(self.min_width / self.max_ratio)

    def allows(self, width: int, height: int) -> bool:
        return self.min_ratio <= width / height <= self.max_ratio

    def mark(self, policy: FramingPolicy, credit: str = "", focus: Focus | None = None) -> str:
        """A fingerprint of the rules of a rendition; it is rendered again when they change.

        `focus` is that of a picture which is cropped.
        """
        fields = [self.model_dump(), policy, credit, _MADE_AS, *([focus] if focus else [])]
        rules = json.dumps(fields, sort_keys=True)
        return hashlib.sha256(rules.encode()).hexdigest()[:12]


# Meta's limits for feed images (docs/platform-facts.md); 3:4 is not documented and counts as refused.
FEED = RenditionProfile(name="feed")


class RenditionWindow(Value):
    """The part of a picture that a rendition shows, in shares of the picture; padding is outside of it."""

    left: float
    top: float
    width: float
    height: float

    def focus(self, place: Focus) -> tuple[float, float]:
        """The focal point in the rendition, x to the right and y up from its centre, each from -1 to 1."""
        x, y = (place[0] - self.left) / self.width, (place[1] - self.top) / self.height
        return max(-1.0, min(1.0, 2 * x - 1)), max(-1.0, min(1.0, 1 - 2 * y))


class Framing(Value):
    """A picture scaled to `scaled` (width, height), then padded or cropped to `frame`."""

    scaled: tuple[int, int]
    frame: tuple[int, int]

    def window(self, left: int, top: int) -> RenditionWindow:
        """What the frame shows with its corner at `left` and `top` of the scaled picture."""
        (width, height), (across, down) = self.scaled, self.frame
        return RenditionWindow(left=left / width, top=top / height, width=across / width, height=down / height)

    def corner(self, focus: Focus) -> tuple[int, int]:
        """Left and top of the frame in the scaled picture, as near to `focus` in its centre as it can be."""
        sizes = zip(focus, self.scaled, self.frame, strict=True)
        left, top = (max(0, min(size - side, round(place * size - side / 2))) for place, size, side in sizes)
        return left, top


def frame(width: int, height: int, profile: RenditionProfile, policy: FramingPolicy) -> Framing | None:
    """How to fit an upright picture into `profile`, never enlarged; `None` to skip it.

    The frame is within the profile's limits if the picture has at least `min_width` x `min_height` pixels.
    """
    if profile.allows(width, height):
        return _as_it_is(width, height, profile)
    if policy is FramingPolicy.SKIP:
        return None
    return _padded(width, height, profile) if policy is FramingPolicy.PAD else _cropped(width, height, profile)


def _as_it_is(width: int, height: int, profile: RenditionProfile) -> Framing:
    frame_width = min(width, profile.max_width)
    lowest, highest = math.ceil(frame_width / profile.max_ratio), math.floor(frame_width / profile.min_ratio)
    size = (frame_width, min(max(round(height * frame_width / width), lowest), highest))
    return Framing(scaled=size, frame=size)


def _padded(width: int, height: int, profile: RenditionProfile) -> Framing:
    if width / height > profile.max_ratio:
        frame_width = min(width, profile.max_width)
        scaled = (frame_width, max(1, round(height * frame_width / width)))
        return Framing(scaled=scaled, frame=(frame_width, math.ceil(frame_width / profile.max_ratio)))
    frame_height = min(height, math.floor(profile.max_width / profile.min_ratio))
    scaled = (max(1, round(width * frame_height / height)), frame_height)
    return Framing(
        scaled=scaled, frame=(min(profile.max_width, math.ceil(frame_height * profile.min_ratio)), frame_height)
    )


def _cropped(width: int, height: int, profile: RenditionProfile) -> Framing:
    if width / height > profile.max_ratio:
        scale = min(1.0, profile.max_width / (height * profile.max_ratio))
        scaled = (max(1, round(width * scale)), max(1, round(height * scale)))
        widest = min(scaled[0], profile.max_width, math.floor(scaled[1] * profile.max_ratio))
        return Framing(scaled=scaled, frame=(max(1, widest), scaled[1]))
    frame_width = min(width, profile.max_width)
    scaled = (frame_width, max(1, round(height * frame_width / width)))
    return Framing(scaled=scaled, frame=(frame_width, min(scaled[1], math.floor(frame_width / profile.min_ratio))))
