"""Packs embeddings as bytes; pure.

Layout: a little-endian float32 scale (the power of two above the largest magnitude), then one float16 per component,
scaled to -1 … 1. The error of a component is at most 2^-11 of itself plus 2^-24 of the largest one.
"""

import math
import struct
from collections.abc import Sequence

_SMALLEST_EXPONENT = -126


def pack(vector: Sequence[float]) -> bytes:
    """Pack `vector` into 4 + 2 n bytes. Raises `ValueError` if it is empty or all zeros."""
    largest = max((abs(component) for component in vector), default=0.0)
    if not largest:
        raise ValueError("a vector needs a component that is not zero")
    scale = 2.0 ** max(math.frexp(largest)[1], _SMALLEST_EXPONENT)
    return struct.pack(f"<f{len(vector)}e", scale, *(component / scale for component in vector))


def components(packed: bytes) -> tuple[float, ...]:
    """The components, scaled to -1 … 1; the direction is that of the vector."""
    return struct.unpack_from(f"<{(len(packed) - 4) // 2}e", packed, 4)


def unpack(packed: bytes) -> tuple[float, ...]:
    (scale,) = struct.unpack_from("<f", packed)
    return tuple(component * scale for component in components(packed))
