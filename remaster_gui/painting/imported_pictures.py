"""Coloured pictures from elsewhere: into Lab, and laid over the frame that they were made from."""

from __future__ import annotations

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.painting.registration import Registration, lay, register

_STRIP = 256
_ENLARGED = 1.5
"""Magnification from which chrominance is guided by the frame's luminance."""
_NEUTRAL = 128
_COLOR = 6.0
"""Distance (of ab) from what luminance explains that noise of scanners and JPEG keeps below."""
_LOOKED_AT = 96


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


def is_grey(rgb: Pixels) -> bool:
    """Whether a picture (h, w, 3) is grey, or toned like an old print: then it says nothing of colours."""
    size = min(_LOOKED_AT, rgb.shape[1]), min(_LOOKED_AT, rgb.shape[0])
    small: Pixels = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]  # of its depth
    light, color = lab_bytes(small)
    level = light.ravel() / 255.0
    # A tone follows from luminance alone.
    terms = np.stack([np.ones_like(level), level, level**2], axis=1)
    ab = color.reshape(-1, 2).astype(np.float64)
    off = np.linalg.norm(ab - terms @ np.linalg.lstsq(terms, ab, rcond=None)[0], axis=1)
    return bool(np.percentile(off, 99) < _COLOR and off.mean() < _COLOR / 3)


def aligned(rgb: Pixels, luminance: Bytes, registration: Registration | None = None) -> tuple[Bytes, Bytes]:
    """Lay a picture (h, w, 3) over a frame of `luminance` (H, W); returns chrominance (H, W, 2) and coverage (H, W).

    What the picture does not reach is left open. Without a `registration` of both it is registered first.
    """
    light, color = lab_bytes(rgb)
    return laid_along(color, luminance, registration or register(light, luminance))


def laid_along(color: Bytes, luminance: Bytes, registration: Registration) -> tuple[Bytes, Bytes]:
    """Do the same for the chrominance (h, w, 2) of a picture that has been registered."""
    chrominance, coverage = lay(color, registration)
    chrominance = _resized(chrominance, luminance)
    chrominance[coverage == 0] = _NEUTRAL
    return chrominance, coverage


def _resized(chrominance: Bytes, luminance: Bytes) -> Bytes:
    """Bring chrominance to a frame's size; one much smaller gets its edges from `luminance`."""
    height, width = luminance.shape
    if chrominance.shape[:2] == (height, width):
        return chrominance
    if max(width / chrominance.shape[1], height / chrominance.shape[0]) >= _ENLARGED:
        return _enlarged(chrominance, luminance)
    return np.asarray(cv2.resize(chrominance, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)


def _enlarged(chrominance: Bytes, luminance: Bytes) -> Bytes:
    """Enlarge along the edges of luminance; detail that luminance does not explain is enlarged plainly and added."""
    unit = np.float32(1 / 255)
    color = np.multiply(chrominance, unit, dtype=np.float32)
    full = upsample_chrominance(color, np.multiply(luminance, unit, dtype=np.float32))
    small = (chrominance.shape[1], chrominance.shape[0])
    detail = color - cv2.resize(full, small, interpolation=cv2.INTER_AREA)
    full += cv2.resize(detail, luminance.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.rint(full * 255.0).clip(0, 255), np.uint8)
