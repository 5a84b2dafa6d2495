"""Slim bars that say one thing in one sentence, where other programs put a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice, Severity
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.notice_actions import label, perform

NOTE_SECONDS = 8
"""How long a note without a button stays; warnings and faults stay until they are dismissed or withdrawn."""
_ICONS: dict[Severity, str] = {"note": "info", "warning": "warning", "fault": "fault"}
_COLORS: dict[Severity, QColor] = {"note": theme.MUTED, "warning": theme.STALE, "fault": theme.FAULT}
_STRIPE = 3.0


@dataclass(frozen=True, slots=True)
class Button:
    """What a button that helps says, and what it does; the message has gone by then."""

    text: str
    press: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence for the user. A message with the `id` of another one takes its place.

    `tip` tells more to who asks for it. `lasts`: whether it still means something when the film that is open is
    closed, or another one is opened.
    """

    text: str
    kind: Severity = "note"
    id: str = ""
    button: Button | None = None
    tip: str = ""
    lasts: bool = False


class _Bar(QWidget):
    """A row with a coloured stripe at its left: icon, sentence, and whatever the heirs append to `row`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stripe = theme.MUTED
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.icon_label = QLabel()
        self.icon_label.setFixedSize(18, 18)
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setMinimumHeight(24)
        self.button = QPushButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(14, 4, 6, 4)
        self.row.setSpacing(theme.SPACE)
        self.row.addWidget(self.icon_label)
        self.row.addWidget(self.text, 1)
        self.row.addWidget(self.button)
        self.hide()

    def set_icon(self, name: str) -> None:
        """Show an icon of the family before the sentence."""
        self.icon_label.setPixmap(icon(name).pixmap(QSize(18, 18), self.devicePixelRatioF()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw ground, stripe and a line that sets the bar apart from what lies below."""
        with painting(self) as painter:
            box = QRectF(self.rect())
            painter.fillRect(box, theme.RAISED)
            painter.fillRect(QRectF(0, 0, _STRIPE, box.height()), self.stripe)
            painter.fillRect(QRectF(0, box.bottom() - 1, box.width(), 1), theme.LINE)


class MessageBar(_Bar):
    """Shows the newest of the messages that wait; hidden while there is none. Lives on the GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._messages: list[Message] = []
        self._more = QLabel()
        self._more.setProperty("role", "muted")
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setIconSize(QSize(14, 14))
        self._close.setToolTip(tr("Dismiss"))
        self._close.setAccessibleName(tr("Dismiss"))
        self._close.clicked.connect(self._leave)
        self.button.clicked.connect(self._press)
        self.row.insertWidget(2, self._more)
        self.row.addWidget(self._close)
        self._timer = QTimer(self, singleShot=True, interval=NOTE_SECONDS * 1000)
        self._timer.timeout.connect(self._leave)

    @property
    def current(self) -> Message | None:
        """The message that is seen."""
        return self._messages[-1] if self._messages else None

    def show_message(self, message: Message) -> None:
        """Show a message above those that wait; one that says the same, or has the same id, is replaced.

        One with another id and a button stays: its way out is not that of the new one.
        """
        self._messages = [
            each
            for each in self._messages
            if (each.text != message.text or (each.button is not None and each.id != message.id))
            and (not message.id or each.id != message.id)
        ]
        self._messages.append(message)
        self._refresh()

    def show_notice(self, notice: Notice, *, id_: str = "", lasts: bool = False) -> None:
        """Show what long work has to say, as `show_message` does; the first action that it offers gets the button."""
        button = next((Button(label(each), partial(perform, each)) for each in notice.actions), None)
        self.show_message(Message(notice.text, notice.kind, id_, button, lasts=lasts))

    def withdraw(self, id_: str) -> None:
        """Take back a message that no longer holds; nothing happens if it is not there."""
        kept = [message for message in self._messages if message.id != id_]
        if len(kept) != len(self._messages):
            self._messages = kept
            self._refresh()

    def clear(self, *, also_lasting: bool = True) -> None:
        """Take back all messages, or only those that do not outlive their film."""
        self._messages = [message for message in self._messages if message.lasts and not also_lasting]
        self._refresh()

    def _leave(self) -> Message | None:
        """Take away the message that is seen; returns it."""
        if not self._messages:
            return None
        message = self._messages.pop()
        self._refresh()
        return message

    def _press(self) -> None:
        message = self._leave()
        if message is not None and message.button is not None:
            message.button.press()

    def _refresh(self) -> None:
        self._timer.stop()
        message = self.current
        self.setVisible(message is not None)
        if message is None:
            return
        self.stripe = _COLORS[message.kind]
        self.set_icon(_ICONS[message.kind])
        self.text.setText(message.text)
        self.setToolTip(message.tip)
        self.button.setText("" if message.button is None else message.button.text)
        self.button.setVisible(message.button is not None)
        waiting = len(self._messages) - 1
        self._more.setText(tr("+{waiting} more", waiting=waiting))
        self._more.setVisible(waiting > 0)
        if message.kind == "note" and message.button is None:
            self._timer.start()
        self.update()


class ReadOnlyBar(_Bar):
    """Says that the project cannot be changed here, and why; offers to go on in a copy."""

    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stripe = theme.ACCENT
        self.set_icon("lock")
        self.button.setText(tr("Save as…"))
        self.button.setToolTip(tr("Go on in a copy of the project that can be changed"))
        self.button.clicked.connect(self.copy_requested)

    def set_reason(self, reason: str) -> None:
        """Show the reason (one sentence); '' hides the bar."""
        self.text.setText(reason)
        self.setVisible(bool(reason))
