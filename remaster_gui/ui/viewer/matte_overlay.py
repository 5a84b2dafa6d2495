"""The matte overlay: all that does not have the named colour that is looked at is dimmed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from remaster_gui.base.language import tr
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.layers import draw_over
from remaster_gui.ui.viewer.legend import LegendPart, paint_legend

_GROUND = (16, 16, 16)
"""As neutral as what surrounds the picture: what is judged here is colour."""
_STRONGEST = 0.86
_BELOW = 28.0
"""Pixels from the upper edge that labels and other legends take."""


def matte_pixels(matte: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGBA ``(h, w, 4)`` uint8, straight alpha: dark where the matte ``(h, w)`` of 255 is not."""
    pixels = np.empty((*matte.shape, 4), np.uint8)
    pixels[..., :3] = _GROUND
    pixels[..., 3] = np.rint(_STRONGEST * (255 - matte.astype(np.float32)))
    return pixels


class MatteOverlay:
    """An `Overlay` of the canvas. Lives on the GUI thread."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._picture: QImage | None = None
        self.matte: NDArray[np.uint8] | None = None
        """What is shown; None for nothing."""
        self.name = ""
        """What it is of, which the legend says: panels may hide the list of names."""
        canvas.add_overlay(self, below=True)

    def set_matte(self, matte: NDArray[np.uint8] | None, name: str = "") -> None:
        """Show the matte of a name, ``(h, w)`` of 255 and of any size; None: nothing is dimmed."""
        if matte is not self.matte or name != self.name:
            self.matte, self.name = matte, name
            self._picture = None if matte is None else to_qimage(matte_pixels(matte))
            self._canvas.update()

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Dim the last pane, where the result is seen."""
        if self._picture is not None and pane == canvas.pane_count() - 1:
            draw_over(painter, canvas, pane, self._picture)
            picture = canvas.transform(pane).mapRect(canvas.view.picture_rect())
            seen = picture.intersected(painter.clipBoundingRect()).adjusted(0, _BELOW, 0, 0)
            told = LegendPart(tr("matte of {name}", name=self.name))
            paint_legend(painter, [told], seen, Qt.Corner.TopRightCorner)
