"""Pictures that were stored lying on their side or mirrored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_TURNS = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}
"""Quarter turns counter-clockwise by EXIF orientation; a mirrored one is then flipped."""
_MIRRORED = {2: 1, 4: 1, 5: 0, 7: 0}
"""Axis that is flipped after the turn."""


def oriented(array: NDArray[Any], degrees: int) -> NDArray[Any]:
    """Turn pixels counter-clockwise by a multiple of 90 degrees; the result is contiguous and read-only."""
    return _frozen(np.rot90(array, degrees % 360 // 90))


def upright(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Show pixels as EXIF orientation 1 to 8 means them; anything else stands for 1. Contiguous and read-only."""
    array = np.rot90(array, _TURNS.get(orientation, 0))
    return _frozen(np.flip(array, _MIRRORED[orientation]) if orientation in _MIRRORED else array)


def is_lying(orientation: int) -> bool:
    """Whether width and height change places by EXIF orientation."""
    return orientation in (5, 6, 7, 8)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
