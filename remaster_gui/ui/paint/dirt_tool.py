"""The dirt tool: a click rejects a repair, takes that back, or forces one; a stroke repairs by hand.

With Alt, or the other end of a pen, what is touched is left as the film has it.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from remaster_gui.base.spot_marks import MarkKind
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.paint.marks import paint_ring
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.viewer.canvas import Canvas

Points = NDArray[np.float64]
_ALT = Qt.KeyboardModifier.AltModifier
_STILL = 4.0
"""Pixels of the widget up to which a press is a click."""
_MOST_POINTS = 10_000


class DirtTarget(Protocol):
    """The frame whose repairs are decided on; everything on the GUI thread, places in pixels of the film."""

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be decided now, in one sentence for the user; '' if it can."""

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""

    def decide_at(self, x: float, y: float, size: float, kind: MarkKind | None) -> None:
        """Decide about the spot at a place, or about a disc of that size where there is none.

        None: take back what was decided, else reject what was repaired, else force a repair.
        """

    def decide_along(self, points: Points, size: float, kind: MarkKind) -> None:
        """Decide about what a round brush touches on its way along ``(n, 2)``."""


class DirtTool(Interaction):
    """See the module."""

    def __init__(self, canvas: Canvas, target: DirtTarget, settings: ToolSettings) -> None:
        self._canvas, self._target, self._settings = canvas, target, settings
        self._points: list[tuple[float, float]] = []
        self._start = QPointF()
        self._is_stroke = False
        self._rejects = False
        self._at: QPointF | None = None

    def press(self, pointer: Pointer) -> bool:
        """Begin a click or a stroke."""
        if pointer.button != Qt.MouseButton.LeftButton:
            return False
        reason = self._target.blocked_reason
        if reason:
            self._target.refuse(reason)
            return False
        self._start, self._is_stroke = pointer.widget, False
        self._rejects = pointer.is_eraser or bool(pointer.modifiers & _ALT)
        self._points = [(pointer.position.x(), pointer.position.y())]
        self._canvas.update()
        return True

    def move(self, pointer: Pointer) -> None:
        """Stroke on."""
        self._at = pointer.widget
        self._is_stroke |= (pointer.widget - self._start).manhattanLength() >= _STILL
        place = pointer.position.x(), pointer.position.y()
        if self._is_stroke and place != self._points[-1] and len(self._points) < _MOST_POINTS:
            self._points.append(place)
        self._canvas.update()

    def release(self, pointer: Pointer) -> None:
        """Decide."""
        points, self._points = self._points, []
        size = self._settings.brush.size
        if self._is_stroke:
            self._target.decide_along(np.array(points), size, "reject" if self._rejects else "repair")
        else:
            self._target.decide_at(*points[0], size, "reject" if self._rejects else None)
        self._canvas.update()

    def cancel(self) -> None:
        """Decide nothing."""
        self._points = []
        self._canvas.update()

    def hover(self, pointer: Pointer | None) -> None:
        """Let the ring follow."""
        self._at = None if pointer is None else pointer.widget
        self._canvas.update()

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Show none: the ring is enough."""
        return Qt.CursorShape.BlankCursor

    def paint(self, painter: QPainter) -> None:
        """Draw the stroke so far, and the brush's ring."""
        if self._at is None:
            return
        box = QRectF(QPointF(), self._canvas.view.scale * self._settings.brush.size)
        box.moveCenter(self._at)
        if self._is_stroke and self._points:
            places = QPolygonF([self._canvas.to_widget(QPointF(*point)) for point in self._points])
            ink = QPen(QColor(255, 255, 255, 110), min(box.width(), box.height()))
            ink.setCapStyle(Qt.PenCapStyle.RoundCap)
            ink.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(ink)
            painter.drawPolyline(places)
        paint_ring(painter, box, 1.0)
