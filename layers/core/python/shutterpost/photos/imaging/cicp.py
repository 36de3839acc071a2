"""ICC profiles for colours described by numbers (ITU-T H.273), as in HEIC and AVIF; pure."""

import math
import struct
from collections.abc import Callable
from functools import lru_cache

Row = tuple[float, float, float]
Matrix = tuple[Row, Row, Row]

# Chromaticities of red, green, blue and white by the number of the primaries (H.273, table 2).
_D65, _C, _DCI = (0.3127, 0.3290), (0.310, 0.316), (0.314, 0.351)
_PRIMARIES = {
    1: ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060), _D65),
    4: ((0.67, 0.33), (0.21, 0.71), (0.14, 0.08), _C),
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    7: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _DCI),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
# Camera curves (BT.709 and its like) are shown on screens as if they were sRGB's.
_SRGB_LIKE = {0, 1, 2, 3, 6, 13, 14, 15}
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_PQ, _HLG = 16, 18
HDR_TRANSFERS = frozenset({_PQ, _HLG})
_CURVE_POINTS = 1024
# Diffuse white of PQ and HLG in nits (ITU-R BT.2408), and the share of it from which brighter light is rolled off.
_WHITE, _KNEE = 203.0, 0.6
_D50: Row = (0.9642, 1.0, 0.8249)
_BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


@lru_cache(maxsize=16)
def profile_of(primaries: int, transfer: int) -> bytes | None:
    """An ICC profile for these numbers, or `None` for sRGB and unspecified; HDR highlights (PQ, HLG) are rolled off."""
    known = primaries in _PRIMARIES
    if transfer in _SRGB_LIKE and (primaries == 1 or not known):
        return None
    columns = _colorants(*_PRIMARIES[primaries if known else 1])
    curve = _curve(_to_light(transfer))
    tags = [(b"desc", _description()), (b"cprt", _text("none")), (b"wtpt", _xyz(_D50))]
    tags += [(name, _xyz(column)) for name, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)]
    tags += [(name, curve) for name in (b"rTRC", b"gTRC", b"bTRC")]
    return _profile(tags)


def _to_light(transfer: int) -> Callable[[float], float]:
    if transfer in _GAMMAS:
        return lambda value: float(value ** _GAMMAS[transfer])
    if transfer == _PQ:
        return lambda value: _rolled_off(_pq_nits(value))
    if transfer == _HLG:
        return lambda value: _rolled_off(_hlg_nits(value))
    return _srgb_light


def _srgb_light(value: float) -> float:
    """IEC 61966-2-1."""
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - its knee


def _pq_nits(value: float) -> float:
    """SMPTE ST 2084."""
    power = float(value ** (1 / 78.84375))
    light = max(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)
    return float(10_000 * light ** (1 / 0.1593017578125))


def _hlg_nits(value: float) -> float:
    """ARIB STD-B67 on a screen of 1 000 nits (system gamma 1.2), for greys."""
    scene = value**2 / 3 if value <= 0.5 else (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12  # noqa: PLR2004 - its knee
    return float(1000 * scene**1.2)


def _rolled_off(nits: float) -> float:
    """Light 0-1: as it is up to the knee, then rolled off, so that diffuse white keeps 85 %."""
    light = nits / _WHITE
    return light if light <= _KNEE else _KNEE + (1 - _KNEE) * (1 - math.exp((_KNEE - light) / (1 - _KNEE)))


def _colorants(
    red: tuple[float, float], green: tuple[float, float], blue: tuple[float, float], white: tuple[float, float]
) -> tuple[Row, Row, Row]:
    """XYZ of the primaries under D50, as a profile's tags have them."""
    points = [_bright(point) for point in (red, green, blue)]
    matrix: Matrix = _transposed((points[0], points[1], points[2]))
    shares = _times(_inverse(matrix), _bright(white))
    scaled: Matrix = _transposed(tuple(_scaled(point, share) for point, share in zip(points, shares, strict=True)))  # type: ignore[arg-type]  # three
    seen, wanted = _times(_BRADFORD, _bright(white)), _times(_BRADFORD, _D50)
    gains = tuple(target / source for source, target in zip(seen, wanted, strict=True))
    cones: Matrix = ((gains[0], 0, 0), (0, gains[1], 0), (0, 0, gains[2]))
    adapted = _product(_inverse(_BRADFORD), _product(cones, _product(_BRADFORD, scaled)))
    return _transposed(adapted)


def _bright(point: tuple[float, float]) -> Row:
    x, y = point
    return x / y, 1.0, (1 - x - y) / y


def _scaled(row: Row, factor: float) -> Row:
    return row[0] * factor, row[1] * factor, row[2] * factor


def _transposed(matrix: Matrix) -> Matrix:
    first, second, third = zip(*matrix, strict=True)
    return first, second, third


def _times(matrix: Matrix, column: Row) -> Row:
    first, second, third = (sum(a * b for a, b in zip(row, column, strict=True)) for row in matrix)
    return first, second, third


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = _transposed(right)
    return _transposed((_times(left, columns[0]), _times(left, columns[1]), _times(left, columns[2])))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    size = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return _scaled(rows[0], 1 / size), _scaled(rows[1], 1 / size), _scaled(rows[2], 1 / size)


def _profile(tags: list[tuple[bytes, bytes]]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, data in tags:
        table += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(">I4sI4s4s4s", at + len(body), b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += bytes(12) + b"acsp" + bytes(28) + _xyz(_D50)[8:]
    return header.ljust(128, b"\x00") + table + body


def _xyz(row: Row) -> bytes:
    return b"XYZ \x00\x00\x00\x00" + struct.pack(">3i", *(round(number * 65536) for number in row))


def _curve(to_light: Callable[[float], float]) -> bytes:
    points = [round(65535 * to_light(index / (_CURVE_POINTS - 1))) for index in range(_CURVE_POINTS)]
    return b"curv\x00\x00\x00\x00" + struct.pack(f">I{_CURVE_POINTS}H", _CURVE_POINTS, *points)


def _text(text: str) -> bytes:
    return b"text\x00\x00\x00\x00" + text.encode() + b"\x00"


def _description() -> bytes:
    text = b"coded colours\x00"
    return b"desc\x00\x00\x00\x00" + struct.pack(">I", len(text)) + text + bytes(12 + 67)
