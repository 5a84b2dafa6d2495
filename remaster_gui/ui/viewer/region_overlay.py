"""The region overlay: over a reference, hatched and dimmed, what of it does not count."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from remaster_gui.base.arrays import Mask
from remaster_gui.painting.region import laid_over
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.layers import draw_over

_DIM, _LINE = 150, 205
_STEP, _WIDE = 10, 2
"""Pixels from one line to the next, and across one."""
_LEAST_EDGE = 600
"""Pixels along the longer edge that the overlay has at least, so that its lines are thin."""


def region_pixels(mask: Mask) -> NDArray[np.uint8]:
    """Return RGBA ``(h, w, 4)`` uint8, straight alpha: dark with lighter lines where the mask is not."""
    height, width = mask.shape
    scale = max(1, -(-_LEAST_EDGE // max(height, width)))
    full = laid_over(mask, width * scale, height * scale)
    pixels = np.zeros((*full.shape, 4), np.uint8)
    rows, columns = np.nonzero(~full)
    is_line = (rows + columns) % _STEP < _WIDE
    pixels[rows, columns, :3] = np.where(is_line, 120, 16)[:, None]
    pixels[rows, columns, 3] = np.where(is_line, _LINE, _DIM)
    return pixels


class RegionOverlay:
    """An `Overlay` of the canvas. Lives on the GUI thread."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._mask: Mask | None = None
        self._picture: QImage | None = None
        canvas.add_overlay(self, below=True)

    @property
    def mask(self) -> Mask | None:
        """What counts of what is shown; None where all does."""
        return self._mask

    def set_mask(self, mask: Mask | None) -> None:
        """Show what does not count; None: all does, or no reference is shown."""
        if mask is not self._mask:
            self._mask = mask
            self._picture = None if mask is None else to_qimage(region_pixels(mask))
            self._canvas.update()

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Cover it in the last pane, where the reference is seen."""
        if self._picture is not None and pane == canvas.pane_count() - 1:
            draw_over(painter, canvas, pane, self._picture)
