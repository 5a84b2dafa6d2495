"""The job list: exports that wait, run, are done or failed, with what can be done about each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.engine.export_list import UNFINISHED, ExportJob, JobState
from remaster_gui.media import find_preset
from remaster_gui.ui.painters import painting
from remaster_gui.ui.style import theme
from remaster_gui.ui.style.icons import icon
from remaster_gui.ui.widgets.elided_label import ElidedLabel
from remaster_gui.ui.widgets.scrolling import scrolling
from remaster_gui.ui.wording import duration, frame_rate

_STATE_NAMES: dict[JobState, str] = {
    "waiting": tr("waiting"),
    "running": tr("rendering"),
    "paused": tr("paused"),
    "interrupted": tr("interrupted"),
    "done": tr("done"),
    "failed": tr("failed"),
    "cancelled": tr("cancelled"),
}
_STEPS = 1000


class JobsPanel(QWidget):
    """Shows jobs and says what the user wishes; every wish carries the job's id."""

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
        self.nothing = QLabel(
            tr("No exports yet.\n\nAn export (Ctrl+E) renders in the background while you go on painting.")
        )
        self.nothing.setWordWrap(True)
        self.nothing.setProperty("role", "muted")
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setContentsMargins(12, 24, 12, 24)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.nothing)
        column.addLayout(self._list)
        column.addStretch(1000)
        self._area = scrolling(page)
        self._running = ""
        self._has_begun = False
        """Whether nothing has been told of the running job but that it runs; it is to be seen once it has its place."""
        self._area.verticalScrollBar().rangeChanged.connect(self._show_begun)
        self._add = _button("plus", tr("<b>Export film…</b> (Ctrl+E)"), self.export_requested.emit)
        self.clear_button = _button(
            "trash", tr("<b>Clear list</b><br>Take away jobs that are over"), self._on_clear
        )
        bar = QHBoxLayout()
        bar.setContentsMargins(4, 4, 4, 4)
        bar.setSpacing(2)
        bar.addWidget(self._add)
        bar.addWidget(self.clear_button)
        bar.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(bar)
        whole.addWidget(self._area, 1)
        self.setMinimumWidth(230)
        self._jobs: Sequence[ExportJob] = ()
        self.set_jobs(())

    def set_jobs(self, jobs: Sequence[ExportJob]) -> None:
        """Show these jobs in their order; cards that stay are only brought up to date."""
        kept = {job.id for job in jobs}
        for id_ in [id_ for id_ in self._cards if id_ not in kept]:
            card = self._cards.pop(id_)
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        running = next((job for job in jobs if job.state == "running"), None)
        ahead = "" if running is None else running.output.name
        for place, job in enumerate(jobs):
            card = self._cards.get(job.id) or self._new_card(job)
            if self._list.indexOf(card) != place:
                self._list.removeWidget(card)
                self._list.insertWidget(place, card)
            card.set_job(job, ahead)
        self._jobs = jobs
        if running is not None:
            self._has_begun, self._running = running.id != self._running, running.id
            self._show_begun()
        self.nothing.setVisible(not jobs)
        self.clear_button.setEnabled(any(job.state not in UNFINISHED for job in jobs))

    def _show_begun(self) -> None:
        """Bring what has just begun into sight, however many are listed before it."""
        if self._has_begun and self._running in self._cards:
            self._area.ensureWidgetVisible(self._cards[self._running], 0, 0)

    def card(self, id_: str) -> JobCard:
        """Return the card of a job."""
        return self._cards[id_]

    def set_export_enabled(self, enabled: bool) -> None:
        """Say whether a new export can be set up: a film is open."""
        self._add.setEnabled(enabled)

    def _new_card(self, job: ExportJob) -> JobCard:
        card = JobCard(job)
        card.pause.clicked.connect(lambda: self.pause_requested.emit(card.job.id))
        card.resume.clicked.connect(lambda: self.resume_requested.emit(card.job.id))
        card.cancel.clicked.connect(lambda: self.cancel_requested.emit(card.job.id))
        card.reveal.clicked.connect(lambda: self.reveal_requested.emit(card.job.output))
        card.remove.clicked.connect(lambda: self.remove_requested.emit(card.job.id))
        self._cards[job.id] = card
        return card

    def _on_clear(self) -> None:
        for job in [job for job in self._jobs if job.state not in UNFINISHED]:
            self.remove_requested.emit(job.id)


