"""The part of the stored picture that a film file asks to be shown: QuickTime's clean aperture, Matroska's cropping.

The codec library reads both but its binding does not hand them on, so they are looked up in the file's own tables.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from numpy.typing import NDArray

from remaster_gui.media.boxes import ContainerBox, boxes, inside, track_number
from remaster_gui.media.fixed_file import FixedFile
from remaster_gui.media.matroska import HEADER_BYTES, picture_crop

_SAMPLE_ENTRY = 78
"""Bytes of the fixed part of a description of pictures."""
_APERTURE = struct.Struct(">IIIIiIiI")


@dataclass(frozen=True, slots=True)
class Crop:
    """Pixels left out at the edges of the stored picture."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0

    def __bool__(self) -> bool:
        return self != WHOLE_CLIP

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Return width and height of what is left of a stored picture."""
        return width - self.left - self.right, height - self.top - self.bottom

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Cut pixels ``(H, W, ...)``."""
        height, width = array.shape[:2]
        return array[self.top : height - self.bottom, self.left : width - self.right]


WHOLE_CLIP = Crop()


def find_crop(file: FixedFile, format_name: str, track: int, rank: int, size: tuple[int, int]) -> Crop:
    """Look up what a film file wants to be left out of pictures of ``size`` (width, height).

    ``track`` is the number that the file gives to the picture track, ``rank`` its place among the picture tracks. What
    makes no sense is taken for nothing to leave out.
    """
    try:
        if format_name.startswith("mov"):
            crop = _clean_aperture(file, track, size)
        elif format_name.startswith("matroska"):
            crop = Crop(*picture_crop(file.head(HEADER_BYTES), rank))
        else:
            crop = WHOLE_CLIP
    except (struct.error, IndexError, ValueError, ZeroDivisionError, OSError):
        return WHOLE_CLIP
    width, height = crop.size(*size)
    is_sensible = min(crop.left, crop.top, crop.right, crop.bottom) >= 0 and width > 0 and height > 0
    return crop if is_sensible else WHOLE_CLIP


def _clean_aperture(file: FixedFile, track: int, size: tuple[int, int]) -> Crop:
    for movie in boxes(file, 0, file.size):
        if movie.kind != b"moov":
            continue
        for trak in boxes(file, movie.start, movie.end):
            if trak.kind == b"trak" and track_number(file, trak) == track:
                return _aperture_of(file, trak, size)
    return WHOLE_CLIP


def _aperture_of(file: FixedFile, trak: ContainerBox, size: tuple[int, int]) -> Crop:
    table = inside(file, trak, b"mdia", b"minf", b"stbl", b"stsd")
    if table is None:
        return WHOLE_CLIP
    # The first description counts, as it does for the codec.
    for entry in boxes(file, table.start + 8, table.end):
        for box in boxes(file, entry.start + _SAMPLE_ENTRY, entry.end):
            if box.kind == b"clap":
                return _crop_of(_APERTURE.unpack(file.part(box.start, _APERTURE.size)), size)
        return WHOLE_CLIP
    return WHOLE_CLIP


def _crop_of(numbers: tuple[int, ...], size: tuple[int, int]) -> Crop:
    """Crop of an aperture: width, height and the way of its centre from that of the picture, as fractions."""
    width, height, across, down = (
        Fraction(top, bottom) for top, bottom in zip(numbers[::2], numbers[1::2], strict=True)
    )
    if not (0 < width <= size[0] and 0 < height <= size[1]):
        return WHOLE_CLIP
    # Where the edge lies in the middle of a pixel, the pixel is kept.
    left, top = (int((size[0] - width) / 2 + across), int((size[1] - height) / 2 + down))
    return Crop(left, top, size[0] - left - round(width), size[1] - top - round(height))
