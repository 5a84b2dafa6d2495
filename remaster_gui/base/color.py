"""Colour spaces: gamma-coded sRGB, CIE Lab, and the network's scale of it.

The network's scale (Sec. 3 of the paper): luminance ``L*/100`` and chrominance ``(ab + 128) / 255``, both in [0, 1].
All arrays are float32 and channels-last; Lab is relative to D65.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.srgb import to_linear

NEUTRAL = 128.0 / 255.0
"""Chrominance of grey on the network's scale."""

CHROMA_LIMIT = 100.0
"""Chrominance is clipped to ±100 before conversion to RGB, as the authors do."""


def to_unit(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> Float:
    """Return pixels as float32 in [0, 1]; the type's maximum becomes 1."""
    scale = np.float32(1.0 / np.iinfo(pixels.dtype).max)
    return np.multiply(pixels, scale, dtype=np.float32)


def rgb_to_lab(rgb: Float) -> tuple[Float, Float]:
    """Split sRGB ``(H, W, 3)`` in [0, 1] into luminance ``(H, W)`` and chrominance ``(H, W, 2)`` in [0, 1]."""
    lab = cv2.cvtColor(np.ascontiguousarray(rgb, dtype=np.float32), cv2.COLOR_RGB2Lab)
    return lab[..., 0] / np.float32(100.0), (lab[..., 1:] + np.float32(128.0)) / np.float32(255.0)


def lab_to_rgb(luminance: Float, chrominance: Float) -> Float:
    """Join luminance ``(H, W)`` and chrominance ``(H, W, 2)`` in [0, 1] into sRGB ``(H, W, 3)`` in [0, 1].

    Yellow deeper than its luminance allows, which would need negative blue light, becomes the deepest there is.
    """
    lab = np.empty((*luminance.shape, 3), np.float32)
    lab[..., 0] = luminance * 100.0
    np.clip(chrominance * 255.0 - 128.0, -CHROMA_LIMIT, CHROMA_LIMIT, out=lab[..., 1:])
    np.minimum(lab[..., 2], (lab[..., 0] + 16.0) * (200.0 / 116.0), out=lab[..., 2])
    return np.clip(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB), 0.0, 1.0)


_LIGHTNESS_STEPS = 65536


def _lightness_table() -> Float:
    """L*/100 of neutral grey for every 16-bit luma value."""
    luma = np.arange(_LIGHTNESS_STEPS, dtype=np.float64) / (_LIGHTNESS_STEPS - 1)
    linear = to_linear(luma)
    delta = 6.0 / 29.0
    cube = np.where(linear > delta**3, np.cbrt(linear), linear / (3 * delta**2) + 4.0 / 29.0)
    return np.asarray((116.0 * cube - 16.0) / 100.0, np.float32)


_LIGHTNESS = _lightness_table()


def luma_to_lightness(luma: NDArray[np.uint8] | NDArray[np.uint16]) -> Float:
    """Map gamma-coded luma to luminance L*/100 in [0, 1], same shape, float32.

    A grey pixel goes through the network's Lab and back to RGB with its tone unchanged; feeding luma itself as L*
    (what the authors' script does) darkens mid-tones by up to eight levels.
    """
    table = _LIGHTNESS[::257] if luma.dtype == np.uint8 else _LIGHTNESS
    return np.asarray(table[luma], np.float32)
