"""Colour difference CIE ΔE 2000 between pictures in sRGB."""

import io
import math
from collections.abc import Sequence

from PIL import Image, ImageCms

Lab = tuple[float, float, float]


def differences(left: Image.Image, right: Image.Image) -> list[float]:
    """ΔE 2000 of every pixel, smallest first."""
    return sorted(delta_e(a, b) for a, b in zip(_lab(left), _lab(right), strict=True))


def delta_e(left: Lab, right: Lab) -> float:
    """CIE ΔE 2000 (Sharma, Wu and Dalal, 2005) with all weights 1."""
    mean_chroma = (math.hypot(*left[1:]) + math.hypot(*right[1:])) / 2
    stretch = 1.5 - 0.5 * math.sqrt(mean_chroma**7 / (mean_chroma**7 + 25**7))
    (l1, c1, h1), (l2, c2, h2) = _cylinder(left, stretch), _cylinder(right, stretch)
    turn = (h2 - h1 + 180) % 360 - 180
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    hue = (h1 + turn / 2) % 360
    d_hue = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    weight = 1 - 0.17 * _cos(hue - 30) + 0.24 * _cos(2 * hue) + 0.32 * _cos(3 * hue + 6) - 0.2 * _cos(4 * hue - 63)
    s_l = 1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * weight
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    rotation *= math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    parts = (l2 - l1) / s_l, (c2 - c1) / s_c, d_hue / s_h
    return math.sqrt(max(0.0, sum(part * part for part in parts) + rotation * parts[1] * parts[2]))


def _cylinder(lab: Lab, stretch: float) -> Lab:
    lightness, a, b = lab[0], lab[1] * stretch, lab[2]
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _lab(picture: Image.Image) -> Sequence[Lab]:
    """Lab of every pixel, computed by the formulas of IEC 61966-2-1 and CIE 15, as ImageCms' Lab has only 8 bits."""
    data = picture.convert("RGB").tobytes()
    return [_of_rgb(*data[at : at + 3]) for at in range(0, len(data), 3)]


def _of_rgb(*levels: int) -> Lab:
    red, green, blue = (_linear(level / 255) for level in levels)
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (_root(value) for value in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _root(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116


def by_image_cms(picture: Image.Image, profile: bytes) -> Image.Image:
    """`picture` as Pillow's ImageCms converts it from `profile` to sRGB, perceptually."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    shown = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert shown is not None
    return shown
