"""Measures pictures: difference hash, sharpness, brightness, colourfulness."""

import math
import statistics
import struct
from typing import Any, NamedTuple

import pyvips

from shutterpost.photos.imaging.provisional_score import provisional_score
from shutterpost.photos.photo import Measured

PROBE_PIXELS = 256
_LAPLACIAN = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
# Half the bits compare rows, half columns: by rows alone all pictures of a smooth sky over a horizon are alike.
_ROW_GRID, _COLUMN_GRID = (9, 4), (4, 9)
_MINIATURE = 36
# Red against green, yellow against blue (Hasler and Süsstrunk, 2003), and brightness (ITU-R BT.709).
_MIX = [[1, -1, 0], [0.5, 0.5, -1], [0.2126, 0.7152, 0.0722]]


class Measures(NamedTuple):
    """The measures of a picture; `tint` is its mean colour (RGB, hex), `is_flat` if all pixels have one colour."""

    dhash: str
    measured: Measured
    tint: str
    is_flat: bool


def measure(base: Any) -> Measures:
    probe = _probe(base)
    green = probe.extract_band(1).cast("short")
    sharpness = green.conv(pyvips.Image.new_from_array(_LAPLACIAN), precision="integer").deviate() ** 2
    red_green, yellow_blue, grey = _mixed(probe)
    exposure = statistics.fmean(grey) / 255
    spread = math.hypot(_deviation(red_green), _deviation(yellow_blue))
    colourfulness = spread + 0.3 * math.hypot(statistics.fmean(red_green), statistics.fmean(yellow_blue))
    score = provisional_score(sharpness, exposure, colourfulness)
    measured = Measured(sharpness=round(sharpness, 3), exposure=round(exposure, 4), score=score)
    tint = "".join(f"{round(probe.extract_band(band).avg()):02x}" for band in range(3))
    return Measures(_difference_hash(grey), measured, tint, is_flat=sharpness == 0 and spread == 0)


def _deviation(values: list[float]) -> float:
    """The standard deviation; the one of `statistics` computes with fractions, which takes a millisecond."""
    mean = statistics.fmean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def _probe(base: Any) -> Any:
    factor = max(1, math.ceil(min(base.width, base.height) / PROBE_PIXELS))
    return (base.shrink(factor, factor) if factor > 1 else base).copy_memory()


def _mixed(probe: Any) -> tuple[list[float], ...]:
    miniature = probe.resize(_MINIATURE / probe.width, vscale=_MINIATURE / probe.height, kernel="linear")
    values = struct.unpack(f"{3 * _MINIATURE**2}f", miniature.recomb(_MIX).write_to_memory())
    return tuple(list(values[band::3]) for band in range(3))


def _difference_hash(brightness: list[float]) -> str:
    """64 bits as 16 hex digits: 32 brightness comparisons along rows, 32 along columns."""
    grey = list(map(round, brightness))
    columns, rows = _ROW_GRID
    points = _points(grey, columns, rows)
    bits = [points[at] > points[at - 1] for at in range(columns * rows) if at % columns]
    columns, rows = _COLUMN_GRID
    points = _points(grey, columns, rows)
    bits += [points[at] > points[at - columns] for at in range(columns, columns * rows)]
    return f"{int(''.join('01'[bit] for bit in bits), 2):016x}"


def _points(grey: list[int], columns: int, rows: int) -> list[int]:
    wide, high = _MINIATURE // columns, _MINIATURE // rows
    return [
        sum(sum(grey[line : line + wide]) for line in range(start, start + high * _MINIATURE, _MINIATURE))
        for top in range(0, _MINIATURE, high)
        for start in range(top * _MINIATURE, top * _MINIATURE + _MINIATURE, wide)
    ]
