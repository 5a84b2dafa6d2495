"""The curve of sRGB (IEC 61966-2-1): linear light for code values, and back. Arrays of any shape and kind of float."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])

KNEE_CODED, KNEE_LINEAR = 0.04045, 0.0031308
"""Where the straight part of the curve ends."""
SLOPE, SCALE, OFFSET, EXPONENT = 12.92, 1.055, 0.055, 2.4


def to_linear(coded: Floats) -> Floats:
    """Linear light of code values; negative ones go on along the straight part of the curve."""
    kind = coded.dtype.type
    high = ((np.maximum(coded, kind(KNEE_CODED)) + kind(OFFSET)) / kind(SCALE)) ** kind(EXPONENT)
    return np.where(coded <= KNEE_CODED, coded / kind(SLOPE), high).astype(coded.dtype, copy=False)


def to_coded(linear: Floats) -> Floats:
    """Code values of linear light; negative light goes on along the straight part of the curve."""
    kind = linear.dtype.type
    high = np.maximum(linear, kind(KNEE_LINEAR)) ** kind(1 / EXPONENT) * kind(SCALE) - kind(OFFSET)
    return np.where(linear <= KNEE_LINEAR, linear * kind(SLOPE), high).astype(linear.dtype, copy=False)
