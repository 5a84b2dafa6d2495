"""Which part of a reference is meant: a mask over the whole picture, coarse enough to be kept with every edit of it.

Masks are as in `base.packed_regions`.
"""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Mask
from remaster_gui.base.packed_regions import LONGEST, unpack_region
from remaster_gui.painting.raster import NEUTRAL_BYTE, Raster

RegionChange = Literal["add", "away", "common"]


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Return width and height of the grid over a picture of this size."""
    scale = min(1.0, LONGEST / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def laid_over(mask: Mask, width: int, height: int) -> Mask:
    """Return a mask as large as its picture."""
    if mask.shape == (height, width):
        return mask
    scaled = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(scaled, bool)


def mean_chroma(raster: Raster, region: bytes) -> tuple[float, float]:
    """Return the mean a and b of a raster's pixels within a region as it is packed; b'' for all of them."""
    colors = raster.chrominance
    if region:
        colors = colors[laid_over(unpack_region(region), raster.width, raster.height)]
    if not colors.size:  # thinner than the raster's pixels
        return 0.0, 0.0
    a, b = colors.reshape(-1, 2).mean(0, dtype=np.float64) - NEUTRAL_BYTE
    return round(float(a), 3), round(float(b), 3)


def changed_region(mask: Mask, drawn: Mask, how: RegionChange) -> Mask:
    """Return a mask that `drawn` is added to or taken away from, or what both have in common.

    Where all counts, what is drawn is added to nothing.
    """
    if how == "away":
        return mask & ~drawn
    if how == "common":
        return mask & drawn
    return drawn.copy() if mask.all() else mask | drawn


def in_range(luminance: Bytes, least: int, most: int) -> Mask:
    """Return where luminance ``(H, W)`` (L* * 255/100), smoothed a little, lies within bounds, ends included."""
    height, width = luminance.shape
    small = cv2.resize(luminance, grid_of(width, height), interpolation=cv2.INTER_AREA)
    smooth = cv2.medianBlur(np.asarray(small, np.uint8), 3)
    return np.asarray((smooth >= least) & (smooth <= most), bool)


def within_outline(points: Float, width: int, height: int) -> Mask:
    """Return what a closed outline ``(n, 2)`` encloses, x and y in pixels of a picture of this size."""
    columns, rows = grid_of(width, height)
    scaled = np.asarray(points, np.float64) * [columns / width, rows / height]
    canvas = np.zeros((rows, columns), np.uint8)
    # Sixteenths of a place; a place belongs where its middle lies.
    corners = np.rint((scaled - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(canvas, [corners], 1, shift=4)
    return canvas.astype(bool)


def along_path(points: Float, radius: float, width: int, height: int) -> Mask:
    """Return what a round brush touches on its way along ``(n, 2)`` pixels of a picture of this size."""
    columns, rows = grid_of(width, height)
    scale = columns / width
    scaled = np.asarray(points, np.float64) * [scale, rows / height] - 0.5
    canvas = np.zeros((rows, columns), np.uint8)
    corners = np.rint(scaled * 16).astype(np.int32)
    thickness = max(1, round(2 * radius * scale))
    cv2.polylines(canvas, [corners], isClosed=False, color=1, thickness=min(thickness, 255), shift=4)
    for x, y in corners:
        cv2.circle(canvas, (int(x), int(y)), max(8, round(radius * scale * 16)), 1, -1, shift=4)
    return canvas.astype(bool)
