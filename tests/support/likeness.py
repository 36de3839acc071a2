"""Structural similarity of two pictures."""

from typing import Any

import pyvips
from PIL import Image

# Wang, Bovik, Sheikh and Simoncelli (2004), for 8-bit brightness: a Gaussian window, K1 = 0.01, K2 = 0.03.
_SIGMA = 1.5
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def ssim(first: Image.Image, second: Image.Image) -> float:
    """Mean structural similarity of two pictures of one size, 1 where they are the same."""
    x, y = _brightness(first), _brightness(second)
    mean_x, mean_y = _window(x), _window(y)
    spread_x = _window(x * x) - mean_x * mean_x
    spread_y = _window(y * y) - mean_y * mean_y
    together = _window(x * y) - mean_x * mean_y
    alike = ((mean_x * mean_y * 2 + _C1) * (together * 2 + _C2)) / (
        (mean_x * mean_x + mean_y * mean_y + _C1) * (spread_x + spread_y + _C2)
    )
    return float(alike.avg())


def _brightness(picture: Image.Image) -> Any:
    grey = picture.convert("L")
    return pyvips.Image.new_from_memory(grey.tobytes(), grey.width, grey.height, 1, "uchar").cast("float")


def _window(image: Any) -> Any:
    return image.gaussblur(_SIGMA, precision="float").copy_memory()
