"""A line of text that may be longer than its room."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLabel

from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme


class ElidedLabel(QLabel):
    """A line that gives up its middle for an ellipsis where there is no room; `role` is title or muted."""

    def __init__(self, text: str = "", role: str = "muted") -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(20, super().minimumSizeHint().height())

    @property
    def seen(self) -> str:
        """What there is room for."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits."""
        with painting(self) as painter:
            painter.setPen(theme.TEXT if self.property("role") == "title" else theme.MUTED)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(self.rect(), int(flags), self.seen)
