"""The job list: exports that wait, run, are done or failed, with what can be done about each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.ui.common import theme
from remaster_gui.ui.common.elided_label import ElidedLabel
from remaster_gui.ui.common.icons import icon
from remaster_gui.ui.common.wording import counted, duration, frame_rate

JobState = Literal["waiting", "running", "paused", "interrupted", "done", "failed", "cancelled"]
"""``paused`` by the user; ``interrupted`` by the end of the program: finished parts are there, it can go on."""

_STATE_NAMES: dict[JobState, str] = {
    "waiting": "waiting",
    "running": "rendering",
    "paused": "paused",
    "interrupted": "interrupted",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
_UNFINISHED = ("waiting", "running", "paused", "interrupted")
_STEPS = 1000


@dataclass(frozen=True, slots=True)
class JobRow:
    """What the list shows of a job.

    `done` and `total` count frames, `rate` frames a second (0: unknown). `note`: one sentence, why it failed or what
    it is doing before the first frame. `preset`: title of the format.
    """

    id: str
    output: Path
    preset: str
    state: JobState
    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float | None = None
    note: str = ""


class JobsPanel(QWidget):
    """Shows rows and says what the user wishes; every wish carries the job's id."""

    pause_requested = Signal(str)
    resume_requested = Signal(str)
    """A paused, interrupted, cancelled or failed job is to go on where it was."""
    cancel_requested = Signal(str)
    reveal_requested = Signal(object)
    """Path of a finished output that is to be shown in the file manager."""
    remove_requested = Signal(str)
    """The job is to be listed no longer; what it has written stays."""
    export_requested = Signal()
    """A new export is to be set up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: dict[str, JobCard] = {}
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(1)
        self._empty = QLabel(
            "No exports yet.\n\nAn export (Ctrl+E) renders in the background while you go on painting."
        )
        self._empty.setWordWrap(True)
        self._empty.setProperty("role", "muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(12, 24, 12, 24)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._empty)
        column.addLayout(self._list)
        column.addStretch(1000)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self._add = _button("plus", "<b>Export film…</b> (Ctrl+E)", self.export_requested.emit)
        self._clear = _button("trash", "<b>Clear list</b><br>Take away jobs that are over", self._on_clear)
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 4, 4, 4)
        bar.setSpacing(2)
        bar.addWidget(self._add)
        bar.addWidget(self._clear)
        bar.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(area, 1)
        self.setMinimumWidth(230)
        self._rows: Sequence[JobRow] = ()
        self.set_rows(())

    def set_rows(self, rows: Sequence[JobRow]) -> None:
        """Show these jobs in their order; cards that stay are only brought up to date."""
        kept = {row.id for row in rows}
        for id_ in [id_ for id_ in self._cards if id_ not in kept]:
            card = self._cards.pop(id_)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        for place, row in enumerate(rows):
            card = self._cards.get(row.id) or self._new_card(row)
            if self._list.indexOf(card) != place:
                self._list.removeWidget(card)
                self._list.insertWidget(place, card)
            card.set_row(row)
        self._rows = rows
        self._empty.setVisible(not rows)
        self._clear.setEnabled(any(row.state not in _UNFINISHED for row in rows))

    def card(self, id_: str) -> JobCard:
        """Return the card of a job."""
        return self._cards[id_]

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether a new export can be set up: a film is open."""
        self._add.setEnabled(enabled)

    def _new_card(self, row: JobRow) -> JobCard:
        card = JobCard(row)
        card.pause.clicked.connect(lambda: self.pause_requested.emit(card.row.id))
        card.resume.clicked.connect(lambda: self.resume_requested.emit(card.row.id))
        card.cancel.clicked.connect(lambda: self.cancel_requested.emit(card.row.id))
        card.reveal.clicked.connect(lambda: self.reveal_requested.emit(card.row.output))
        card.remove.clicked.connect(lambda: self.remove_requested.emit(card.row.id))
        self._cards[row.id] = card
        return card

    def _on_clear(self) -> None:
        for row in [row for row in self._rows if row.state not in _UNFINISHED]:
            self.remove_requested.emit(row.id)


class JobCard(QWidget):
    """One job: name and format, buttons, progress, and a line that tells where it stands."""

    def __init__(self, row: JobRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.name, self.format = ElidedLabel(role="title"), ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setFixedHeight(8)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.line = QLabel()
        self.line.setWordWrap(True)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.pause = _button("pause", "<b>Pause</b><br>Frees the processor; it can go on later")
        self.resume = _button("play", "<b>Go on</b> where it was")
        self.cancel = _button("stop", "<b>Cancel</b><br>Stop and give the export up")
        self.reveal = _button("reveal", "<b>Show in folder</b>")
        self.remove = _button("close", "<b>Take off the list</b><br>Files stay where they are")
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        for button in (self.resume, self.pause, self.cancel, self.reveal, self.remove):
            buttons.addWidget(button)
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 6, 10)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.name, 0, 0)
        grid.addLayout(buttons, 0, 1)
        grid.addWidget(self.format, 1, 0, 1, 2)
        grid.addWidget(self.bar, 2, 0, 1, 2)
        grid.addWidget(self.line, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.set_row(row)

    def set_row(self, row: JobRow) -> None:
        """Show where the job stands."""
        self.row = row
        self.name.setText(row.output.name)
        self.name.setToolTip(str(row.output))
        self.format.setText(row.preset)
        state = row.state
        self.pause.setVisible(state in ("running", "waiting"))
        self.resume.setVisible(state in ("paused", "interrupted", "failed", "cancelled"))
        self.cancel.setVisible(state in _UNFINISHED)
        self.reveal.setVisible(state == "done")
        self.remove.setVisible(state not in _UNFINISHED)
        self.bar.setVisible(state in _UNFINISHED)
        preparing = state == "running" and not row.done and not row.rate
        self.bar.setRange(0, 0 if preparing else _STEPS)
        self.bar.setValue(round(_STEPS * row.done / row.total) if row.total else 0)
        self.bar.setEnabled(state == "running")
        self.line.setText(describe(row))
        color = {"failed": theme.FAULT, "done": theme.CURRENT}.get(state, theme.MUTED)
        self.line.setStyleSheet(f"color: {color.name()};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card's ground."""
        QPainter(self).fillRect(QRectF(self.rect()), theme.PANEL)


def describe(row: JobRow) -> str:
    """Write where a job stands, in one line: ``120 of 240 frames · 0.81 frames/s · 2:28 left``."""
    if row.state == "failed" and row.note:
        return row.note
    if row.state == "done":
        return f"done · {counted(row.total, 'frame')}"
    if row.state == "running" and not row.done and row.note:
        return row.note
    parts = [] if row.state == "running" and row.total else [_STATE_NAMES[row.state]]
    if row.total and (row.done or row.state != "waiting"):
        parts.append(f"{row.done} of {counted(row.total, 'frame')}")
    if row.state == "running":
        parts.append(frame_rate(row.rate))
        parts.append(f"{duration(row.seconds_left)} left" if row.seconds_left is not None else "")
    return " · ".join(part for part in parts if part)


def _button(name: str, tip: str, slot: object = None) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(name))
    button.setIconSize(QSize(16, 16))
    button.setAutoRaise(True)
    button.setToolTip(tip)
    button.setAccessibleName(tip.removeprefix("<b>").partition("</b>")[0])
    if slot is not None:
        button.clicked.connect(slot)
    return button
