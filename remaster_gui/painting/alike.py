"""Which places of a picture are like one of them: by what a network knows of them, and by their colours.

Features tell what luminance alone cannot (a lorry from its shadow), colours where one thing ends and the next begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Mask
from remaster_gui.painting.region import grid_of

MOST_TOLERANCE = 3.0
"""Distance up to which the largest tolerance takes places in."""
TERMS = 6
"""Directions in which features of a picture differ most; further ones are noise."""
_FEATURES = 0.5
"""Weight of features beside colours."""
_CHROMINANCE, _LUMINANCE = 12.0, 40.0
"""Differences of ab and of L* that count as one."""
_AROUND = 3
"""Places of the grid to each side that say what the one in the middle is like."""


@dataclass(frozen=True, slots=True, eq=False)
class DescribedPicture:
    """What is known of the places of a picture; read-only.

    features ``(h, w, TERMS)`` float32, coarse: those of a network, turned so that few numbers tell most. colors
    ``(H, W, 3)`` float32 on the region's grid: L* from 0 to 100, a and b.
    """

    features: Float
    colors: Float

    @property
    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return self.features.nbytes + self.colors.nbytes


def described(picture: Bytes, features: Float) -> DescribedPicture:
    """Describe a picture ``(H, W, 3)`` uint8 sRGB of which a network knows features ``(h, w, K)`` of any scale."""
    size = grid_of(picture.shape[1], picture.shape[0])
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    lab = cv2.cvtColor(small.astype(np.float32) / np.float32(255), cv2.COLOR_RGB2LAB)
    colors = np.asarray(cv2.bilateralFilter(lab, 7, 12.0, 4.0), np.float32)
    told = _most_telling(features)
    for array in (told, colors):
        array.flags.writeable = False
    return DescribedPicture(told, colors)


def distances(known: DescribedPicture, x: float, y: float) -> Float:
    """Return how unlike the place at (x, y), parts of width and height, each place of the grid is ``(H, W)``."""
    height, width = known.colors.shape[:2]
    column, row = (min(max(int(at * most), 0), most - 1) for at, most in ((x, width), (y, height)))
    near = tuple(
        slice(max(0, at - _AROUND), min(at + _AROUND + 1, most))
        for at, most in ((row, height), (column, width))
    )
    # cv2 takes four channels at most to `resize`, and all terms are far more than one needs at a time.
    square = np.zeros((height, width), np.float32)
    for term in range(known.features.shape[2]):
        full = cv2.resize(known.features[..., term], (width, height), interpolation=cv2.INTER_LINEAR)
        square += np.float32(_FEATURES) * (full - full[near].mean()) ** 2
    here = np.median(known.colors[near].reshape(-1, 3), axis=0)
    off = known.colors - here.astype(np.float32)
    square += (off[..., 1] ** 2 + off[..., 2] ** 2) / np.float32(_CHROMINANCE**2)
    square += off[..., 0] ** 2 / np.float32(_LUMINANCE**2)
    return np.sqrt(square)


def within(distance: Float, tolerance: float) -> Mask:
    """Return which places are no further than a tolerance from 0 to 1 says, without specks."""
    near = (distance <= tolerance * MOST_TOLERANCE).astype(np.uint8)
    return np.asarray(cv2.medianBlur(near, 5), bool)


def _most_telling(features: Float) -> Float:
    """Turn features to the directions in which they differ most; the largest counts most, but not as much more."""
    height, width, count = features.shape
    flat = features.reshape(-1, count).astype(np.float64)
    flat -= flat.mean(axis=0)
    strength, directions = np.linalg.eigh(flat.T @ flat / len(flat))
    spread = np.sqrt(np.maximum(strength[::-1][:TERMS], 0.0))
    if not spread.size or spread[0] <= 0:
        return np.zeros((height, width, 1), np.float32)
    turned = flat @ directions[:, ::-1][:, :TERMS] / np.sqrt(np.maximum(spread, 1e-6 * spread[0]) * spread[0])
    return np.ascontiguousarray(turned.reshape(height, width, -1), np.float32)
