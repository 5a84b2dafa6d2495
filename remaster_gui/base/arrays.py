"""The kinds of arrays that pictures and what is known of them come in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Float = NDArray[np.float32]
Mask = NDArray[np.bool_]
Pixels = NDArray[np.uint8] | NDArray[np.uint16]
"""Code values of 8 or 16 bits, the whole range of the type."""
