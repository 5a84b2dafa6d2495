"""What overlays have in common that lay a picture over each pane and explain it with a legend in the last."""

from __future__ import annotations

from abc import ABC, abstractmethod

from psygnal import SignalInstance
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.viewer.canvas import Canvas
from remaster_gui.ui.viewer.layers import draw_over


class Wash(ABC):
    """An `Overlay` of the canvas; keeps to itself while it is not visible. Lives on the GUI thread."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self._picture: QImage | None = None
        self.look_at(ViewState())
        # Labels and the wipe's line stay readable above it.
        canvas.add_overlay(self, below=True)

    @property
    @abstractmethod
    def is_visible(self) -> bool:
        """Whether the view has the overlay switched on."""

    @abstractmethod
    def _changes(self, view: ViewState) -> tuple[SignalInstance, ...]:
        """Return what of the view the overlay depends on."""

    @abstractmethod
    def _paint_legend(self, painter: QPainter, picture: QRectF, pane: QRectF) -> None:
        """Draw the legend for a picture that lies in a pane, both in pixels of the widget."""

    def look_at(self, view: ViewState) -> None:
        """Be switched on as `view` says from now on."""
        self.view = view
        for signal in self._changes(view):
            signal.connect(self._on_view_changed)
        self._on_view_changed()

    def paint_marks(self, painter: QPainter, canvas: Canvas, pane: int) -> None:
        """Cover the pane's picture; the legend goes into the last pane."""
        if not self.is_visible:
            return
        if self._picture is not None:
            draw_over(painter, canvas, pane, self._picture)
        if pane == canvas.pane_count() - 1:
            picture = canvas.transform(pane).mapRect(canvas.view.picture_rect())
            self._paint_legend(painter, picture, painter.clipBoundingRect())

    def _on_view_changed(self) -> None:
        self._canvas.update()
