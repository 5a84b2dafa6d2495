"""The line of a dialog that says in one sentence what is wrong with its fields, or worth knowing."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon

_LINES = 2


class ValidationLine(QWidget):
    """Icon and sentence. Its height is that of two lines always, so that the dialog does not jump."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._icon.setFixedSize(18, 18)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setMinimumHeight(self.fontMetrics().lineSpacing() * _LINES + 2)
        self.text.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE)
        row.addWidget(self._icon)
        row.addWidget(self.text, 1)
        self.say()

    def say(self, *, fault: str = "", note: str = "") -> None:
        """Show a fault, or else a note, or nothing."""
        self.text.setText(fault or note)
        self._icon.setVisible(bool(fault or note))
        if fault or note:
            name = "warning" if fault else "info"
            self._icon.setPixmap(icon(name).pixmap(QSize(18, 18), self.devicePixelRatioF()))
        color = theme.STALE if fault else theme.MUTED
        self.text.setStyleSheet(f"color: {color.name()};")
