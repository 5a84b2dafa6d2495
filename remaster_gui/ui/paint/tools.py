"""The tools: brush, eraser, fill and eyedropper, as gestures on the canvas.

With any of them Ctrl picks a colour, and Shift changes the brush: sideways its size, up and down its hardness.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter

from remaster_gui.base.language import tr
from remaster_gui.painting.color_values import Lab
from remaster_gui.painting.raster import Box
from remaster_gui.painting.stroke import Mode, Stroke
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.paint.marks import chip_margin, paint_chip, paint_ring, ring_margin
from remaster_gui.ui.paint.target import PaintTarget
from remaster_gui.ui.paint.tool_settings import ToolSettings
from remaster_gui.ui.paint.work import PaintWork
from remaster_gui.ui.viewer.canvas import Canvas

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_HARDNESS_WAY = 160.0
"""Pixels of the widget from softest to hardest."""


class _Picking:
    """Takes the colour under the pointer as long as the button is down."""

    def __init__(self, settings: ToolSettings, target: PaintTarget) -> None:
        self._settings, self._target = settings, target
        self.before = settings.foreground
        self.picked: Lab | None = None

    def move(self, pointer: Pointer) -> None:
        self.picked = self._target.pick(pointer.position)
        if self.picked is not None:
            self._settings.set_foreground(self.picked)

    def cancel(self) -> None:
        self._settings.set_foreground(self.before)


class _Resizing:
    """Changes the brush while its ring stays where the button went down, and its edge follows the pointer."""

    def __init__(self, settings: ToolSettings, pointer: Pointer) -> None:
        self._settings, self._start = settings, pointer
        self._before = settings.brush
        self.at = pointer.widget

    def move(self, pointer: Pointer) -> None:
        sideways = pointer.position.x() - self._start.position.x()
        upwards = self._start.widget.y() - pointer.widget.y()
        self._settings.change_brush(
            size=round(self._before.size + 2 * sideways),
            hardness=self._before.hardness + upwards / _HARDNESS_WAY,
        )

    def cancel(self) -> None:
        self._settings.change_brush(size=self._before.size, hardness=self._before.hardness)


class PaintTool(QObject, Interaction):
    """What all tools share: picking, changing the brush, and feedback at the pointer."""

    has_ring = True
    pointed = Signal(QPointF)
    """The pointer is over this place of the picture, and nothing is being painted."""

    def __init__(self, canvas: Canvas, target: PaintTarget, settings: ToolSettings, work: PaintWork) -> None:
        super().__init__(work)
        self._canvas, self._target, self._settings, self._work = canvas, target, settings, work
        self._aside: _Picking | _Resizing | None = None
        self._at: QPointF | None = None
        self._drawn = QRectF()
        settings.brush_changed.connect(self._refresh)

    # What a tool is

    def begin(self, pointer: Pointer) -> bool:
        """Begin what the tool is for; False if it cannot."""
        raise NotImplementedError

    def follow(self, pointer: Pointer) -> None:
        """Go on with it."""

    def complete(self, pointer: Pointer) -> None:
        """Commit it."""

    def withdraw(self) -> None:
        """Take it back."""

    # Gestures

    def press(self, pointer: Pointer) -> bool:
        """Begin what button and keys say."""
        if pointer.button != Qt.MouseButton.LeftButton:
            return False
        self._at = pointer.widget
        if pointer.modifiers & _CTRL:
            self._aside = _Picking(self._settings, self._target)
            self._aside.move(pointer)
        elif pointer.modifiers & _SHIFT:
            self._aside = _Resizing(self._settings, pointer)
        elif not self.begin(pointer):
            return False
        self._refresh()
        return True

    def move(self, pointer: Pointer) -> None:
        """Follow the pointer."""
        self._at = pointer.widget
        if self._aside is not None:
            self._aside.move(pointer)
        else:
            self.follow(pointer)
        self._refresh()

    def release(self, pointer: Pointer) -> None:
        """Commit what was begun."""
        aside, self._aside = self._aside, None
        if aside is None:
            self.complete(pointer)
        self._refresh()
        self.pointed.emit(pointer.position)

    def cancel(self) -> None:
        """Take back what was begun."""
        aside, self._aside = self._aside, None
        if aside is None:
            self.withdraw()
        else:
            aside.cancel()
        self._refresh()

    def hover(self, pointer: Pointer | None) -> None:
        """Let the ring follow."""
        self._at = None if pointer is None else pointer.widget
        self._refresh()
        if pointer is not None:
            self.pointed.emit(pointer.position)

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Where there is a ring there is no other cursor."""
        if pointer.modifiers & _CTRL or not self.has_ring:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.BlankCursor

    def paint(self, painter: QPainter) -> None:
        """Draw ring or picked colour."""
        if self._at is None:
            return
        if isinstance(self._aside, _Picking):
            paint_chip(painter, self._at, self._aside.picked, self._aside.before)
        elif self.has_ring or isinstance(self._aside, _Resizing):
            paint_ring(painter, self._outline(), self._settings.brush.hardness)

    def _outline(self) -> QRectF:
        """Return the brush's outline in pixels of the widget."""
        assert self._at is not None
        box = QRectF(QPointF(), self._canvas.view.scale * self._settings.brush.size)
        box.moveCenter(self._aside.at if isinstance(self._aside, _Resizing) else self._at)
        return box

    def _refresh(self) -> None:
        """Draw the feedback again, there where it was and where it is."""
        now = QRectF()
        if self._at is not None:
            now = ring_margin(self._outline()).united(chip_margin(self._at))
        self._canvas.update(self._drawn.united(now).toAlignedRect())
        self._drawn = now

    def _can_paint(self) -> bool:
        """Tell the user if not."""
        reason = self._target.blocked_reason or self._work.blocked_reason
        if reason:
            self._target.refuse(reason)
        return not reason and self._target.raster is not None