class JobCard(QWidget):
    """One job: name and format, buttons, progress, and a line that tells where it stands."""

    def __init__(self, job: ExportJob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.name, self.format = ElidedLabel(role="title"), ElidedLabel()
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the export"))
        self.bar.setFixedHeight(8)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _STEPS)
        self.line = QLabel()
        self.line.setWordWrap(True)
        self.line.setTextFormat(Qt.TextFormat.PlainText)
        self.pause = _button("pause", tr("<b>Pause</b><br>Frees the processor; it can go on later"))
        self.resume = _button("play", tr("<b>Go on</b> where it was"))
        self.cancel = _button("stop", tr("<b>Cancel</b><br>Stop and give the export up"))
        self.reveal = _button("reveal", tr("<b>Show in folder</b>"))
        self.remove = _button("close", tr("<b>Take off the list</b><br>Files stay where they are"))
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
        self.set_job(job)

    def set_job(self, job: ExportJob, ahead: str = "") -> None:
        """Show where the job stands; `ahead`: name of the one that is rendered now."""
        self.job = job
        self.name.setText(job.output.name)
        self.name.setToolTip(str(job.output))
        preset = find_preset(job.preset)
        title = job.preset if preset is None else preset.title
        self.format.setText(
            title if job.height is None else tr("{title} · {height} lines", title=title, height=job.height)
        )
        state = job.state
        self.pause.setVisible(state in ("running", "waiting"))
        self.resume.setVisible(state in ("paused", "interrupted", "failed", "cancelled"))
        self.cancel.setVisible(state in UNFINISHED)
        self.reveal.setVisible(state == "done")
        self.remove.setVisible(state not in UNFINISHED)
        self.bar.setVisible(state in UNFINISHED)
        preparing = state == "running" and not job.done and not job.rate
        self.bar.setRange(0, 0 if preparing else _STEPS)
        self.bar.setValue(round(_STEPS * job.done / job.total) if job.total else 0)
        self.bar.setEnabled(state == "running")
        self.line.setText(describe(job, ahead))
        color = {"failed": theme.FAULT, "done": theme.CURRENT}.get(state, theme.MUTED)
        self.line.setStyleSheet(f"color: {color.name()};")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card's ground."""
        with painting(self) as painter:
            painter.fillRect(QRectF(self.rect()), theme.PANEL)


def describe(job: ExportJob, ahead: str = "") -> str:
    """Write where a job stands, in one line: ``120 of 240 frames · 0.81 frames/s · 2:28 left``.

    `ahead`: name of the job that is rendered now.
    """
    if job.state == "failed" and job.note:
        return job.note
    if job.state == "done":
        return tr("done · {frames}", frames=counted(job.total, "frame"))
    if job.state == "running" and not job.done and job.note:
        return job.note
    if job.state == "waiting":
        waits = tr("waits for {ahead} to end", ahead=ahead) if ahead else tr("waiting")
        return (
            tr("{waits} · {done} of {frames}", waits=waits, done=job.done, frames=counted(job.total, "frame"))
            if job.done
            else waits
        )
    parts = [] if job.state == "running" and job.total else [_STATE_NAMES[job.state]]
    if job.total:
        kept = "" if job.state in ("running", "paused") else tr(" are kept")
        parts.append(
            tr("{done} of {frames}{kept}", done=job.done, frames=counted(job.total, "frame"), kept=kept)
        )
    if job.state == "running":
        parts.append(frame_rate(job.rate))
        parts.append(
            tr("{time} left", time=duration(job.seconds_left)) if job.seconds_left is not None else ""
        )
        parts.append(job.note)
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
