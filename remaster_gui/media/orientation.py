"""Pictures that were stored lying on their side."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def oriented(array: NDArray[Any], degrees: int) -> NDArray[Any]:
    """Turn pixels counter-clockwise by a multiple of 90 degrees; the result is contiguous and read-only."""
    turned = np.ascontiguousarray(np.rot90(array, degrees % 360 // 90))
    turned.flags.writeable = False
    return turned
