"""From luminance and chrominance to the picture that is written: chrominance brought to full size along the edges."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.color import NEUTRAL, Float, lab_to_rgb
from remaster_gui.engine.messages import RemasteredFrame
from remaster_gui.engine.sizes import Size, resize

GUIDE_RADIUS = 3
GUIDE_SMOOTHNESS = 1e-3
"""Variance of luminance (of a range of 1) below which a neighbourhood counts as flat."""


def compose(frame: RemasteredFrame, output: Size) -> Float:
    """Return the frame as sRGB ``(H, W, 3)`` float32 in [0, 1] of `output` size."""
    luminance = resize(frame.luminance, output)
    if frame.chrominance is None:
        neutral = np.full((*luminance.shape, 2), NEUTRAL, np.float32)
        return lab_to_rgb(luminance, neutral)
    return lab_to_rgb(luminance, upsample_chrominance(frame.chrominance, luminance))


def upsample_chrominance(chrominance: Float, luminance: Float) -> Float:
    """Bring chrominance ``(h, w, 2)`` to the size of luminance ``(H, W)``; colours end where the picture's edges are.

    Fast guided filter: within each neighbourhood chrominance is a linear function of luminance, fitted at the small
    size and evaluated at the full one.
    """
    height, width = luminance.shape
    if chrominance.shape[:2] == (height, width):
        return chrominance
    small = resize(luminance, Size(chrominance.shape[1], chrominance.shape[0]))
    mean = _box(small)
    variance = _box(small * small) - mean * mean
    color_mean = _box(chrominance)
    product = np.multiply(chrominance, small[..., None], dtype=np.float32)
    covariance = _box(product) - color_mean * mean[..., None]
    slope = covariance / (variance + GUIDE_SMOOTHNESS)[..., None]
    offset = color_mean - slope * mean[..., None]
    fitted = np.concatenate([_box(slope), _box(offset)], axis=2)
    full = np.asarray(cv2.resize(fitted, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    return (full[..., :2] * luminance[..., None] + full[..., 2:]).clip(0.0, 1.0)


def _box(image: NDArray[Any]) -> Float:
    side = 2 * GUIDE_RADIUS + 1
    return np.asarray(
        cv2.boxFilter(image, cv2.CV_32F, (side, side), borderType=cv2.BORDER_REFLECT), np.float32
    )
