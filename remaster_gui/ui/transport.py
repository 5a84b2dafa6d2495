"""The transport bar between viewer and timeline: where the playhead is, play and step, in and out."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import number, tr
from remaster_gui.base.timebase import format_timecode
from remaster_gui.ui.actions import Actions
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.timeline.position import parse_position

_BUTTONS = ("go_first", "step_back", "play", "step_forward", "go_last")
_MARKS = ("mark_in", "mark_out", "mark_reference", "loop")


class TimeField(QLineEdit):
    """Shows timecode; takes timecode, a frame number, or a step such as +20."""

    frame_entered = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(theme.digits_font(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("00:00:00:000") + 18)
        self.setToolTip(
            tr("<b>Where the playhead is</b> (=)<br>Type a timecode, a frame number, +20, -20 or +2s")
        )
        self.setAccessibleName(tr("Timecode"))
        self._rate, self._count, self._frame = Fraction(24), 0, 0
        self._start: str | None = None
        self._numbers: Sequence[int] | None = None
        self.returnPressed.connect(self._on_return_pressed)

    def set_film(
        self, rate: Fraction, start: str | None, frame_count: int, numbers: Sequence[int] | None = None
    ) -> None:
        """Count as this film does, or as its pictures are numbered."""
        self._rate, self._count, self._numbers = rate, frame_count, numbers
        self._start = start
        self.set_frame(0)

    def set_frame(self, frame: int) -> None:
        """Show where the playhead is, unless something is being typed."""
        self._frame = frame
        if not self.hasFocus() or not self.isModified():
            self.setText(format_timecode(frame, self._rate, self._start))
            if self.hasFocus():
                self.selectAll()

    def begin_typing(self) -> None:
        """Take the keyboard."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves the field as it was; Return is its own, also where a dialog has a button for it."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Drop what was not confirmed."""
        self.setStyleSheet("")
        self.setProperty("wrong", False)
        self.setModified(False)
        super().focusOutEvent(event)
        self.set_frame(self._frame)

    def _on_return_pressed(self) -> None:
        try:
            frame = parse_position(
                self.text(), self._frame, self._count, self._rate, self._start, self._numbers
            )
        except SettingsError as error:
            self.setToolTip(str(error))
            self.setProperty("wrong", True)
            self.setStyleSheet(f"border: 1px solid {theme.FAULT.name()};")
            self.selectAll()
            return
        self._leave()
        self.frame_entered.emit(frame)

    def _leave(self) -> None:
        self.setStyleSheet("")
        self.setProperty("wrong", False)
        self.setModified(False)
        self.clearFocus()


class TransportBar(QWidget):
    """One row: timecode at the left, transport in the middle, marks and facts at the right."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        self.time = TimeField(self)
        self._frame = QLabel(self)
        self._frame.setProperty("role", "muted")
        self._speed = QLabel(self)
        self._speed.setProperty("role", "muted")
        self._facts = QLabel(self)
        self._facts.setProperty("role", "muted")
        self._facts.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._play = actions["play"]
        self._count = 0
        self._numbers: Sequence[int] | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE, 4, theme.SPACE, 4)
        row.setSpacing(3)
        left, right = QHBoxLayout(), QHBoxLayout()
        left.addWidget(self.time)
        left.addSpacing(theme.SPACE)
        left.addWidget(self._frame)
        left.addStretch(1)
        right.addWidget(self._speed)
        right.addStretch(1)
        right.addWidget(self._facts)
        row.addLayout(left, 1)
        for id_ in _BUTTONS:
            row.addWidget(_button(actions, id_, 22))
        row.addSpacing(theme.SPACE * 2)
        for id_ in _MARKS:
            row.addWidget(_button(actions, id_, 18))
        row.addSpacing(theme.SPACE)
        row.addLayout(right, 1)

    def set_film(
        self,
        rate: Fraction,
        start: str | None,
        frame_count: int,
        facts: str,
        numbers: Sequence[int] | None = None,
    ) -> None:
        """Begin with another film; `facts` is a short line such as its size and rate."""
        self._count, self._numbers = frame_count, numbers
        self.time.set_film(rate, start, frame_count, numbers)
        self._facts.setText(facts)
        self.set_frame(0)

    def set_frame(self, frame: int) -> None:
        """Show where the playhead is."""
        self.time.set_frame(frame)
        place = tr("frame {frame} of {count}", frame=frame, count=self._count)
        if self._numbers is not None:
            place = tr("picture {numbers}, {place}", numbers=self._numbers[frame], place=place)
        self._frame.setText(place if self._count else "")

    def set_playing(self, speed: float, true_rate: float | None) -> None:
        """Show the speed (0: stopped; negative: backwards) and how many frames a second are really shown."""
        self._play.setIcon(icon("pause" if speed else "play"))
        text = "" if speed in (0, 1) else f"{number(speed, '+g')}×"
        if speed and true_rate is not None:
            text = f"{text}  {tr('{rate:.1f} fps', rate=true_rate)}".strip()
        self._speed.setText(text)


def _button(actions: Actions, id_: str, size: int) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(actions[id_])
    button.setIconSize(QSize(size, size))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
