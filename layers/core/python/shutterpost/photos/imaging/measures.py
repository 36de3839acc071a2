"""What is measured of a picture: its difference hash, sharpness, brightness and colours."""

import math
from typing import Any, NamedTuple

import pyvips

from shutterpost.photos.photo import Measured
from shutterpost.photos.scoring import provisional_score

PROBE_PIXELS = 256
_LAPLACIAN = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
# Half the bits compare rows, half columns: by rows alone all pictures of a smooth sky over a horizon are alike.
_ROW_GRID, _COLUMN_GRID = (9, 4), (4, 9)
_MINIATURE = 36
# Red against green, yellow against blue (Hasler and Süsstrunk, 2003), and brightness (ITU-R BT.709).
_MIX = [[1, -1, 0], [0.5, 0.5, -1], [0.2126, 0.7152, 0.0722]]
# Columns of libvips' statistics.
_LEAST, _MOST, _MEAN, _DEVIATION = 0, 1, 4, 5


class Measures(NamedTuple):
    """All measures of one picture; `is_flat` where every point has the same colour."""

    dhash: str
    measured: Measured
    is_flat: bool


def measure(base: Any) -> Measures:
    """The measures of an upright sRGB picture."""
    probe = _probe(base)
    miniature = _miniature(probe)
    statistics = probe.stats()
    is_flat = all(statistics(_LEAST, band)[0] == statistics(_MOST, band)[0] for band in (1, 2, 3))
    return Measures(_difference_hash(miniature), _measure(probe, miniature), is_flat)


def _probe(base: Any) -> Any:
    """A small average of the picture, from which it is measured."""
    factor = max(1, math.ceil(min(base.width, base.height) / PROBE_PIXELS))
    return (base.shrink(factor, factor) if factor > 1 else base).copy_memory()


def _miniature(probe: Any) -> Any:
    """A square of `_MINIATURE` pixels a side, whatever the picture's ratio."""
    return probe.resize(_MINIATURE / probe.width, vscale=_MINIATURE / probe.height, kernel="linear").copy_memory()


def _difference_hash(miniature: Any) -> str:
    """64 bits as 16 hex digits: whether points are brighter than their neighbours, 32 to the left and 32 above."""
    grey: bytes = miniature.recomb([_MIX[-1]]).rint().cast("uchar").write_to_memory()
    columns, rows = _ROW_GRID
    points = _points(grey, columns, rows)
    bits = [points[at] > points[at - 1] for at in range(columns * rows) if at % columns]
    columns, rows = _COLUMN_GRID
    points = _points(grey, columns, rows)
    bits += [points[at] > points[at - columns] for at in range(columns, columns * rows)]
    return f"{int(''.join('01'[bit] for bit in bits), 2):016x}"


def _points(grey: bytes, columns: int, rows: int) -> list[int]:
    """The brightness of a miniature summed up on a grid, row by row."""
    wide, high = _MINIATURE // columns, _MINIATURE // rows
    return [
        sum(sum(grey[line : line + wide]) for line in range(start, start + high * _MINIATURE, _MINIATURE))
        for top in range(0, _MINIATURE, high)
        for start in range(top * _MINIATURE, top * _MINIATURE + _MINIATURE, wide)
    ]


def _measure(probe: Any, miniature: Any) -> Measured:
    """Sharpness of the probe's green, which is most of brightness; brightness and colours of the miniature, where they
    are the same and cost less."""
    statistics = miniature.recomb(_MIX).stats()
    means = [statistics(_MEAN, row)[0] for row in (1, 2, 3)]
    spreads = [statistics(_DEVIATION, row)[0] for row in (1, 2, 3)]
    green = probe.extract_band(1).cast("short")
    sharpness = green.conv(pyvips.Image.new_from_array(_LAPLACIAN), precision="integer").deviate() ** 2
    exposure = means[2] / 255
    colourfulness = math.hypot(spreads[0], spreads[1]) + 0.3 * math.hypot(means[0], means[1])
    score = provisional_score(sharpness, exposure, colourfulness)
    return Measured(sharpness=round(sharpness, 3), exposure=round(exposure, 4), score=score)
