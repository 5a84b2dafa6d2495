"""The list of the reference bin, from whose pictures a colour can be picked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent, QPen
from PySide6.QtWidgets import QListWidget, QWidget

from remaster_gui.ui.painters import painting
from remaster_gui.ui.panels.reference_cards import CARD, BinCard, picture_rect
from remaster_gui.ui.style import theme

_LOUPE = QSize(108, 108)
_AWAY = 18
"""Distance of the loupe from the pointer."""
_CHIP = 18
_WITH = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier


class CardList(QListWidget):
    """Chooses cards like any list, several too; a press on a picture may be the eyedropper's."""

    picking = Signal(str, QPointF)
    """Id of a card and a place in its picture, as parts of width and height."""
    hovered = Signal(str, QPointF)
    """The pointer is over a picture: the card's id, and the place as above."""
    hover_left = Signal()
    """It is over no picture any more."""
    pick_ended = Signal(bool)
    """The button came up, or (False) Esc was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picks = False
        self.large = 0
        """Lines of large pictures; 0 for small ones, see `picture_rect`."""
        self.picks_with_ctrl = True
        """Whether a press with Ctrl is the eyedropper's; else it chooses one card more, or one less."""
        self.loupe = _Loupe(self.viewport())
        self._is_picking = False
        self.setMouseTracking(True)
        self.setSelectionMode(CardList.SelectionMode.ExtendedSelection)

    def event(self, event: QEvent) -> bool:
        """Keep the keys that choose cards for the list while it has the focus, whatever they do elsewhere."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _chooses(event):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pick where that is meant."""
        if event.button() == Qt.MouseButton.LeftButton and self._picks_at(event):
            self._is_picking = True
            self._pick(event.position())
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on picking; show where that could be begun."""
        if self._is_picking:
            self._pick(event.position())
            return
        place = self._place(event.position())
        if place is None or event.buttons():
            self.hover_left.emit()
        else:
            self.hovered.emit(*place)
        if self._picks_at(event):
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        else:
            self.viewport().unsetCursor()
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self.hover_left.emit()
        return super().viewportEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Keep what was picked."""
        if self._is_picking:
            self._end(True)
            return
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick picks are no wish to go to the frame."""
        if self._picks_at(event):
            self.mousePressEvent(event)
            return
        super().mouseDoubleClickEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes the pick back."""
        if event.key() == Qt.Key.Key_Escape and self._is_picking:
            self._end(False)
            return
        super().keyPressEvent(event)

    def _picks_at(self, event: QMouseEvent) -> bool:
        with_ctrl = self.picks_with_ctrl and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        wanted = self.picks or bool(with_ctrl)
        return wanted and self._place(event.position()) is not None

    def _place(self, position: QPointF) -> tuple[str, QPointF] | None:
        """Return the card whose picture lies at a place of the viewport, and where in the picture that is."""
        item = self.itemAt(position.toPoint())
        card: BinCard | None = None if item is None else item.data(CARD)
        if item is None or card is None or card.picture is None or card.picture.isNull():
            return None
        rect = picture_rect(self.visualItemRect(item), card.picture, self.large)
        if not rect.contains(position):
            return None
        inside = position - rect.topLeft()
        return card.reference.id, QPointF(inside.x() / rect.width(), inside.y() / rect.height())

    def _pick(self, position: QPointF) -> None:
        place = self._place(position)
        if place is not None:
            self.loupe.move_near(position.toPoint())
            self.picking.emit(*place)

    def _end(self, kept: bool) -> None:
        self._is_picking = False
        self.loupe.hide()
        self.pick_ended.emit(kept)


def _chooses(event: QKeyEvent) -> bool:
    """Whether a key moves through the list or chooses in it."""
    if event.matches(QKeySequence.StandardKey.SelectAll):
        return True
    moves = event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
    ends = event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End)
    others = event.modifiers() & ~(_WITH | Qt.KeyboardModifier.KeypadModifier)
    return not others and (moves or (ends and bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)))


class _Loupe(QWidget):
    """A few pixels, large, with the one in the middle framed, and its colour below."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._list = parent
        self._picture, self._color = QImage(), QColor()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.resize(_LOUPE)
        self.hide()

    def move_near(self, at: QPoint) -> None:
        """Stand beside the pointer, within the list."""
        room = self._list.rect()
        box = QRect(at + QPoint(_AWAY, _AWAY), self.size())
        if box.bottom() > room.bottom():
            box.moveBottom(at.y() - _AWAY)
        box.moveRight(min(box.right(), room.right()))
        self.move(box.topLeft())

    def show_pixels(self, picture: QImage, color: QColor) -> None:
        """Show other pixels; `picture` has its picked pixel in the middle."""
        self._picture, self._color = picture, color
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw pixels as squares."""
        with painting(self) as painter:
            whole = self.rect()
            painter.fillRect(whole, theme.SURROUND)
            pixels = QRectF(whole).adjusted(1, 1, -1, -_CHIP - 1)
            painter.drawImage(pixels, self._picture)
            painter.fillRect(QRectF(1, whole.height() - _CHIP, whole.width() - 2, _CHIP - 1), self._color)
            one = QSize(max(1, self._picture.width()), max(1, self._picture.height()))
            middle = QRectF(0, 0, pixels.width() / one.width(), pixels.height() / one.height())
            middle.moveCenter(pixels.center())
            for pen, grow in (
                (QPen(QColor(0, 0, 0, 190), 1), 1.0),
                (QPen(QColor(255, 255, 255, 230), 1), 0.0),
            ):
                painter.setPen(pen)
                painter.drawRect(middle.adjusted(-grow, -grow, grow, grow))
            painter.setPen(QPen(theme.LINE, 1))
            painter.drawRect(QRectF(whole).adjusted(0.5, 0.5, -0.5, -0.5))
