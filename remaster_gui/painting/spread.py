"""Letting a few strokes grow into the whole frame: colourisation using optimisation (Levin, Lischinski, Weiss 2004).

Neighbouring pixels of similar luminance get similar chrominance; what is painted stays. The equations are solved at a
reduced size and brought to the frame's along the edges of luminance.
"""

from __future__ import annotations

from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.painting.painted_hints import blocked_reason, hints_of, laid_under
from remaster_gui.painting.raster import PixelDelta, Raster
from remaster_gui.painting.smooth import Ties, solve

SOLVED_PIXELS = 120_000
"""Most pixels for which the equations are solved."""
_PULL = 30.0
"""Weight of what is painted against a tie between equal neighbours."""
_WEAKEST = 1e-4
"""Weight of a tie across the strongest edge: an island without a stroke takes its surroundings' colour."""
_GRAIN = 2.5
"""Differences of luminance up to so many times that of typical neighbours are grain rather than edges."""
_TOLERANCE = 0.01
"""In units of ab, root mean square."""
_LIVELY_TOLERANCE = 0.12
"""The same where a pen is followed: a tenth of a unit off at most, on average, for half of the time."""
_SURE = np.float32(100.0)
"""Certainty is solved for beside colours, in numbers as large as theirs."""


def spread(raster: Raster, cancel: Event | None = None) -> PixelDelta | None:
    """Return the change that lets what is painted grow over everything else; the raster itself is left as it is.

    None if there is nothing to do, or when cancelled. Takes its time: not for the GUI thread, nor on a raster that
    others change meanwhile (give it a copy).
    """
    if blocked_reason(raster):
        return None
    scale = min(1.0, float(np.sqrt(SOLVED_PIXELS / raster.luminance.size)))
    size = (max(2, round(raster.width * scale)), max(2, round(raster.height * scale)))
    hints = hints_of(raster, size)
    mean = np.average(hints.chrominance.reshape(-1, 2), axis=0, weights=hints.weight.ravel())
    grown = _solved(hints.luminance, hints.chrominance, hints.weight, mean, 0.0, cancel)
    return None if grown is None else laid_under(raster, grown, hints.luminance)


def grow(
    luminance: Float, colors: Float, weight: Float, fading: float, cancel: Event | None = None
) -> tuple[Float, Float] | None:
    """Let colours (h, w, 2), in units of ab, grow from where their `weight` (h, w) is above 0.

    Returns the colours that reach each place, and how surely: 1 where they were given, less the farther away, and
    little beyond edges of luminance (h, w). `fading` is the part of a tie by which it gets less at each step. None when
    cancelled.
    """
    planes = np.dstack([colors, np.full(weight.shape, _SURE, np.float32)])
    solved = _solved(luminance, planes, weight, np.zeros(3), fading, cancel, _LIVELY_TOLERANCE)
    if solved is None:
        return None
    reached, sure = solved[..., :2], solved[..., 2:] / _SURE
    found: Float = reached / np.maximum(sure, np.float32(1e-3))
    return found, sure[..., 0].clip(0.0, 1.0)


def _solved(
    luminance: Float,
    planes: Float,
    weight: Float,
    start: NDArray[np.floating],
    fading: float,
    cancel: Event | None,
    tolerance: float = _TOLERANCE,
) -> Float | None:
    """Return planes (h, w, C) that are given where `weight` (h, w) says so, found from a first guess `start` (C,)."""
    right, below = _ties(luminance)
    pull = weight * np.float32(_PULL)
    data = pull + np.float32(fading)
    given = planes * (pull / np.maximum(data, np.float32(1e-12)))[..., None]
    first = np.broadcast_to(start.astype(np.float32)[:, None, None], (len(start), *luminance.shape))
    channels = np.ascontiguousarray(given.transpose(2, 0, 1))
    solved = solve(Ties.of(right, below, data), channels, first, tolerance, cancel)
    return None if solved is None else np.ascontiguousarray(solved.transpose(1, 2, 0))


def _ties(light: Float) -> tuple[Float, Float]:
    """Return the weights between neighbours (to the right, below) from luminance (h, w) in [0, 1]."""
    smooth = np.asarray(cv2.bilateralFilter(light, 5, 0.06, 1.5), np.float32)
    differences = np.abs(np.diff(smooth, axis=1)), np.abs(np.diff(smooth, axis=0))
    typical = float(np.median(np.concatenate([each.ravel() for each in differences])))
    width = 2.0 * (_GRAIN * typical + 0.004) ** 2
    right, below = (
        np.exp(-np.square(each) / np.float32(width)) + np.float32(_WEAKEST) for each in differences
    )
    return right, below
