"""Who has the pointer on the canvas: panning, then grips such as the wipe's line, then the tool."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from remaster_gui.ui.interaction import GestureSlot, Interaction, Pointer
from remaster_gui.ui.painters import saved
from remaster_gui.ui.viewer.viewport import Viewport


class CanvasPointer(QObject):
    """Hands presses, moves and releases of mouse and pen to grips and tool, and pans."""

    panned_while_armed = Signal()
    """The primary button pans although that is not what it is for, see `arm_panning`."""

    def __init__(self, canvas: QWidget, view: Viewport) -> None:
        """Move the picture within `view`; set the cursor of `canvas`, and draw it again after gestures."""
        super().__init__(canvas)
        self._canvas, self._view = canvas, view
        self._grips: list[Interaction] = []
        self._tool: Interaction | None = None
        self._gesture = GestureSlot()
        self._pan_from: QPointF | None = None
        self._pan_armed = False

    @property
    def tool(self) -> Interaction | None:
        """What the primary button does on the picture."""
        return self._tool

    @tool.setter
    def tool(self, tool: Interaction | None) -> None:
        self.cancel()
        if self._tool is not None:
            self._tool.hover(None)
        self._tool = tool
        self._canvas.update()

    def add_grip(self, grip: Interaction) -> None:
        """Let `grip` see every press before the tool does."""
        self._grips.append(grip)

    def arm_panning(self, armed: bool) -> None:
        """While armed (Space held) the primary button pans."""
        self._pan_armed = armed
        if armed:
            self._canvas.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self._canvas.unsetCursor()

    def press(self, pointer: Pointer) -> None:
        """Begin to pan, or offer the press to grips and tool."""
        primary = pointer.button == Qt.MouseButton.LeftButton
        if pointer.button == Qt.MouseButton.MiddleButton or (primary and self._pan_armed):
            self.cancel()
            self._pan_from = pointer.widget
            if self._pan_armed:
                self.panned_while_armed.emit()
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._gesture.press(pointer, *self._takers()):
            self._canvas.update()

    def move(self, pointer: Pointer) -> None:
        """Pan, or let the gesture in progress follow; between gestures show what the place is for."""
        if self._pan_from is not None:
            self._view.pan(pointer.widget - self._pan_from)
            self._pan_from = pointer.widget
        elif not self._gesture.move(pointer):
            self._hover(pointer)

    def release(self, pointer: Pointer) -> None:
        """End panning, or commit the gesture in progress."""
        if self._pan_from is not None:
            self._pan_from = None
            self.arm_panning(self._pan_armed)
        elif self._gesture.release(pointer):
            self._canvas.update()

    def cancel(self) -> bool:
        """Take back the gesture in progress; False when there is none."""
        self._pan_from = None
        is_cancelled = self._gesture.cancel()
        if is_cancelled:
            self._canvas.update()
        return is_cancelled

    def give_up(self) -> bool:
        """Take back the gesture in progress, or what the tool has left open between gestures; False without either."""
        return self.cancel() or (self._tool is not None and self._tool.give_up())

    def leave(self) -> None:
        """Take away what is shown of gestures while the pointer is elsewhere."""
        for taker in self._takers():
            taker.hover(None)
        self._canvas.update()

    def paint(self, painter: QPainter) -> None:
        """Draw what grips and tool show, in pixels of the widget."""
        for taker in self._takers():
            with saved(painter):
                taker.paint(painter)

    def _takers(self) -> Iterator[Interaction]:
        """Yield who is offered a press, in order."""
        yield from self._grips
        if self._tool is not None:
            yield self._tool

    def _hover(self, pointer: Pointer) -> None:
        shape = None
        for taker in self._takers():
            taker.hover(pointer)
            shape = taker.cursor(pointer) if shape is None else shape
        if not self._pan_armed:
            self._canvas.unsetCursor() if shape is None else self._canvas.setCursor(shape)
