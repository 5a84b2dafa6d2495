"""Coloured pictures from elsewhere: into Lab, and fitted to the frame that they were made from.

A picture that comes back from another program, a print or a search rarely has the frame's exact size. It is laid over
the frame in each of a few ways (stretched; inside, leaving a border unpainted; over, losing what juts out; each with
and without its black bars), and the way in which its luminance agrees best with the frame's is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.guided import upsample_chrominance

_STRIP = 256
_DARK = 20
"""Luminance (of 255) up to which an edge row or column can belong to a black bar."""
_FLAT = 6.0
"""Largest spread of luminance within a bar."""
_SAME_ASPECT = 0.02
"""Aspects that differ by less are taken for one that was rounded: the picture is stretched."""
_COMPARED = 192
"""Longer edge at which the ways of laying a picture over its frame are compared."""
_ENLARGED = 1.5
"""Magnification from which chrominance is guided by the frame's luminance."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A part of the picture (x, y, width, height in its pixels) that fills a part of the frame (in its pixels)."""

    source: tuple[float, float, float, float]
    target: tuple[float, float, float, float]


def lab_bytes(rgb: Pixels) -> tuple[Bytes, Bytes]:
    """Split sRGB (H, W, 3) into luminance (H, W), L* * 255/100, and chrominance (H, W, 2), ab + 128, both uint8."""
    height, width = rgb.shape[:2]
    luminance = np.empty((height, width), np.uint8)
    chrominance = np.empty((height, width, 2), np.uint8)
    # By strips: as float32 a large scan would take gigabytes.
    for top in range(0, height, _STRIP):
        rows = slice(top, top + _STRIP)
        light, color = rgb_to_lab(to_unit(rgb[rows]))
        luminance[rows] = np.rint(light * 255.0)
        chrominance[rows] = np.rint(color * 255.0)
    return luminance, chrominance


def aligned(rgb: Pixels, luminance: Bytes) -> tuple[Bytes, Bytes]:
    """Lay a picture (h, w, 3) over a frame of `luminance` (H, W); returns chrominance (H, W, 2) and coverage (H, W)."""
    light, color = lab_bytes(rgb)
    placement = best_placement(light, luminance)
    height, width = luminance.shape
    source, target = _pixel_box(placement.source, light.shape), _pixel_box(placement.target, luminance.shape)
    part = np.ascontiguousarray(color[source])
    rows, columns = target
    size = (columns.stop - columns.start, rows.stop - rows.start)
    chrominance = np.full((height, width, 2), 128, np.uint8)
    coverage = np.zeros((height, width), np.uint8)
    chrominance[target] = _resized(part, size, luminance[target])
    coverage[target] = 255
    return chrominance, coverage


def best_placement(picture: Bytes, frame: Bytes) -> Placement:
    """Return the placement of a picture of luminance `picture` (h, w) that agrees best with `frame` (H, W)."""
    candidates = list(dict.fromkeys(_placements(picture, frame.shape)))
    if len(candidates) == 1:
        return candidates[0]
    # A later one has to be clearly better: noise must not crop a picture.
    scores = [_agreement(picture, frame, each) - 0.01 * place for place, each in enumerate(candidates)]
    return candidates[int(np.argmax(scores))]


def content_box(picture: Bytes) -> tuple[int, int, int, int]:
    """Return (x, y, width, height) of what lies within the black bars of a picture (h, w); all of it if none."""
    rows = _bars(picture)
    columns = _bars(np.ascontiguousarray(picture.T))
    return columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0]


def _placements(picture: Bytes, frame: tuple[int, ...]) -> Iterator[Placement]:
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


def _agreement(picture: Bytes, frame: Bytes, placement: Placement) -> float:
    """Return the correlation (-1 to 1) of picture and frame where they overlap, weighed down where that is little."""
    scale = _COMPARED / max(frame.shape)
    size = (max(8, round(frame.shape[1] * scale)), max(8, round(frame.shape[0] * scale)))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    shrunk = tuple(number * scale for number in placement.target)
    rows, columns = _pixel_box((shrunk[0], shrunk[1], shrunk[2], shrunk[3]), small.shape)
    part = np.ascontiguousarray(picture[_pixel_box(placement.source, picture.shape)])
    fitted = cv2.resize(
        part, (columns.stop - columns.start, rows.stop - rows.start), interpolation=cv2.INTER_AREA
    )
    below = small[rows, columns]
    difference = fitted.astype(np.float64) - fitted.mean(), below.astype(np.float64) - below.mean()
    norm = float(np.sqrt((difference[0] ** 2).mean() * (difference[1] ** 2).mean()))
    # A frame without structure says nothing: all placements then agree equally.
    return float((difference[0] * difference[1]).mean()) / norm if norm > 1.0 else 0.0


def _resized(chrominance: Bytes, size: tuple[int, int], luminance: Bytes) -> Bytes:
    """Bring chrominance to (width, height); one much smaller than its frame gets its edges from `luminance`."""
    height, width = chrominance.shape[:2]
    if (width, height) == size:
        return chrominance
    if max(size[0] / width, size[1] / height) >= _ENLARGED:
        return _enlarged(chrominance, luminance)
    method = cv2.INTER_AREA if size[0] < width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(chrominance, size, interpolation=method), np.uint8)


def _enlarged(chrominance: Bytes, luminance: Bytes) -> Bytes:
    """Enlarge along the edges of luminance; detail that luminance does not explain is enlarged plainly and added."""
    unit = np.float32(1 / 255)
    color = np.multiply(chrominance, unit, dtype=np.float32)
    full = upsample_chrominance(color, np.multiply(luminance, unit, dtype=np.float32))
    small = (chrominance.shape[1], chrominance.shape[0])
    detail = color - cv2.resize(full, small, interpolation=cv2.INTER_AREA)
    full += cv2.resize(detail, luminance.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.rint(full * 255.0).clip(0, 255), np.uint8)


def _pixel_box(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Round (x, y, width, height) to whole pixels within an array; never empty."""
    x, y, width, height = box
    left, top = min(round(x), shape[1] - 1), min(round(y), shape[0] - 1)
    return (
        slice(top, max(top + 1, min(round(y + height), shape[0]))),
        slice(left, max(left + 1, min(round(x + width), shape[1]))),
    )


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
