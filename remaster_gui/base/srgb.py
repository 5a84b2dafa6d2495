"""The curve of sRGB (IEC 61966-2-1): linear light for code values, and back. Arrays of any shape and kind of float."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])

_KNEE_CODED, _KNEE_LINEAR = 0.04045, 0.0031308


def to_linear(coded: Floats) -> Floats:
    """Linear light of code values; negative ones go on along the straight part of the curve."""
    kind = coded.dtype.type
    high = ((np.maximum(coded, kind(_KNEE_CODED)) + kind(0.055)) / kind(1.055)) ** kind(2.4)
    return np.where(coded <= _KNEE_CODED, coded / kind(12.92), high).astype(coded.dtype, copy=False)


def to_coded(linear: Floats) -> Floats:
    """Code values of linear light; negative light goes on along the straight part of the curve."""
    kind = linear.dtype.type
    high = np.maximum(linear, kind(_KNEE_LINEAR)) ** kind(1 / 2.4) * kind(1.055) - kind(0.055)
    return np.where(linear <= _KNEE_LINEAR, linear * kind(12.92), high).astype(linear.dtype, copy=False)
