"""Chrominance brought to another size along the edges of luminance: the fast guided filter of He and Sun."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float

GUIDE_RADIUS = 3
GUIDE_SMOOTHNESS = 1e-3
"""Variance of luminance (of a range of 1) below which a neighbourhood counts as flat."""


def upsample_chrominance(chrominance: Float, luminance: Float) -> Float:
    """Bring chrominance ``(h, w, 2)`` to the size of luminance ``(H, W)``; colours end where the picture's edges are.

    Fast guided filter: within each neighbourhood chrominance is a linear function of luminance, fitted at the small
    size and evaluated at the full one. All values in [0, 1].
    """
    height, width = luminance.shape
    if chrominance.shape[:2] == (height, width):
        return chrominance
    small = _shrunk(luminance, chrominance.shape[1], chrominance.shape[0])
    full = np.asarray(
        cv2.resize(_lines(chrominance, small), (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )
    return _evaluated(full, luminance)


class Enlarged:
    """Chrominance on its way to a larger picture, some rows at a time: what takes memory is as small as these."""

    def __init__(self, chrominance: Float, small: Float, width: int, height: int) -> None:
        """Take chrominance ``(h, w, 2)`` and its luminance `small` ``(h, w)`` to pictures of this size.

        All values in [0, 1].
        """
        self._exact = chrominance if chrominance.shape[:2] == (height, width) else None
        lines = _lines(chrominance, small)
        # Wide, but as low as it came: `rows` finishes what is bilinear.
        size = (width, lines.shape[0])
        self._lines = np.asarray(cv2.resize(lines, size, interpolation=cv2.INTER_LINEAR), np.float32)
        self._scale = lines.shape[0] / height

    def rows(self, rows: slice, luminance: Float) -> Float:
        """Return chrominance ``(n, W, 2)`` of some rows, whose luminance is ``(n, W)``."""
        if self._exact is not None:
            return self._exact[rows]
        last = self._lines.shape[0] - 1
        place = ((np.arange(rows.start, rows.stop) + 0.5) * self._scale - 0.5).clip(0, last)
        above = np.floor(place).astype(np.intp)
        part = (place - above).astype(np.float32)[:, None, None]
        full = self._lines[above]
        full += (self._lines[np.minimum(above + 1, last)] - full) * part
        return _evaluated(full, luminance)


def _lines(chrominance: Float, small: Float) -> Float:
    """Fit chrominance as a linear function of luminance around every pixel: slopes and offsets ``(h, w, 4)``."""
    mean = _box(small)
    variance = _box(small * small) - mean * mean
    color_mean = _box(chrominance)
    product = np.multiply(chrominance, small[..., None], dtype=np.float32)
    covariance = _box(product) - color_mean * mean[..., None]
    slope = covariance / (variance + GUIDE_SMOOTHNESS)[..., None]
    offset = color_mean - slope * mean[..., None]
    return np.concatenate([_box(slope), _box(offset)], axis=2)


def _evaluated(lines: Float, luminance: Float) -> Float:
    return (lines[..., :2] * luminance[..., None] + lines[..., 2:]).clip(0.0, 1.0)


def _shrunk(luminance: Float, width: int, height: int) -> Float:
    """Average luminance down to a size (or interpolate, where chrominance is the larger of the two)."""
    shrinks = width * height < luminance.size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    scaled = np.asarray(cv2.resize(luminance, (width, height), interpolation=method), np.float32)
    return scaled.clip(0.0, 1.0)


def _box(image: NDArray[Any]) -> Float:
    side = 2 * GUIDE_RADIUS + 1
    return np.asarray(
        cv2.boxFilter(image, cv2.CV_32F, (side, side), borderType=cv2.BORDER_REFLECT), np.float32
    )
