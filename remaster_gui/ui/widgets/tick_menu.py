"""A menu in which several lines are ticked: it stays open until one leaves it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

_TICKS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)


class TickMenu(QMenu):
    """Ticks by click, Space and Return without closing; a click beside it and Escape close it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pressed: QAction | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember what was pressed here: the release of the press that opened the menu ticks nothing."""
        self._pressed = self.actionAt(event.position().toPoint())
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Tick what was pressed."""
        pressed, self._pressed = self._pressed, None
        action = self.actionAt(event.position().toPoint())
        if action is None or not action.isCheckable():
            super().mouseReleaseEvent(event)
        elif action is pressed and action.isEnabled():
            action.trigger()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick what the keys have come to."""
        action = self.activeAction()
        if event.key() not in _TICKS or action is None or not action.isCheckable():
            super().keyPressEvent(event)
        elif action.isEnabled():
            action.trigger()
