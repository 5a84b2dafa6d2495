"""What paints: a round brush, and the shape of the single dab that it leaves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from remaster_gui.base.arrays import Float

SMALLEST, LARGEST = 1.0, 1000.0
"""Diameters in pixels of the frame."""
LIGHTEST_SIZE = 0.15
"""Part of its size that a brush has at no pressure, where pressure governs size."""
_SPACING = 0.1
"""Distance of dabs as part of the diameter."""
_COARSE_FROM = 96.0
"""Diameter from which dabs sit on whole pixels: a quarter of a pixel is no longer seen."""


@dataclass(frozen=True, slots=True)
class Brush:
    """A round brush that changes chrominance.

    `size`: diameter in pixels of the frame. `hardness`: part of the radius that is full, 0 to 1; from there it fades.
    `opacity`: what one stroke can reach, however often it crosses itself. `flow`: what each dab adds towards that.
    `color`: (a, b) in units of Lab. Pressure of a pen scales size or opacity or both.
    """

    size: float = 60.0
    hardness: float = 0.6
    opacity: float = 1.0
    flow: float = 1.0
    color: tuple[float, float] = (0.0, 0.0)
    size_by_pressure: bool = True
    opacity_by_pressure: bool = False

    def size_at(self, pressure: float) -> float:
        """Return the diameter at a pressure of 0 to 1."""
        if not self.size_by_pressure:
            return self.size
        return max(SMALLEST, self.size * (LIGHTEST_SIZE + (1.0 - LIGHTEST_SIZE) * pressure))

    def opacity_at(self, pressure: float) -> float:
        """Return the opacity at a pressure of 0 to 1."""
        return self.opacity * pressure if self.opacity_by_pressure else self.opacity

    def spacing_at(self, pressure: float) -> float:
        """Return how far apart dabs are, in pixels."""
        return max(0.5, self.size_at(pressure) * _SPACING)


def stepped_size(size: float, steps: int, *, large: bool = False) -> float:
    """Return the size after some key presses: a tenth each, or three tenths if `large`; at least a pixel."""
    for _ in range(abs(steps)):
        step = max(1.0, round(size * (0.3 if large else 0.1)))
        size = size + step if steps > 0 else size - step
    return min(max(round(size), SMALLEST), LARGEST)


def dab(x: float, y: float, size: float, hardness: float) -> tuple[int, int, Float]:
    """Return left, top and mask (h, w) in [0, 1], read-only, of a dab around (x, y)."""
    # Masks are kept, so places and sizes are rounded to what the eye can tell apart.
    steps, make = (4, _small_mask) if size < _COARSE_FROM else (1, _large_mask)
    whole_x, part_x = divmod(round(x * steps), steps)
    whole_y, part_y = divmod(round(y * steps), steps)
    size = round(size * steps) / steps
    mask = make(size, round(hardness, 3), part_x / steps, part_y / steps)
    reach = mask.shape[0] // 2
    return whole_x - reach, whole_y - reach, mask


def _make_mask(size: float, hardness: float, part_x: float, part_y: float) -> Float:
    """Return the mask of a dab whose middle lies (part_x, part_y) right and below of a corner of pixels."""
    radius = size / 2
    reach = math.ceil(radius + 1.0)
    place = np.arange(-reach, reach + 1, dtype=np.float32) + np.float32(0.5)
    square_x, square_y = (place - np.float32(part_x)) ** 2, (place - np.float32(part_y)) ** 2
    distance = np.sqrt(square_y[:, None] + square_x[None])
    # However hard, the edge takes a pixel, or it would be jagged.
    outer = radius + 0.5
    inner = min(radius * hardness, radius - 0.5)
    fade = np.clip((outer - distance) / (outer - inner), 0.0, 1.0)
    mask = np.asarray(fade * fade * (3.0 - 2.0 * fade), np.float32)
    mask.setflags(write=False)
    return mask


_small_mask = lru_cache(maxsize=256)(_make_mask)
_large_mask = lru_cache(maxsize=8)(_make_mask)