class StrokeTool(PaintTool):
    """The chroma brush, or the eraser; the other end of a pen erases with both."""

    def __init__(
        self,
        canvas: Canvas,
        target: PaintTarget,
        settings: ToolSettings,
        work: PaintWork,
        mode: Mode = "paint",
    ) -> None:
        super().__init__(canvas, target, settings, work)
        self._mode: Mode = mode
        self._stroke: Stroke | None = None
        self._is_erasing = False

    @property
    def is_painting(self) -> bool:
        """Whether a stroke is in progress."""
        return self._stroke is not None

    def begin(self, pointer: Pointer) -> bool:
        """Put the first dab."""
        raster = self._target.raster
        if not self._can_paint() or raster is None:
            return False
        self._work.give_way()
        self._is_erasing = self._mode == "erase" or pointer.is_eraser
        self._stroke = Stroke(raster, self._settings.brush, "erase" if self._is_erasing else "paint")
        self.follow(pointer)
        return True

    def follow(self, pointer: Pointer) -> None:
        """Paint on to the pointer."""
        if self._stroke is not None:
            place = pointer.position
            self._show(self._stroke.advance(place.x(), place.y(), pointer.pressure))

    def complete(self, pointer: Pointer) -> None:
        """Commit the stroke as one change."""
        stroke, self._stroke = self._stroke, None
        if stroke is None:
            return
        place = pointer.position
        # A pen that is lifted reports no pressure any more: the last dab would shrink to nothing.
        if pointer.pressure > 0.0:
            self._show(stroke.advance(place.x(), place.y(), pointer.pressure))
        self._show(stroke.settle())
        delta = stroke.finish()
        if delta is None:
            return
        self._target.commit(delta, tr("Erase") if self._is_erasing else tr("Paint"))
        if not self._is_erasing:
            self._settings.note_use()
        self._work.follow()

    def withdraw(self) -> None:
        """Leave the raster as it was before the stroke."""
        stroke, self._stroke = self._stroke, None
        box = None if stroke is None else stroke.cancel()
        if box is not None:
            self._target.pixels_changed(box)

    def _show(self, boxes: list[Box]) -> None:
        for box in boxes:
            self._target.pixels_changed(box)


class FillTool(PaintTool):
    """Fills the region that is clicked, when the button comes up."""

    has_ring = False

    def begin(self, pointer: Pointer) -> bool:
        """See whether there is something to fill."""
        reason = self._target.blocked_reason
        if reason:
            self._target.refuse(reason)
        return not reason and self._target.raster is not None

    def complete(self, pointer: Pointer) -> None:
        """Fill."""
        self._work.fill(pointer.position.x(), pointer.position.y())


class EyedropperTool(PaintTool):
    """Picks without Ctrl; `picked` is called after each pick, to go back to the tool before."""

    has_ring = False

    def __init__(
        self,
        canvas: Canvas,
        target: PaintTarget,
        settings: ToolSettings,
        work: PaintWork,
        picked: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(canvas, target, settings, work)
        self._picked = picked

    def press(self, pointer: Pointer) -> bool:
        """Pick from here on."""
        if pointer.button != Qt.MouseButton.LeftButton:
            return False
        self._at = pointer.widget
        self._aside = _Picking(self._settings, self._target)
        self._aside.move(pointer)
        self._refresh()
        return True

    def release(self, pointer: Pointer) -> None:
        """Keep the colour."""
        super().release(pointer)
        if self._picked is not None:
            self._picked()
