"""Filling a region of similar luminance with one colour, up to its edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.painting.raster import NEUTRAL_BYTE, PAINTED, Box, PixelDelta, Raster, rounded

TOLERANCE = 12.0
"""Default: in units of L*."""
_EDGE_SHARE = 0.35
"""A step between neighbours of more than this part of the tolerance is an edge."""
_SMALLEST_EDGE = 3.0
"""Steps of luminance (of 255) below this are never edges, however small the tolerance."""
_GAP = 1 / 300
"""Radius of gaps in an edge through which no colour leaks, as part of the shorter side."""
_SAME_COLOR = 8.0
"""Chrominance that differs by less, in units of ab, is one colour."""
_SPECK = 64
"""Holes of fewer pixels are filled: dust, grain and scratches."""
_BORDER = 4
"""Radius of the neighbourhood in which the soft border finds its place on the edge."""
_SMOOTHNESS = 4e-4
_MARGIN = 24


def fill(
    raster: Raster, x: float, y: float, color: tuple[float, float], tolerance: float = TOLERANCE
) -> PixelDelta | None:
    """Return the change that fills the region around (x, y) with `color` (a, b); the raster itself is left as it is.

    The region reaches as far as luminance stays within `tolerance` (in L*) of that around (x, y) and crosses neither an
    edge nor into another colour; narrow gaps in edges do not leak, specks within are filled, and the border is soft
    where the picture's is.

    None outside the picture, or if nothing changes. At large sizes too slow for the GUI thread (give it a copy).
    """
    column, row = int(np.floor(x)), int(np.floor(y))
    if not (0 <= column < raster.width and 0 <= row < raster.height):
        return None
    region = _region(raster, column, row, tolerance)
    box = _around(region).clipped(raster.width, raster.height)
    share = _soft(region[box.slices], raster.luminance[box.slices])
    chrominance, coverage = raster.chrominance.copy(), raster.coverage.copy()
    _cover(chrominance[box.slices], coverage[box.slices], color, share)
    before, after = (raster.chrominance, raster.coverage), (chrominance, coverage)
    return PixelDelta.between(before, after, box.tiles(raster.width, raster.height))


def _region(raster: Raster, column: int, row: int, tolerance: float) -> Bytes:
    """Return the region (H, W) around a pixel, 0 or 255."""
    luminance = _bytes(cv2.medianBlur(raster.luminance, 5))
    reach = tolerance * 255.0 / 100.0
    near = slice(max(0, row - 2), row + 3), slice(max(0, column - 2), column + 3)
    middle = float(np.median(luminance[near]))
    inside = _bytes(cv2.inRange(luminance, np.array([middle - reach]), np.array([middle + reach])))
    if raster.is_colored:
        # What is painted in another colour is another region, however alike its luminance.
        faded = raster.faded()
        color = faded[row, column].astype(np.float64)
        limit = max(tolerance, _SAME_COLOR)
        inside &= _bytes(cv2.inRange(faded, color - limit, color + limit))
    # Morphological gradient over 3x3: the largest step to a neighbour on either side.
    steps = _bytes(cv2.morphologyEx(luminance, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    inside[steps > max(2 * _EDGE_SHARE * reach, _SMALLEST_EDGE)] = 0
    gap = max(2, round(min(inside.shape) * _GAP))
    seeds = np.zeros_like(inside)
    cv2.circle(seeds, (column, row), gap + 1, 255, -1)
    found = _connected(_bytes(cv2.erode(inside, _disc(gap), borderValue=255)), seeds)
    if found.any():
        # Back to where erosion has taken it from, but not through the gaps.
        found = _bytes(cv2.dilate(found, _disc(gap))) & inside
    else:
        cv2.circle(inside, (column, row), 2, 255, -1)
        found = _connected(inside, seeds)
    # Onto the edge itself, whose middle the soft border will find.
    return _without_holes(_bytes(cv2.dilate(found, _disc(2))))


def _connected(mask: Bytes, seeds: Bytes) -> Bytes:
    """Return the parts of a mask that hold a seed."""
    count, labels = cv2.connectedComponents(mask, connectivity=4, ltype=cv2.CV_32S)
    is_wanted = np.zeros(count, np.uint8)
    is_wanted[labels[(seeds > 0) & (mask > 0)]] = 255
    return _bytes(is_wanted[labels])


def _without_holes(region: Bytes) -> Bytes:
    """Fill holes that are specks."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        cv2.bitwise_not(region), connectivity=4, ltype=cv2.CV_32S
    )
    is_speck = np.where(stats[:, cv2.CC_STAT_AREA] < _SPECK, 255, 0).astype(np.uint8)
    is_speck[0] = 0
    return region | _bytes(is_speck[labels])


def _soft(region: Bytes, luminance: Bytes) -> Float:
    """Return how much of each pixel belongs to a region (0 to 1): a guided filter lays its border on the edge."""
    unit = np.float32(1 / 255)
    guide = np.multiply(luminance, unit, dtype=np.float32)
    mask = np.multiply(region, unit, dtype=np.float32)
    mean, mask_mean = _box(guide), _box(mask)
    variance = _box(guide * guide) - mean * mean
    slope = ((_box(guide * mask) - mean * mask_mean) / (variance + _SMOOTHNESS)).astype(np.float32)
    offset = mask_mean - slope * mean
    fitted = _box(slope) * guide + _box(offset)
    # Contrast is raised, or grain would shimmer through the fill.
    share = np.clip((fitted - np.float32(0.25)) * np.float32(2.0), 0.0, 1.0)
    core = cv2.erode(region, _disc(_BORDER), borderValue=255)
    near = cv2.dilate(region, _disc(2))
    return np.asarray(np.where(core > 0, 1.0, np.where(near > 0, share, 0.0)), np.float32)


def _cover(chrominance: Bytes, coverage: Bytes, color: tuple[float, float], share: Float) -> None:
    """Lay a colour over pixels, in place; chrominance (h, w, 2), coverage and share (h, w)."""
    covered = coverage + (PAINTED - coverage.astype(np.float32)) * share
    part = (share * PAINTED / np.maximum(covered, 1e-6))[..., None]
    aim = np.clip(np.array(color, np.float32) + NEUTRAL_BYTE, 0, 255)
    chrominance[:] = np.rint(chrominance + (aim - chrominance) * part)
    coverage[:] = rounded(covered, coverage | (share >= 0.5))
    chrominance[coverage == 0] = NEUTRAL_BYTE


def _around(region: Bytes) -> Box:
    x, y, width, height = cv2.boundingRect(region)
    return Box(x - _MARGIN, y - _MARGIN, width + 2 * _MARGIN, height + 2 * _MARGIN)


def _disc(radius: int) -> Bytes:
    return _bytes(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))


def _bytes(values: NDArray[Any]) -> Bytes:
    return np.asarray(values, np.uint8)


def _box(image: Float) -> Float:
    side = 2 * _BORDER + 1
    return np.asarray(cv2.blur(image, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)
