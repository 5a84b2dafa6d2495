"""Where the pointer is over the picture, whatever tool is in hand."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Signal

from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.viewer.canvas import Canvas


class HoverPoint(QObject):
    """Tells of moves over a canvas while no button is down."""

    moved = Signal(QPointF)
    """Place as parts of the picture's width and height."""
    left = Signal()
    """It is over the picture no more."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        canvas.pointer.add_grip(_Watch(self))

    def follow(self, pointer: Pointer | None) -> None:
        """Tell where it is; None: it has left the canvas."""
        size = self._canvas.view.picture
        if pointer is None or size.isEmpty():
            self.left.emit()
            return
        place = QPointF(pointer.position.x() / size.width(), pointer.position.y() / size.height())
        if 0 <= place.x() < 1 and 0 <= place.y() < 1:
            self.moved.emit(place)
        else:
            self.left.emit()


class _Watch(Interaction):
    """Takes no press and shows no cursor."""

    def __init__(self, point: HoverPoint) -> None:
        self._point = point

    def hover(self, pointer: Pointer | None) -> None:
        self._point.follow(pointer)
