"""Fits pictures into rendition profiles; pure."""

import hashlib
import json
import math
from enum import StrEnum

from pydantic import Field

from shutterpost.runtime.values import Value

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

    def mark(self, policy: FramingPolicy, credit: str = "") -> str:
        """A fingerprint of the rules of a rendition; it is rendered again when they change."""
        rules = json.dumps([self.model_dump(), policy, credit, _MADE_AS], sort_keys=True)
        return hashlib.sha256(rules.encode()).hexdigest()[:12]


# Meta's limits for feed images (docs/platform-facts.md); 3:4 is not documented and counts as refused.
FEED = RenditionProfile(name="feed")


class Framing(Value):
    """A picture scaled to `scaled` (width, height), then padded or cropped to `frame`."""

    scaled: tuple[int, int]
    frame: tuple[int, int]


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
