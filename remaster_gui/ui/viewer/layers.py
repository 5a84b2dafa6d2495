"""What the canvas asks others to draw: its content, in place of one picture, and overlays above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtGui import QImage, QPainter

from remaster_gui.ui.painters import saved

if TYPE_CHECKING:
    from remaster_gui.ui.viewer.canvas import Canvas


class Content(Protocol):
    """What is shown: asked to paint once for every pane, clipped to it."""

    def paint_pictures(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Paint in picture pixels; `canvas.transform(pane)` is set already."""


class Overlay(Protocol):
    """Something drawn above the picture, once for every pane, in pixels of the widget."""

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Paint; `canvas.transform(pane)` maps picture pixels to the widget."""


def draw_over(painter: QPainter, canvas: Canvas, pane: int, map_: QImage) -> None:
    """Draw a map of the picture, of any size, over the whole of it."""
    with saved(painter):
        painter.setTransform(canvas.transform(pane), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(canvas.view.picture_rect(), map_)
