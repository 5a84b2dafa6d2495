"""The simple ways in which a picture can lie over a frame: stretched, inside, over, with and without its black bars."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes

Region = tuple[float, float, float, float]
"""x, y, width, height."""

_DARK = 20
"""Luminance (of 255) up to which an edge row or column can belong to a black bar."""
_FLAT = 6.0
"""Largest spread of luminance within a bar."""
_SAME_ASPECT = 0.02
"""Aspects that differ by less are taken for one that was rounded: the picture is stretched."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A part of the picture (x, y, width, height in its pixels) that fills a part of the frame (in its pixels)."""

    source: tuple[float, float, float, float]
    target: tuple[float, float, float, float]


def content_box(picture: Bytes) -> tuple[int, int, int, int]:
    """Return (x, y, width, height) of what lies within the black bars of a picture (h, w); all of it if none."""
    rows = _bars(picture)
    columns = _bars(np.ascontiguousarray(picture.T))
    return columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0]


def placements(picture: Bytes, frame: tuple[int, ...]) -> Iterator[Placement]:
    """Yield the ways in which a picture can be laid over a frame (H, W), the likeliest first."""
    height, width = picture.shape
    whole = (0.0, 0.0, float(width), float(height))
    content = tuple(float(number) for number in content_box(picture))
    all_of_it = (0.0, 0.0, float(frame[1]), float(frame[0]))
    aspect = frame[1] / frame[0]
    is_same = abs(width / height / aspect - 1.0) < _SAME_ASPECT
    if is_same:
        yield Placement(whole, all_of_it)
        if content == whole:
            return
    for x, y, wide, high in dict.fromkeys([(content[0], content[1], content[2], content[3]), whole]):
        if abs(wide / high / aspect - 1.0) < _SAME_ASPECT:
            yield Placement((x, y, wide, high), all_of_it)
            continue
        scale = min(frame[1] / wide, frame[0] / high)
        inner = (wide * scale, high * scale)
        yield Placement((x, y, wide, high), ((frame[1] - inner[0]) / 2, (frame[0] - inner[1]) / 2, *inner))
        cut = (min(wide, high * aspect), min(high, wide / aspect))
        yield Placement((x + (wide - cut[0]) / 2, y + (high - cut[1]) / 2, *cut), all_of_it)
        yield Placement((x, y, wide, high), all_of_it)


def _bars(picture: Bytes) -> tuple[int, int]:
    """Return the first and the end row between dark, flat rows at top and bottom; all rows if nothing else is left."""
    # NumPy would make floats of the whole picture first.
    mean = cv2.reduce(picture, 1, cv2.REDUCE_AVG, dtype=cv2.CV_64F)[:, 0]
    square = cv2.reduce(picture, 1, cv2.REDUCE_SUM2, dtype=cv2.CV_64F)[:, 0] / picture.shape[1]
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    filled = np.flatnonzero((mean > _DARK) | (spread > _FLAT))
    height = picture.shape[0]
    if filled.size == 0 or filled[-1] - filled[0] < height // 4:
        return 0, height
    return int(filled[0]), int(filled[-1]) + 1
