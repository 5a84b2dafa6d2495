"""Keeping colours that a screen can show: chroma is taken back to what sRGB holds at a pixel's luminance and hue."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.srgb import to_coded

Pairs = NDArray[np.uint16]

_LEVELS = 128
_HUES = 512
_LARGEST = 190.0
"""No colour of sRGB has more chroma than that."""
_SLACK = 5e-4
"""How far linear light may lie outside [0, 1]: rounding must not pale the primaries."""
_LEVEL_SLACK = 2
"""Levels of luminance (of 255) by which the gamut is widened: near its tips, as at yellow, one costs most chroma."""
_TO_RGB = np.array(
    [
        [3.2404542, -1.5371385, -0.4985314],
        [-0.9692660, 1.8760108, 0.0415560],
        [0.0556434, -0.2040259, 1.0572252],
    ]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])


def within_gamut(luminance: Bytes, chrominance: Bytes) -> Bytes:
    """Return chrominance with less chroma where sRGB cannot show it; luminance and hue stay.

    `luminance`: (H, W), L* * 255/100. `chrominance`: (H, W, 2), ab + 128; returned as it is where nothing changes.
    Clipping the channels of RGB instead would make dark blues lighter and bright yellows darker.
    """
    hue_of, chroma_of, limits, held_at = _tables()
    place = np.ascontiguousarray(chrominance).view(np.uint16)[..., 0]
    limit = limits.take(luminance.astype(np.int32) * _HUES + hue_of.take(place))
    beyond = np.flatnonzero(chroma_of.take(place) > limit)
    if beyond.size == 0:
        return chrominance
    held = place.copy()
    row = hue_of.take(place.ravel()[beyond]).astype(np.int32) * 256
    held.ravel()[beyond] = held_at.take(row + limit.ravel()[beyond])
    return held[..., None].view(np.uint8)


def prepare() -> None:
    """Make the tables, which takes a tenth of a second; does nothing the second time. Safe on any thread."""
    _tables()


def largest_chroma(lightness: float, hue: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest chroma within sRGB at L* `lightness` (0..100) for each hue in radians."""
    return _largest_chroma(np.full(hue.shape, lightness), hue)


def rgb_of(
    lightness: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return sRGB in [0, 1], channels first, of Lab (L* 0..100) within the gamut; exact where OpenCV rounds."""
    return to_coded(_linear(lightness, a, b).clip(0.0, 1.0))


@lru_cache(maxsize=1)
def _tables() -> tuple[Pairs, Bytes, Bytes, Pairs]:
    """Return what `within_gamut` looks up; pairs of bytes ab are read as one number of 16 bits.

    By pair: bin of hue, and chroma. By luminance * bins + bin of hue: the largest chroma. By bin of hue * 256 + chroma:
    the pair.
    """
    pairs = np.arange(65536, dtype=np.uint16)
    a, b = pairs.view(np.uint8).reshape(-1, 2).T.astype(np.float64) - 128.0
    hue = np.rint(np.arctan2(b, a) * (_HUES / (2 * np.pi))).astype(np.int64) % _HUES
    chroma = np.rint(np.hypot(a, b))
    angles = np.arange(_HUES) * (2 * np.pi / _HUES)
    levels = np.linspace(0.0, 100.0, _LEVELS)
    coarse = _largest_chroma(np.repeat(levels[:, None], _HUES, 1), np.repeat(angles[None], _LEVELS, 0))
    fine = np.linspace(0.0, 100.0, 256)
    limits = np.stack([np.interp(fine, levels, column) for column in coarse.T], axis=1)
    limits = np.asarray(cv2.dilate(limits, np.ones((2 * _LEVEL_SLACK + 1, 1), np.uint8)), np.float64)
    radius = np.arange(256.0)[None]
    # Towards grey, so that rounding does not lead out of the gamut again.
    held = np.stack(
        [np.trunc(radius * np.cos(angles)[:, None]), np.trunc(radius * np.sin(angles)[:, None])], -1
    )
    held_pairs = np.clip(held + 128.0, 0, 255).astype(np.uint8).view(np.uint16).ravel()
    return (
        hue.astype(np.uint16),
        chroma.astype(np.uint8),
        np.ceil(limits).astype(np.uint8).ravel(),
        held_pairs,
    )


def _largest_chroma(lightness: NDArray[np.float64], hue: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bisect for the chroma at which a ray from grey leaves the cube of linear RGB; arrays of one shape."""
    cosine, sine = np.cos(hue), np.sin(hue)
    low, high = np.zeros_like(lightness), np.full_like(lightness, _LARGEST)
    for _ in range(12):
        middle = (low + high) / 2
        inside = _is_inside(lightness, middle * cosine, middle * sine)
        low, high = np.where(inside, middle, low), np.where(inside, high, middle)
    return low


def _is_inside(
    lightness: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.bool_]:
    linear = _linear(lightness, a, b)
    return np.asarray((linear.min(axis=0) >= -_SLACK) & (linear.max(axis=0) <= 1.0 + _SLACK), np.bool_)


def _linear(
    lightness: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return linear RGB, channels first."""
    y = (lightness + 16.0) / 116.0
    light = np.stack([y + a / 500.0, y, y - b / 200.0])
    delta = 6.0 / 29.0
    light = np.where(light > delta, light**3, 3 * delta**2 * (light - 4.0 / 29.0))
    return np.tensordot(_TO_RGB, light * _WHITE.reshape(3, *(1,) * lightness.ndim), axes=1)
