"""Keys that mean more than one press: plain keys stay with text fields, some keys are held while others are pressed."""

from __future__ import annotations

from functools import partial

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)

_FIELDS = (QLineEdit, QAbstractSpinBox, QTextEdit, QPlainTextEdit, QKeySequenceEdit)
_LEAVING = (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_COMMAND = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)


class KeyFilter(QObject):
    """Watches the keys of one window, at the widget that has the focus and at the window itself.

    It could as well watch the whole application, but then every event of the program, each layout request and each
    repaint, would have to wait for Python, which other threads may be holding.

    Keys without Ctrl or Alt never become shortcuts while a text field has the focus. `hold_key` (K) is watched for
    being held. `tap_key` (Space) is a tap when it comes up without having been used to drag.
    """

    tapped = Signal()
    """The tap key came up and nothing was dragged meanwhile."""
    tap_held = Signal(bool)
    """The tap key went down or came up."""

    def __init__(self, window: QWidget, home: QWidget) -> None:
        """Watch a window; the focus goes `home` from fields that are left."""
        super().__init__(window)
        self._window, self._home = window, home
        self.hold_key = QKeySequence("K")
        self.tap_key = QKeySequence("Space")
        self.is_held = False
        self._tap_is_down = False
        self._dragged = False
        window.installEventFilter(self)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        if before is not None and before is not self._window:
            before.removeEventFilter(self)
        if now is not None and now is not self._window:
            now.installEventFilter(self)
            if before is not None and before.window() is self._window and _is_field(now):
                # Once what hides or disables the one before is through.
                QTimer.singleShot(0, self, partial(self._refuse_field, before))

    def _refuse_field(self, before: QWidget) -> None:
        """Give the focus back from a field that nobody has chosen: it fell to it since another widget went."""
        is_there = shiboken6.isValid(before) and before.isVisible() and before.isEnabled()
        if not is_there and _in_text_field() and QApplication.activeWindow() is self._window:
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)

    def note_drag(self) -> None:
        """Remember that something was dragged while the tap key was down, so that it will not count as a tap."""
        self._dragged = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every key before shortcuts do."""
        if watched is self._window and event.type() == QEvent.Type.WindowDeactivate:
            self._let_go()
        if not isinstance(event, QKeyEvent) or QApplication.activeWindow() is not self._window:
            return False
        kind = event.type()
        if kind == QEvent.Type.ShortcutOverride and _is_typed(event):
            event.accept()
            return False
        if _in_text_field():
            if kind == QEvent.Type.KeyPress and event.key() in _leaving():
                # Once the field has had the key.
                QTimer.singleShot(0, self, self._leave_field)
            return False
        if _is_key(event, self.hold_key) and not event.isAutoRepeat():
            self.is_held = kind != QEvent.Type.KeyRelease
        if not _is_key(event, self.tap_key):
            return False
        if kind == QEvent.Type.ShortcutOverride:
            # Accepted, it comes back as a plain key press, below.
            event.accept()
            return False
        return self._take_tap(event)

    def _leave_field(self) -> None:
        """Give the focus back from a field that was confirmed or given up, unless what it holds is wrong."""
        focus = QApplication.focusWidget()
        if focus is None or (_in_text_field() and not focus.property("wrong")):
            self._home.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_tap(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return True
        if event.type() == QEvent.Type.KeyPress and not self._tap_is_down:
            self._tap_is_down, self._dragged = True, False
            self.tap_held.emit(True)
        elif event.type() == QEvent.Type.KeyRelease and self._tap_is_down:
            self._tap_is_down = False
            self.tap_held.emit(False)
            if not self._dragged:
                self.tapped.emit()
        return True

    def _let_go(self) -> None:
        self.is_held = False
        if self._tap_is_down:
            self._tap_is_down = False
            self.tap_held.emit(False)


def _in_text_field() -> bool:
    return _is_field(QApplication.focusWidget())


def _is_field(widget: QWidget | None) -> bool:
    editable_box = isinstance(widget, QComboBox) and widget.isEditable()
    return isinstance(widget, _FIELDS) or editable_box


def _leaving() -> tuple[Qt.Key, ...]:
    """Return the keys that end typing where the focus is; Return begins another line where there are several."""
    has_lines = isinstance(QApplication.focusWidget(), QTextEdit | QPlainTextEdit)
    return _LEAVING[:1] if has_lines else _LEAVING


def _is_typed(event: QKeyEvent) -> bool:
    """Whether a key belongs to the text field that has the focus."""
    command = event.modifiers() & _COMMAND
    function_key = Qt.Key.Key_F1 <= event.key() <= Qt.Key.Key_F35
    return _in_text_field() and not command and not function_key


def _is_key(event: QKeyEvent, sequence: QKeySequence) -> bool:
    if sequence.isEmpty():
        return False
    combination = sequence[0]  # type: ignore[index]
    plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return combination.key() == event.key() and (
        combination.keyboardModifiers() == plain or event.type() == QEvent.Type.KeyRelease
    )
