"""Pictures that were stored lying on their side or mirrored."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, cast

import av
import numpy as np
from av.sidedata.sidedata import SideData, Type
from numpy.typing import NDArray

_MATRIX = struct.Struct("=9i")
_EXIF = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""Transposed, mirrored and flipped by the numbers of cameras."""


def _unlisted(value: int) -> Type:
    """Stand for a kind of side data that the library knows and its binding does not.

    Without it nothing that a picture bears can be read where one of these is among it, such as the notes of cameras.
    """
    kind = object.__new__(Type)
    kind._name_ = f"UNLISTED_{value}"
    kind._value_ = value  # type: ignore[assignment]
    return kind


Type._missing_ = _unlisted  # type: ignore[method-assign,assignment]


@dataclass(frozen=True, slots=True)
class Orientation:
    """How stored pixels are brought upright: one of the eight ways in which a picture can lie.

    ``transposed`` swaps rows and columns first; then ``mirrored`` swaps left and right, ``flipped`` top and bottom.
    """

    transposed: bool = False
    mirrored: bool = False
    flipped: bool = False

    @classmethod
    def of(cls, picture: av.VideoFrame) -> Orientation:
        """Read the orientation that files and cameras note, which the codec library hands on as a matrix.

        A stored place (x, y) is shown at (a x + c y, b x + d y); angles between are taken for the nearest right one.
        """
        data = cast("SideData | None", picture.side_data.get("DISPLAYMATRIX"))
        if data is None or data.buffer_size < _MATRIX.size:
            return UPRIGHT
        a, b, _, c, d, *_ = _MATRIX.unpack_from(memoryview(data))
        if max(abs(a), abs(d)) >= max(abs(b), abs(c)):
            return cls(mirrored=a < 0, flipped=d < 0)
        return cls(transposed=True, mirrored=c < 0, flipped=b < 0)

    @classmethod
    def of_exif(cls, orientation: int) -> Orientation:
        """Read an orientation as cameras note it, 1 to 8; anything else stands for 1."""
        transposed, mirrored, flipped = _EXIF.get(orientation, (False, False, False))
        return cls(transposed, mirrored, flipped)

    @property
    def degrees(self) -> int:
        """How far the picture is turned counter-clockwise, apart from mirroring: 0, 90, 180 or 270."""
        if self.transposed:
            return 90 if self.flipped else 270
        return 180 if self.flipped else 0

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height as shown of a stored picture."""
        return (height, width) if self.transposed else (width, height)

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Bring pixels ``(H, W, ...)`` upright; the result is contiguous and read-only."""
        if self.transposed:
            array = array.swapaxes(0, 1)
        if self.mirrored:
            array = array[:, ::-1]
        if self.flipped:
            array = array[::-1]
        array = np.ascontiguousarray(array)
        array.flags.writeable = False
        return array


UPRIGHT = Orientation()
