"""Tools that say which part of a reference counts: a brush, a lasso, and a key of luminance.

Alt takes away from what counts, Shift keeps only what the gesture takes in as well; else it is added. Where all counts
the first gesture begins with nothing.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from remaster_gui.base.arrays import Mask
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.region import along_path, changed_region, in_range, within_outline
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.paint.marks import paint_ring
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.viewer.canvas import Canvas

_ALT = Qt.KeyboardModifier.AltModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_NEAR = 9.0
"""Pixels of the widget within which a click closes an outline at its first corner."""
_STILL = 4.0
"""Pixels of the widget up to which a press is a click."""
_TOLERANCE = 10
"""Levels of luminance to either side that a key takes in at first."""
_WAY = 3.0
"""Pixels of the widget for one level more."""


class RegionTarget(Protocol):
    """The reference whose region is being changed; everything on the GUI thread."""

    @property
    def raster(self) -> Raster | None:
        """Its pixels; None while there are none."""

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be changed now, in one sentence for the user; '' if it can."""

    @property
    def mask(self) -> Mask:
        """What counts, on the region's grid."""

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""

    def stage(self, mask: Mask | None) -> None:
        """Show what would count; None: what does."""

    def commit(self, mask: Mask, text: str) -> None:
        """Let this part count from now on, as one step to undo."""


class RegionTool(Interaction):
    """What these tools share: from press to release a part of the picture is drawn, then it joins what counts."""

    text = ""
    """What the step to undo is called."""

    def __init__(self, canvas: Canvas, target: RegionTarget, settings: ToolSettings) -> None:
        self._canvas, self._target, self._settings = canvas, target, settings
        self._before: Mask | None = None
        self._drawn: Mask | None = None
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._takes_away = False
        self._at: QPointF | None = None

    def press(self, pointer: Pointer) -> bool:
        """Begin."""
        if pointer.button != Qt.MouseButton.LeftButton:
            return False
        reason = self._target.blocked_reason
        if reason or self._target.raster is None:
            if reason:
                self._target.refuse(reason)
            return False
        self._before, self._drawn = self._target.mask, None
        self._modifiers, self._takes_away = pointer.modifiers, pointer.is_eraser
        self.begin(pointer)
        self.move(pointer)
        return True

    def move(self, pointer: Pointer) -> None:
        """Draw on, and show what would count."""
        self._at = pointer.widget
        self._drawn = self.drawn(pointer)
        if self._drawn is not None:
            self._target.stage(self._result())
        self._canvas.update()

    def release(self, pointer: Pointer) -> None:
        """Let it count."""
        if self._drawn is not None:
            result = self._result()
            self._target.stage(None)
            self._target.commit(result, self.text)
        self._before = self._drawn = None
        self._canvas.update()

    def cancel(self) -> None:
        """Let count what did before."""
        self._before = self._drawn = None
        self._target.stage(None)
        self._canvas.update()

    def hover(self, pointer: Pointer | None) -> None:
        """Let marks follow."""
        self._at = None if pointer is None else pointer.widget
        self._canvas.update()

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Say that something is drawn here."""
        return Qt.CursorShape.CrossCursor

    # What a tool is

    def begin(self, pointer: Pointer) -> None:
        """Begin to draw."""

    def drawn(self, pointer: Pointer) -> Mask | None:
        """Return what has been drawn up to here; None for nothing yet."""
        raise NotImplementedError

    @property
    def _size(self) -> tuple[int, int]:
        raster = self._target.raster
        assert raster is not None, "a gesture has begun"
        return raster.width, raster.height

    def _result(self) -> Mask:
        assert self._before is not None and self._drawn is not None
        takes_away = self._takes_away or bool(self._modifiers & _ALT)
        keeps = bool(self._modifiers & _SHIFT) and not takes_away
        return changed_region(
            self._before, self._drawn, "away" if takes_away else "common" if keeps else "add"
        )


class RegionBrush(RegionTool):
    """Paints what counts with the size of the brush."""

    text = "Paint the region"

    def begin(self, pointer: Pointer) -> None:
        """Forget the last stroke."""
        self._points = [_place(pointer)]

    def drawn(self, pointer: Pointer) -> Mask:
        """Add the way from the last place to this one."""
        self._points.append(_place(pointer))
        way = along_path(np.array(self._points[-2:]), self._settings.brush.size / 2, *self._size)
        return way if self._drawn is None else self._drawn | way

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Show none: the ring is enough."""
        return Qt.CursorShape.BlankCursor

    def paint(self, painter: QPainter) -> None:
        """Draw the brush's ring."""
        if self._at is not None:
            box = QRectF(QPointF(), self._canvas.view.scale * self._settings.brush.size)
            box.moveCenter(self._at)
            paint_ring(painter, box, 1.0)


