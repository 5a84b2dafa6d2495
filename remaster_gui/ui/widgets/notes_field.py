"""A field for notes of one thing after another, which says what was typed once typing pauses or the field is left."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit

from remaster_gui.project.schema import LONGEST_NOTES

_SETTLE_MILLISECONDS = 600
_LINES = 3


class NotesField(QPlainTextEdit):
    """A few lines of text; of what they are is named by a number, such as a frame."""

    edited = Signal(int, str)
    """What the notes are of, and how they read now."""

    def __init__(self, name: str) -> None:
        """Show nothing yet; `name` is for those who cannot see it."""
        super().__init__()
        self._subject: int | None = None
        self.setAccessibleName(name)
        self.setPlaceholderText(name)
        self.setTabChangesFocus(True)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _LINES + 14)
        self.textChanged.connect(self._on_text_changed)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._on_settled)

    def show_notes(self, subject: int | None, text: str) -> None:
        """Show the notes of something, None for nothing; what is being typed of the same thing is left alone."""
        if subject != self._subject:
            self._say_now()
        is_typing = subject == self._subject and (self._settling.isActive() or self.hasFocus())
        self._subject = subject
        if not is_typing and self.toPlainText() != text:
            with QSignalBlocker(self):
                self.setPlainText(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was typed as soon as the field is left."""
        self._say_now()
        super().focusOutEvent(event)

    def _on_text_changed(self) -> None:
        if len(self.toPlainText()) > LONGEST_NOTES:
            with QSignalBlocker(self):
                self.setPlainText(self.toPlainText()[:LONGEST_NOTES])
        self._settling.start()

    def _say_now(self) -> None:
        """Say what has been typed and not been said yet."""
        if self._settling.isActive():
            self._settling.stop()
            self._on_settled()

    def _on_settled(self) -> None:
        if self._subject is not None:
            self.edited.emit(self._subject, self.toPlainText())
