"""What the canvas asks others to draw: its content, in place of one picture, and overlays above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtGui import QPainter

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
