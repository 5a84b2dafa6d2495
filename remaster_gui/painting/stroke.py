"""A stroke from press to release: painted as the pen moves, and one change in the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.painting.brush import Brush, dab
from remaster_gui.painting.path import PenPath, Place
from remaster_gui.painting.raster import NEUTRAL_BYTE, PAINTED, TILE, Box, PixelDelta, Raster, rounded

Mode = Literal["paint", "erase"]

_SMALLEST_GROUP = 96 * 96
_LARGEST_GROUP = 3
"""Dabs are brought to the pixels in groups of at most so many times a dab's area: one box around a long move is mostly
pixels that did not change."""
_MEANT = 0.9
"""Part of its strongest from which a stroke over spread colour is a hint for spreading again."""
_TINY = np.float32(1e-6)


class Stroke:
    """Paints on, or erases from, a raster in place. To be finished or cancelled; one stroke at a time.

    Dabs gather in a mask of the stroke's own; pixels are made anew from mask and what was there before. So opacity
    holds for the stroke as a whole, rounding happens once, and cancelling leaves no trace.
    """

    def __init__(self, raster: Raster, brush: Brush, mode: Mode = "paint") -> None:
        self._raster, self._brush, self._mode = raster, brush, mode
        self._path = PenPath(brush.spacing_at)
        self._color = np.clip(np.rint(np.array(brush.color) + NEUTRAL_BYTE), 0, 255).astype(np.float32)
        # Allocated, but not touched: only the tiles that the stroke reaches take memory and time.
        self._mask: Float = np.zeros(raster.coverage.shape, np.float32)
        self._chrominance_before = np.empty_like(raster.chrominance)
        self._coverage_before = np.empty_like(raster.coverage)
        grid = (-(-raster.height // TILE), -(-raster.width // TILE))
        self._kept = np.zeros(grid, np.bool_)
        self._tiles: list[Box] = []
        self._is_over = False

    def add(self, x: float, y: float, pressure: float = 1.0) -> Box | None:
        """Go on to (x, y), pixel 0 reaching from 0.0 to 1.0; returns the box of pixels that may have changed."""
        return _around(self.advance(x, y, pressure))

    def advance(self, x: float, y: float, pressure: float = 1.0) -> list[Box]:
        """Go on as `add` does; returns several boxes, which together hold fewer pixels than the one around them."""
        return self._dab(self._path.to(Place(x, y, pressure)))

    def settle(self) -> list[Box]:
        """Paint the last bit, up to where the pen was lifted; returns the boxes of pixels that may have changed."""
        if self._is_over:
            return []
        self._is_over = True
        boxes = self._dab(self._path.end())
        self._mark()
        return boxes

    def finish(self) -> PixelDelta | None:
        """Settle and return the change, which the raster shows already; None if no pixel is different."""
        self.settle()
        before = (self._chrominance_before, self._coverage_before)
        after = (self._raster.chrominance, self._raster.coverage)
        return PixelDelta.between(before, after, self._tiles)

    def cancel(self) -> Box | None:
        """Put everything back; returns the box of pixels that may have changed."""
        self._is_over = True
        for tile in self._tiles:
            self._raster.chrominance[tile.slices] = self._chrominance_before[tile.slices]
            self._raster.coverage[tile.slices] = self._coverage_before[tile.slices]
        self._raster.changes += 1
        return _around(self._tiles)

    def _dab(self, places: Iterable[Place]) -> list[Box]:
        """Put dabs into the mask and bring them to the pixels, group by group."""
        groups: list[Box] = []
        group: Box | None = None
        for place in places:
            box = self._gather(place)
            if box.is_empty:
                continue
            grown = box if group is None else group.united(box)
            limit = max(_SMALLEST_GROUP, _LARGEST_GROUP * box.width * box.height)
            if group is not None and grown.width * grown.height > limit:
                groups.append(group)
                grown = box
            group = grown
        if group is not None:
            groups.append(group)
        for box in groups:
            self._compose(box)
        return groups

    def _gather(self, place: Place) -> Box:
        """Add one dab to the mask; returns its box within the raster."""
        brush = self._brush
        left, top, shape = dab(place.x, place.y, brush.size_at(place.pressure), brush.hardness)
        box = Box(left, top, shape.shape[1], shape.shape[0]).clipped(self._raster.width, self._raster.height)
        if box.is_empty:
            return box
        part = shape[box.y - top : box.bottom - top, box.x - left : box.right - left]
        opacity = np.float32(brush.opacity_at(place.pressure))
        mask = self._mask[box.slices]
        aim = part if opacity == 1.0 else part * opacity
        if brush.flow >= 1.0:
            np.maximum(mask, aim, out=mask)
        else:
            missing = np.maximum(aim - mask, 0.0)
            missing *= np.float32(brush.flow)
            mask += missing
        return box

    def _compose(self, box: Box) -> None:
        """Make the pixels of a box from the mask and what was there before the stroke."""
        self._keep(box)
        rows = box.slices
        mask, before = self._mask[rows], self._coverage_before[rows]
        chrominance, coverage = self._raster.chrominance[rows], self._raster.coverage[rows]
        if self._mode == "erase":
            coverage[:] = rounded(before * (1.0 - mask), before)
            chrominance[:] = self._chrominance_before[rows]
        else:
            share = mask
            if int(before.min()) == PAINTED:
                coverage[:] = PAINTED
            else:
                covered = before + (255.0 - before) * mask
                coverage[:] = rounded(covered, before | (before == 0))
                share = np.divide(mask * 255.0, covered + _TINY)
            _mix(chrominance, self._chrominance_before[rows], self._color, share)
        chrominance[coverage == 0] = NEUTRAL_BYTE
        self._raster.changes += 1

    def _mark(self) -> None:
        """Mark as painted what the stroke covers well of what was spread; its soft edge shall grow anew."""
        if self._mode == "erase" or not self._tiles:
            return
        peak = max(float(self._mask[tile.slices].max()) for tile in self._tiles)
        for tile in self._tiles:
            rows = tile.slices
            strong = (self._mask[rows] >= _MEANT * peak) & (self._coverage_before[rows] > 0)
            self._raster.coverage[rows] |= strong

    def _keep(self, box: Box) -> None:
        """Remember the pixels of every tile that is touched for the first time."""
        rows = slice(box.y // TILE, (box.bottom - 1) // TILE + 1)
        columns = slice(box.x // TILE, (box.right - 1) // TILE + 1)
        if self._kept[rows, columns].all():
            return
        for tile in box.tiles(self._raster.width, self._raster.height):
            cell = (tile.y // TILE, tile.x // TILE)
            if not self._kept[cell]:
                self._kept[cell] = True
                self._tiles.append(tile)
                self._chrominance_before[tile.slices] = self._raster.chrominance[tile.slices]
                self._coverage_before[tile.slices] = self._raster.coverage[tile.slices]


def _mix(out: Bytes, before: Bytes, color: Float, share: Float) -> None:
    """Write `before` moved towards `color` by `share` of the way, (h, w, 2) each."""
    for channel in (0, 1):
        was = before[..., channel].astype(np.float32)
        out[..., channel] = np.rint(was + (color[channel] - was) * share)


def _around(boxes: Iterable[Box]) -> Box | None:
    found: Box | None = None
    for box in boxes:
        found = box if found is None else found.united(box)
    return found
