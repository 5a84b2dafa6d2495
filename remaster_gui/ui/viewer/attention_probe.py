"""The probe: points at a place of the frame whose colours are to be traced back to the references."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from remaster_gui.document.view_state import ViewState
from remaster_gui.ui.interaction import Interaction, Pointer
from remaster_gui.ui.style import theme
from remaster_gui.ui.viewer.canvas import Canvas

_HOVER_MILLISECONDS = 40
"""Least time between two questions while the pointer moves; the newest place is always asked for."""
_ARM = 11.0
_HOLE = 4.0


class AttentionProbe(QObject, Interaction):
    """A tool of the canvas. While hovering the place follows the pointer; a click pins it, another one frees it."""

    point_requested = Signal(float, float, bool)
    """x and y in pixels of the picture, and whether the coarse layer is asked."""
    point_left = Signal()
    """No place is pointed at any more."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.pinned = False
        self._point: QPointF | None = None
        self._cell: QRectF | None = None
        self._timer = QTimer(self, singleShot=True, interval=_HOVER_MILLISECONDS)
        self._timer.timeout.connect(self._ask)
        self.look_at(ViewState())

    def look_at(self, view: ViewState) -> None:
        """Ask the layer that `view` says from now on, at once if there is a place."""
        self._view = view
        view.events.layer.connect(self.ask_again)

    @property
    def point(self) -> QPointF | None:
        """The place in picture pixels; None for none."""
        return self._point

    def set_cell(self, cell: tuple[float, float, float, float] | None) -> None:
        """Show the rectangle (x, y, width, height in picture pixels) that the answer stands for."""
        self._cell = None if cell is None else QRectF(*cell)
        self._canvas.update()

    def ask_again(self) -> None:
        """Ask for the same place: another frame is shown, or the references have changed."""
        self._cell = None
        if self._point is not None:
            self._ask()

    def unpin(self) -> None:
        """Let the place follow the pointer again."""
        self.pinned = False
        self._leave()

    def press(self, pointer: Pointer) -> bool:
        """Pin the place under the pointer; a click on a pinned place frees it."""
        if pointer.button != Qt.MouseButton.LeftButton or not self._is_inside(pointer.position):
            return False
        if self.pinned and self._is_near(pointer):
            self.pinned = False
        else:
            self.pinned = True
            self._go(pointer.position)
        return True

    def move(self, pointer: Pointer) -> None:
        """Drag the place along."""
        if self.pinned and self._is_inside(pointer.position):
            self._go(pointer.position)

    def hover(self, pointer: Pointer | None) -> None:
        """Follow the pointer unless pinned."""
        if self.pinned:
            return
        if pointer is None or not self._is_inside(pointer.position):
            self._leave()
        else:
            self._go(pointer.position)

    def cursor(self, pointer: Pointer) -> Qt.CursorShape | None:
        """Give way to the crosshair."""
        return Qt.CursorShape.CrossCursor if self._is_inside(pointer.position) else None

    def paint(self, painter: QPainter) -> None:
        """Draw the cell and a crosshair with an open middle, in every pane."""
        if self._point is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme.ACCENT if self.pinned else theme.TEXT
        for pane in range(self._canvas.pane_count()):
            painter.setClipRect(self._canvas.pane_rect(pane))
            if self._cell is not None:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
                box = self._canvas.transform(pane).map(QPolygonF(self._cell))
                painter.drawPolygon(box)
                painter.setPen(QPen(color, 1))
                painter.drawPolygon(box)
            at = self._canvas.to_widget(self._point, pane)
            for pen in (QPen(QColor(0, 0, 0, 170), 3), QPen(color, 1.3)):
                painter.setPen(pen)
                for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    arm = QPointF(x, y)
                    painter.drawLine(at + arm * _HOLE, at + arm * _ARM)

    def _go(self, point: QPointF) -> None:
        if point == self._point:
            return
        self._point = QPointF(point)
        if not self._timer.isActive():
            self._timer.start()
        self._canvas.update()

    def _ask(self) -> None:
        if self._point is not None:
            self.point_requested.emit(self._point.x(), self._point.y(), self._view.layer == "coarse")

    def _leave(self) -> None:
        self._timer.stop()
        self._cell = None
        if self._point is not None:
            self._point = None
            self.point_left.emit()
            self._canvas.update()

    def _is_inside(self, position: QPointF) -> bool:
        size = self._canvas.view.picture
        return 0 <= position.x() < size.width() and 0 <= position.y() < size.height()

    def _is_near(self, pointer: Pointer) -> bool:
        if self._point is None:
            return False
        pane = int(self._canvas.pane_count() == 2 and pointer.widget.x() > self._canvas.width() / 2)
        offset = self._canvas.to_widget(self._point, pane) - pointer.widget
        return offset.manhattanLength() <= _ARM
