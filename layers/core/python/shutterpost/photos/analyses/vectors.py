"""Embeddings as compact bytes; pure.

Layout: a little-endian float32 scale, the power of two just above the largest magnitude, then one float16 per
component, scaled to -1 … 1. A component read back differs by at most 2^-11 of itself plus 2^-24 of the largest one
(float16 has 11 significant bits, and steps of 2^-24 below 2^-14). For unit vectors a cosine moves by less than 0.001.
"""

import math
import struct
from collections.abc import Sequence

_SMALLEST_EXPONENT = -126


def pack(vector: Sequence[float]) -> bytes:
    """`vector` as 4 + 2 n bytes. Raises `ValueError` for one that is empty or all zeros."""
    largest = max((abs(component) for component in vector), default=0.0)
    if not largest:
        raise ValueError("a vector needs a component that is not zero")
    scale = 2.0 ** max(math.frexp(largest)[1], _SMALLEST_EXPONENT)
    return struct.pack(f"<f{len(vector)}e", scale, *(component / scale for component in vector))


def unpack(packed: bytes) -> tuple[float, ...]:
    """The vector that `pack` took, within the error stated above."""
    scale, *components = struct.unpack(f"<f{(len(packed) - 4) // 2}e", packed)
    return tuple(component * scale for component in components)
