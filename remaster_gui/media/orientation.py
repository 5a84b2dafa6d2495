"""Pictures that were stored lying on their side or mirrored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_ORIENTATION_TAG = 0x112
_EXIF_SEGMENT = 0xE1
_SCAN_SEGMENT = 0xDA
_UPRIGHT = 1

_MIRROR_AXIS = {2: 0, 4: 0, 5: 1, 7: 1}
"""Axis to be flipped after the turn that the codec library reports for the mirrored orientations of EXIF."""


def oriented(array: NDArray[Any], degrees: int) -> NDArray[Any]:
    """Turn pixels counter-clockwise by a multiple of 90 degrees; the result is contiguous and read-only."""
    return _frozen(np.rot90(array, degrees % 360 // 90))


def unmirrored(array: NDArray[Any], jpeg: bytes) -> NDArray[Any]:
    """Flip a picture that has been turned upright already but that its camera noted as mirrored, too."""
    axis = _MIRROR_AXIS.get(_camera_orientation(jpeg))
    return array if axis is None else _frozen(np.flip(array, axis))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array


def _camera_orientation(jpeg: bytes) -> int:
    """EXIF orientation of a JPEG file, 1 to 8."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != _SCAN_SEGMENT:
        end = at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == _EXIF_SEGMENT and jpeg[at + 4 : at + 10] == b"Exif\0\0":
            return _tagged_orientation(jpeg[at + 10 : end])
        at = end
    return _UPRIGHT


def _tagged_orientation(tiff: bytes) -> int:
    little = tiff[:2] == b"II"

    def number(start: int, length: int) -> int:
        return int.from_bytes(tiff[start : start + length], "little" if little else "big")

    table = number(4, 4)
    for entry in range(table + 2, table + 2 + 12 * number(table, 2), 12):
        if number(entry, 2) == _ORIENTATION_TAG:
            return number(entry + 8, 2)
    return _UPRIGHT
