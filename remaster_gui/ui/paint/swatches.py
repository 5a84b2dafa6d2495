"""Small squares of colour: the two at hand, a row of recent ones, and a palette that can be put in order."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from remaster_gui.base.language import tr
from remaster_gui.project.schema import Swatch
from remaster_gui.ui.accessible_roles import give_role
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme

CELL = 24
_GAP = 3


class ColorPair(QWidget):
    """Foreground over background, as painters know it; a click swaps them."""

    swap_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._front, self._back = QColor("white"), QColor("black")
        self.setFixedSize(54, 44)
        self.setToolTip(tr("<b>The two colours at hand</b><br>The front one paints; click or X swaps them"))
        self.setAccessibleName(tr("Colours at hand"))
        give_role(self, QAccessible.Role.ColorChooser)

    def set_colors(self, front: str, back: str) -> None:
        """Show two colours (#rrggbb)."""
        self._front, self._back = QColor(front), QColor(back)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Swap."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.swap_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both."""
        with painting(self) as painter:
            for rect, color in ((QRect(22, 15, 30, 28), self._back), (QRect(1, 1, 34, 30), self._front)):
                paint_cell(painter, rect, color)


class SwatchGrid(QWidget):
    """Squares in rows, as many in each as fit. Shows what it is told and says what the user wishes.

    With `can_edit` they can be dragged into another order; Delete and F2 (or the menu) remove and rename.
    """

    chosen = Signal(int)
    """The swatch at this place was clicked."""
    moved = Signal(int, int)
    """The swatch at the first place is to be put at the second."""
    remove_requested = Signal(int)
    rename_requested = Signal(int)
    menu_requested = Signal(int, QPoint)
    """Place of the swatch, or -1; where on the screen."""
    hovered = Signal(int)
    """Place of the swatch under the pointer, or -1."""

    def __init__(self, *, can_edit: bool, rows: int = 1, parent: QWidget | None = None) -> None:
        """`rows`: how many there is room for at least."""
        super().__init__(parent)
        self._swatches: tuple[Swatch, ...] = ()
        self._can_edit, self._least_rows = can_edit, rows
        self._current = self._hovered = -1
        self._pressed: QPoint | None = None
        self._dropped_at: int | None = None
        self.setMouseTracking(True)
        give_role(self, QAccessible.Role.ColorChooser)
        if can_edit:
            self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def current(self) -> int:
        """Place of the swatch that was clicked last, or -1."""
        return self._current

    def set_swatches(self, swatches: Sequence[Swatch], current: int = -1) -> None:
        """Show swatches in their order."""
        self._swatches, self._current = tuple(swatches), current
        self._hovered = min(self._hovered, len(self._swatches) - 1)
        self.updateGeometry()
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()

    def set_editable(self, editable: bool) -> None:
        """Let swatches be moved, renamed and removed, or not."""
        self._can_edit = editable

    def cell(self, place: int) -> QRect:
        """Return where a swatch is drawn."""
        row, column = divmod(place, self._columns(self.width()))
        step = CELL + _GAP
        return QRect(column * step, row * step, CELL, CELL)

    def place_at(self, position: QPoint) -> int:
        """Return the place of the swatch at a position, or -1."""
        return next((n for n in range(len(self._swatches)) if self.cell(n).contains(position)), -1)

    def sizeHint(self) -> QSize:
        """Eight in a row."""
        width = 8 * (CELL + _GAP) - _GAP
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Three in a row."""
        return QSize(3 * (CELL + _GAP), CELL)

    def hasHeightForWidth(self) -> bool:
        """Be the higher, the narrower."""
        return True

    def heightForWidth(self, width: int) -> int:
        """All rows."""
        rows = max(self._least_rows, -(-len(self._swatches) // self._columns(width)))
        return rows * (CELL + _GAP) - _GAP

    def _columns(self, width: int) -> int:
        return max(1, (width + _GAP) // (CELL + _GAP))

    def _gap_at(self, position: QPoint) -> int:
        """Return the place before which something dropped here would go."""
        columns = self._columns(self.width())
        step = CELL + _GAP
        row = min(max(0, position.y() // step), (len(self._swatches) - 1) // columns)
        column = min(max(0, (position.x() + step // 2) // step), columns)
        return min(row * columns + column, len(self._swatches))

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rows may have become more or fewer."""
        self.setFixedHeight(self.heightForWidth(event.size().width()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a swatch, which may become a drag."""
        place = self.place_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or place < 0:
            return
        self._current, self._pressed = place, event.position().toPoint()
        self.update()
        self.chosen.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover, or drag the swatch to another place."""
        position = event.position().toPoint()
        if self._pressed is None:
            self._hover(self.place_at(position))
            return
        far = (position - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if self._can_edit and (far or self._dropped_at is not None):
            self._dropped_at = self._gap_at(position)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop."""
        gap, self._dropped_at, self._pressed = self._dropped_at, None, None
        self.unsetCursor()
        self.update()
        if gap is None:
            return
        target = gap - 1 if gap > self._current else gap
        if target != self._current:
            self.moved.emit(self._current, target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename."""
        place = self.place_at(event.position().toPoint())
        if self._can_edit and place >= 0:
            self._pressed = None
            self.rename_requested.emit(place)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done."""
        place = self.place_at(event.pos())
        if self._can_edit:
            self._current = place if place >= 0 else self._current
            self.update()
            self.menu_requested.emit(place, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move on among the swatches, rename or remove the current one; Esc ends a drag."""
        key = event.key()
        if key == Qt.Key.Key_Escape and self._dropped_at is not None:
            self._dropped_at = self._pressed = None
            self.unsetCursor()
            self.update()
        elif self._can_edit and self._current >= 0 and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit(self._current)
        elif self._can_edit and self._current >= 0 and key == Qt.Key.Key_F2:
            self.rename_requested.emit(self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Explain the swatch under the pointer; keep Delete and F2 for swatches while these have the focus."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = self.place_at(event.pos())
            if place < 0:
                QToolTip.hideText()
            else:
                swatch = self._swatches[place]
                QToolTip.showText(event.globalPos(), f"<b>{escape(swatch.name)}</b><br>{swatch.color}", self)
            return True
        mine = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, Qt.Key.Key_F2)
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and event.key() in mine and self._current >= 0:
            event.accept()
            return True
        return super().event(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered any more."""
        self._hover(-1)

    def _hover(self, place: int) -> None:
        if place != self._hovered:
            self._hovered = place
            self.hovered.emit(place)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the squares, and where one would be dropped."""
        with painting(self) as painter:
            for place, swatch in enumerate(self._swatches):
                rect = self.cell(place)
                painter.setOpacity(1.0 if self.isEnabled() else 0.4)
                paint_cell(painter, rect, QColor(swatch.color), lit=place == self._hovered)
                if self._can_edit and place == self._current and self.hasFocus():
                    painter.setPen(QPen(theme.ACCENT, 1))
                    painter.drawRect(rect.adjusted(0, 0, -1, -1))
            if self._dropped_at is not None:
                rect = self.cell(self._dropped_at)
                painter.fillRect(rect.left() - 2, rect.top(), 2, rect.height(), theme.ACCENT)


def paint_cell(painter: QPainter, rect: QRect, color: QColor, *, lit: bool = False) -> None:
    """Draw one square with an edge that sets it apart from any surround."""
    painter.fillRect(rect, theme.TEXT if lit else theme.LINE)
    painter.fillRect(rect.adjusted(1, 1, -1, -1), color)
