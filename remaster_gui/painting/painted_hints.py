"""What is painted on a raster as hints at a smaller size, and the way back: small colours laid under what is painted.

Both go through large pictures in bands, so that they take little memory beside the raster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from remaster_gui.base.arrays import Bytes, Float, Mask
from remaster_gui.base.guided import Enlarged
from remaster_gui.base.language import tr
from remaster_gui.painting.raster import LAID, PAINTED, SPREAD, PixelDelta, Raster

HELD = 128
"""Coverage from which a pixel is a hint of its own; below it is the soft edge of a stroke and blends in."""
_NEUTRAL = np.float32(128.0)
_UNIT = np.float32(1 / 255)
_CONTRADICTED = 12.0
"""Units of ab from which what is painted contradicts what is carried."""
_ALIKE, _ALIKE_LUMINANCE = 10.0, 0.15
_MOST_MARKS = 64
BAND = 2**20
"""Pixels of a picture that are looked at in one go."""
_CLEAR = 0.1
"""Part of a cell that has to be painted for the cell to count as such; where none around has as much, the most is."""


@dataclass(frozen=True, slots=True)
class PaintedHints:
    """What is painted, averaged over the cells of a smaller picture (h, w); float32.

    `luminance` in [0, 1]. `weight`: how much of a cell is painted, 0 to 1. `chrominance` (h, w, 2): the mean of what is
    painted there, in units of ab; 0 where nothing is.
    """

    luminance: Float
    weight: Float
    chrominance: Float

    @property
    def known(self) -> Mask:
        """Which cells are hints (h, w); the thinnest stroke leaves some."""
        largest = np.asarray(cv2.dilate(self.weight, np.ones((3, 3), np.uint8)), np.float32)
        return (self.weight > 0) & (self.weight >= np.minimum(largest, np.float32(_CLEAR)))


@dataclass(frozen=True, slots=True)
class CarriedColors:
    """Colours that references carry to a frame, at any size; float32.

    `chrominance` (h, w, 2) in units of ab. `share` (h, w): how much of a pixel's colour they are, 0 to 1.
    """

    chrominance: Float
    share: Float

    def at(self, size: tuple[int, int]) -> CarriedColors:
        """Return the same at a size (width, height)."""
        share = _averaged(self.share, size)
        colors = _averaged(self.chrominance * self.share[..., None], size)
        return CarriedColors(colors / (share[..., None] + np.float32(1e-6)), share)

    def beside(self, hints: PaintedHints) -> CarriedColors:
        """Return them without what a painter contradicts: things that were painted in another colour.

        Both of one size. A thing reaches as far as luminance and carried colour stay alike.
        """
        off = np.linalg.norm(hints.chrominance - self.chrominance, axis=2) > _CONTRADICTED
        count, marks = cv2.connectedComponents((hints.known & off & (self.share > 0)).astype(np.uint8))
        share = self.share.copy()
        for mark in range(1, min(count, _MOST_MARKS)):
            inside = marks == mark
            color, light = self.chrominance[inside].mean(axis=0), float(hints.luminance[inside].mean())
            alike = np.linalg.norm(self.chrominance - color, axis=2) < _ALIKE
            alike &= np.abs(hints.luminance - np.float32(light)) < _ALIKE_LUMINANCE
            _, things = cv2.connectedComponents((alike | inside).astype(np.uint8))
            share[np.isin(things, np.unique(things[inside]))] = 0
        return CarriedColors(self.chrominance, share)


def painted_coverage(coverage: Bytes) -> Bytes:
    """Return coverage without what was only spread; what came with a picture is as good as painted."""
    return np.where(coverage == LAID, np.uint8(PAINTED), coverage * (coverage & 1))


def blocked_reason(raster: Raster) -> str:
    """Return in one sentence why there is nothing to spread; '' if there is."""
    painted = painted_coverage(raster.coverage)
    if not painted.any():
        return tr("Paint a few strokes first; spreading lets them grow into the whole frame.")
    if int(painted.min()) >= HELD:
        return tr("All of this frame is painted; erase where colour should be found anew.")
    return ""


def hints_of(raster: Raster, size: tuple[int, int]) -> PaintedHints:
    """Return what is painted on a raster at a size (width, height) not above its own."""
    width, height = size
    luminance, weight = np.empty((height, width), np.float32), np.empty((height, width), np.float32)
    colors = np.empty((height, width, 2), np.float32)
    for rows, small in _bands(raster, height):
        share = painted_coverage(raster.coverage[rows]) * _UNIT
        shape = (width, small.stop - small.start)
        luminance[small] = _averaged(raster.luminance[rows] * _UNIT, shape)
        weight[small] = _averaged(share, shape)
        colors[small] = _averaged((raster.chrominance[rows] - _NEUTRAL) * share[..., None], shape)
    return PaintedHints(luminance, weight, colors / (weight[..., None] + np.float32(1e-6)))


def laid_under(raster: Raster, grown: Float, luminance: Float) -> PixelDelta | None:
    """Return the change that lays colours under what is painted, and over everything else.

    `grown`: (h, w, 2) in units of ab, at the size of `luminance` (h, w) in [0, 1], brought to the raster's size along
    its edges of luminance. What is wholly painted keeps its chrominance exactly, soft edges blend, and the rest gets
    coverage `SPREAD`: it looks painted, and grows anew when spread again.
    """
    enlarged = Enlarged((grown + _NEUTRAL) * _UNIT, luminance, raster.width, raster.height)
    chrominance, coverage = np.empty_like(raster.chrominance), np.empty_like(raster.coverage)
    for rows, _ in _bands(raster, raster.height):
        painted = painted_coverage(raster.coverage[rows])
        full = enlarged.rows(rows, raster.luminance[rows] * _UNIT) * np.float32(255.0)
        share = painted[..., None] * np.float32(1 / PAINTED)
        full += (raster.chrominance[rows] - full) * share
        chrominance[rows] = np.rint(full).clip(0, 255)
        held = np.where(raster.coverage[rows] == LAID, LAID, PAINTED)
        coverage[rows] = np.where(painted >= HELD, held, SPREAD)
    before, after = (raster.chrominance, raster.coverage), (chrominance, coverage)
    return PixelDelta.between(before, after, raster.bounds.tiles(raster.width, raster.height))


def _bands(raster: Raster, height: int) -> Iterator[tuple[slice, slice]]:
    """Yield rows of a raster, and the rows of a picture of `height` that they become: edges agree within a pixel."""
    step = max(1, BAND * height // (raster.width * raster.height))
    for start in range(0, height, step):
        stop = min(start + step, height)
        first, last = (round(edge * raster.height / height) for edge in (start, stop))
        yield slice(first, last), slice(start, stop)


def _averaged(values: Float, size: tuple[int, int]) -> Float:
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