class RegionLasso(RegionTool):
    """Draws around what counts: in one drag, or corner by corner with clicks, closed at the first one."""

    text = "Draw the region"

    def __init__(self, canvas: Canvas, target: RegionTarget, settings: ToolSettings) -> None:
        super().__init__(canvas, target, settings)
        self._points: list[tuple[float, float]] = []
        self._corners: list[tuple[float, float]] = []
        self._start = QPointF()

    def begin(self, pointer: Pointer) -> None:
        """Begin an outline, or its next corner."""
        self._points, self._start = [_place(pointer)], pointer.widget

    def drawn(self, pointer: Pointer) -> Mask | None:
        """Close the outline as it is so far; a click draws nothing yet."""
        if self._points[-1] != _place(pointer):
            self._points.append(_place(pointer))
        if self._corners or len(self._points) < 3 or self._is_click(pointer):
            return None
        return within_outline(np.array(self._points), *self._size)

    def release(self, pointer: Pointer) -> None:
        """End a drag, or set a corner; one at the first closes the outline."""
        if self._drawn is None:
            if len(self._corners) > 2 and self._is_at_first(pointer):
                self._drawn = within_outline(np.array(self._corners), *self._size)
                self._corners = []
            else:
                self._corners.append(_place(pointer))
        super().release(pointer)

    def cancel(self) -> None:
        """Give the corners up as well."""
        self._corners = []
        super().cancel()

    def give_up(self) -> bool:
        """Give up an outline of which some corners are clicked."""
        is_open = bool(self._corners)
        self.cancel()
        return is_open

    def paint(self, painter: QPainter) -> None:
        """Draw the outline."""
        points = self._corners or (self._points if self._before is not None else [])
        places = [self._canvas.to_widget(QPointF(*point)) for point in points]
        if self._corners and self._at is not None:
            places.append(self._at)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for color, width in ((QColor(0, 0, 0, 170), 3.0), (QColor(255, 255, 255, 230), 1.3)):
            painter.setPen(QPen(color, width))
            painter.drawPolyline(QPolygonF(places))
            if len(self._corners) > 2:
                painter.drawEllipse(places[0], _NEAR / 2, _NEAR / 2)

    def _is_click(self, pointer: Pointer) -> bool:
        return (pointer.widget - self._start).manhattanLength() < _STILL

    def _is_at_first(self, pointer: Pointer) -> bool:
        first = self._canvas.to_widget(QPointF(*self._corners[0]))
        return (pointer.widget - first).manhattanLength() < _NEAR


class RegionKey(RegionTool):
    """Takes what is as bright as the place that is pressed; dragging to the right takes more, to the left less."""

    text = "Key the region by luminance"

    def begin(self, pointer: Pointer) -> None:
        """Look how bright it is here."""
        raster, (width, height) = self._target.raster, self._size
        assert raster is not None
        x, y = (
            int(min(max(v, 0), most - 1)) for v, most in zip(_place(pointer), (width, height), strict=True)
        )
        around = raster.luminance[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2]
        self._luminance, self._start = int(np.median(around)), pointer.widget

    def drawn(self, pointer: Pointer) -> Mask:
        """Take all that is as bright."""
        raster = self._target.raster
        assert raster is not None
        more = round((pointer.widget.x() - self._start.x()) / _WAY)
        tolerance = min(max(_TOLERANCE + more, 0), 255)
        return in_range(raster.luminance, self._luminance - tolerance, self._luminance + tolerance)


def _place(pointer: Pointer) -> tuple[float, float]:
    return pointer.position.x(), pointer.position.y()
