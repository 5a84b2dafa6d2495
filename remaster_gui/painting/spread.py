"""Letting a few strokes grow into the whole frame: colourisation using optimisation (Levin, Lischinski, Weiss 2004).

Neighbouring pixels of similar luminance get similar chrominance; what is painted stays. The equations are solved at a
reduced size and brought to the frame's along the edges of luminance.
"""

from __future__ import annotations

from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.guided import upsample_chrominance
from remaster_gui.painting.raster import PAINTED, SPREAD, PixelDelta, Raster
from remaster_gui.painting.smooth import Grid, Ties, solve

SOLVED_PIXELS = 120_000
"""Most pixels for which the equations are solved."""
_HELD = 128
"""Coverage from which a pixel is a hint of its own; below it is the soft edge of a stroke and blends in."""
_PULL = 30.0
"""Weight of what is painted against a tie between equal neighbours."""
_WEAKEST = 1e-4
"""Weight of a tie across the strongest edge: an island without a stroke takes its surroundings' colour."""
_GRAIN = 2.5
"""Differences of luminance up to so many times that of typical neighbours are grain rather than edges."""
_TOLERANCE = 0.25
"""In units of ab."""


def blocked_reason(raster: Raster) -> str:
    """Return in one sentence why there is nothing to spread; '' if there is."""
    painted = painted_coverage(raster.coverage)
    if not painted.any():
        return "Paint a few strokes first; spreading lets them grow into the whole frame."
    if int(painted.min()) >= _HELD:
        return "All of this frame is painted; erase where colour should be found anew."
    return ""


def spread(raster: Raster, cancel: Event | None = None) -> PixelDelta | None:
    """Return the change that lets what is painted grow over everything else; the raster itself is left as it is.

    Painted pixels (coverage 255) keep their chrominance exactly, soft edges are laid over what grows beneath, and
    the rest gets coverage `SPREAD`: it looks painted, and grows anew when spread again after more strokes. None if
    there is nothing to do, or when cancelled. Takes its time: not for the GUI thread, nor on a raster that others
    change meanwhile (give it a copy).
    """
    if blocked_reason(raster):
        return None
    painted = painted_coverage(raster.coverage)
    grown = _grown(raster, painted, cancel)
    if grown is None:
        return None
    share = painted[..., None] * np.float32(1 / PAINTED)
    mixed = grown + (raster.chrominance - grown) * share
    chrominance = np.rint(mixed).clip(0, 255).astype(np.uint8)
    coverage = np.where(painted >= _HELD, PAINTED, SPREAD).astype(np.uint8)
    before, after = (raster.chrominance, raster.coverage), (chrominance, coverage)
    return PixelDelta.between(before, after, raster.bounds.tiles(raster.width, raster.height))


def painted_coverage(coverage: Bytes) -> Bytes:
    """Return coverage without what was only spread."""
    return coverage * (coverage & 1)


def _grown(raster: Raster, painted: Bytes, cancel: Event | None) -> Grid | None:
    """Return the chrominance (H, W, 2), 0 to 255, that grows from what is painted; None when cancelled."""
    unit = np.float32(1 / 255)
    luminance = raster.luminance * unit
    share = painted * unit
    scale = min(1.0, float(np.sqrt(SOLVED_PIXELS / luminance.size)))
    size = (max(2, round(raster.width * scale)), max(2, round(raster.height * scale)))
    light = _averaged(luminance, size)
    weight = _averaged(share, size)
    colors = _averaged((raster.chrominance - np.float32(128.0)) * share[..., None], size)
    given = np.divide(colors, weight[..., None] + np.float32(1e-6)).transpose(2, 0, 1)
    right, below = _ties(light)
    ties = Ties.of(right, below, weight * np.float32(_PULL))
    mean = colors.reshape(-1, 2).sum(axis=0) / weight.sum()
    start = np.broadcast_to(mean.astype(np.float32)[:, None, None], given.shape)
    solved = solve(ties, np.ascontiguousarray(given), start, _TOLERANCE, cancel)
    if solved is None:
        return None
    small = (np.ascontiguousarray(solved.transpose(1, 2, 0)) + np.float32(128.0)) * unit
    return upsample_chrominance(small, luminance) * np.float32(255.0)


def _ties(light: Grid) -> tuple[Grid, Grid]:
    """Return the weights between neighbours (to the right, below) from luminance (h, w) in [0, 1]."""
    smooth = np.asarray(cv2.bilateralFilter(light, 5, 0.06, 1.5), np.float32)
    differences = np.abs(np.diff(smooth, axis=1)), np.abs(np.diff(smooth, axis=0))
    typical = float(np.median(np.concatenate([each.ravel() for each in differences])))
    width = 2.0 * (_GRAIN * typical + 0.004) ** 2
    right, below = (
        np.exp(-np.square(each) / np.float32(width)) + np.float32(_WEAKEST) for each in differences
    )
    return right, below


def _averaged(values: NDArray[np.float32], size: tuple[int, int]) -> Grid:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
