"""Tools that say which part of a reference counts: a brush, a lasso, a key of luminance, and what is alike.

Alt takes away from what counts, Shift keeps only what the gesture takes in as well; else it is added. Where all counts
the first gesture begins with nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from remaster_gui.base.arrays import Float, Mask
from remaster_gui.base.language import tr
from remaster_gui.painting.alike import within
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.region import RegionChange, along_path, changed_region, in_range, within_outline
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

    def commit(self, mask: Mask, text: str, value: str = "") -> None:
        """Let this part count from now on, as one step to undo; successive ones of one `value` are one step."""

    def ask_alike(self, place: tuple[float, float], done: Callable[[Float], None]) -> None:
        """Ask how unlike a place (in pixels) all others are, on the region's grid; `done` is called later, or never."""


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
        return changed_region(self._before, self._drawn, self._how)

    @property
    def _how(self) -> RegionChange:
        if self._takes_away or self._modifiers & _ALT:
            return "away"
        return "common" if self._modifiers & _SHIFT else "add"


class RegionBrush(RegionTool):
    """Paints what counts with the size of the brush."""

    text = tr("Paint the region")

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

    text = tr("Draw the region")

    def __init__(self, canvas: Canvas, target: RegionTarget, settings: ToolSettings) -> None:
        super().__init__(canvas, target, settings)
        self._points: list[tuple[float, float]] = []
        self._corners: list[tuple[float, float]] = []
        self._start = QPointF()
        self._is_drag = False

    def begin(self, pointer: Pointer) -> None:
        """Begin an outline, or its next corner."""
        self._points, self._start, self._is_drag = [_place(pointer)], pointer.widget, False

    def drawn(self, pointer: Pointer) -> Mask | None:
        """Close the outline as it is so far; a click draws nothing yet."""
        if self._points[-1] != _place(pointer):
            self._points.append(_place(pointer))
        # One that has gone far is no click, even when it comes back to where it began.
        self._is_drag |= (pointer.widget - self._start).manhattanLength() >= _STILL
        if self._corners or len(self._points) < 3 or not self._is_drag:
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

    def _is_at_first(self, pointer: Pointer) -> bool:
        first = self._canvas.to_widget(QPointF(*self._corners[0]))
        return (pointer.widget - first).manhattanLength() < _NEAR


class RegionKey(RegionTool):
    """Takes what is as bright as the place that is pressed; dragging to the right takes more, to the left less."""

    text = tr("Key the region by luminance")

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


@dataclass(frozen=True, slots=True, eq=False)
class _Selected:
    """What was selected last: what counted before, how unlike things are, how it joins, and what came of it."""

    name: str
    before: Mask
    distance: Float
    how: RegionChange
    result: Mask


class RegionSimilar(RegionTool):
    """Takes what is like the place that is pressed, once that is known; dragging to the right takes more.

    As long as nothing else has changed the region, what was selected follows the tolerance.
    """

    text = tr("Select alike parts")

    def __init__(self, canvas: Canvas, target: RegionTarget, settings: ToolSettings) -> None:
        super().__init__(canvas, target, settings)
        self._count = 0
        self._distance: Float | None = None
        self._is_held = False
        self._last: _Selected | None = None

    def begin(self, pointer: Pointer) -> None:
        """Ask what is alike."""
        self._count += 1
        self._distance, self._is_held, self._last = None, True, None
        self._start, self._tolerance = pointer.widget, self._settings.alike
        self._target.ask_alike(_place(pointer), partial(self._on_found, self._count))

    def drawn(self, pointer: Pointer) -> Mask | None:
        """Take what is near enough, as far as that is known."""
        more = (pointer.widget.x() - self._start.x()) / _WAY / 100
        if self._is_held and abs(more) * 100 * _WAY >= _STILL:
            self._settings.set_alike(self._tolerance + more)
        return None if self._distance is None else within(self._distance, self._settings.alike)

    def release(self, pointer: Pointer) -> None:
        """Let it count, or wait until it is known."""
        self._is_held = False
        if self._distance is not None:
            self._finish()

    def cancel(self) -> None:
        """Give up what is asked as well."""
        self._count += 1
        self._is_held, self._last = False, None
        super().cancel()

    def give_up(self) -> bool:
        """Give up what is not known yet."""
        was_asked = self._before is not None
        self.cancel()
        return was_asked

    def follow(self) -> None:
        """Go by another tolerance, in what was selected last."""
        last = self._last
        if last is None or self._target.blocked_reason or not np.array_equal(self._target.mask, last.result):
            return
        self._commit(last.name, last.before, last.distance, last.how)

    def _on_found(self, count: int, distance: Float) -> None:
        if count != self._count or self._before is None:
            return
        self._distance, self._drawn = distance, within(distance, self._settings.alike)
        if self._is_held:
            self._target.stage(self._result())
        elif not self._target.blocked_reason:
            self._finish()

    def _finish(self) -> None:
        before, distance = self._before, self._distance
        self._before = self._drawn = None
        self._target.stage(None)
        if before is not None and distance is not None:
            self._commit(f"alike {self._count}", before, distance, self._how)

    def _commit(self, name: str, before: Mask, distance: Float, how: RegionChange) -> None:
        result = changed_region(before, within(distance, self._settings.alike), how)
        self._target.commit(result, self.text, name)
        self._last = _Selected(name, before, distance, how, result)


def _place(pointer: Pointer) -> tuple[float, float]:
    return pointer.position.x(), pointer.position.y()
