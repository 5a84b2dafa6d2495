"""What there is to say of one shot beside its settings: its place, its references and notes."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.project.schema import LONGEST_NOTES
from remaster_gui.ui.panels.fact_list import FactList, muted
from remaster_gui.ui.panels.facts import InspectedShot, shot_facts

_SETTLE_MILLISECONDS = 600


class TargetSwitch(QWidget):
    """Chooses whose settings are shown: the film's, or those of the shot at the playhead."""

    chosen = Signal(bool)
    """Whether it is to be the shot."""

    def __init__(self) -> None:
        super().__init__()
        self.film, self.shot = QPushButton("Film"), QPushButton("Shot")
        self.film.setToolTip("<b>Film</b><br>Settings that all shots have but for those with their own")
        self.shot.setToolTip("<b>Shot</b><br>What the shot at the playhead has otherwise than the film")
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.film, self.shot):
            button.setCheckable(True)
            group.addButton(button)
            row.addWidget(button, 1)
        self.film.setChecked(True)
        self.film.clicked.connect(self._on_film_clicked)
        self.shot.clicked.connect(self._on_shot_clicked)

    def show_target(self, shot: InspectedShot | None, is_shot: bool) -> None:
        """Name the shot, None while cuts are not known, and show what is chosen."""
        self.shot.setEnabled(shot is not None)
        self.shot.setText("Shot" if shot is None else f"Shot {shot.number}")
        (self.shot if is_shot and shot is not None else self.film).setChecked(True)

    def _on_film_clicked(self) -> None:
        self.chosen.emit(False)

    def _on_shot_clicked(self) -> None:
        self.chosen.emit(True)


class ShotBox(QWidget):
    """Shows a shot and says what the user wishes of it."""

    notes_edited = Signal(int, str)
    """First frame of the shot and its notes."""
    reset_requested = Signal(int)
    """The shot is to be as the film."""
    reference_chosen = Signal(str)
    """Id of one of its references."""

    def __init__(self) -> None:
        super().__init__()
        self._first: int | None = None
        self.facts = FactList()
        self.references = QLabel()
        self.references.setTextFormat(Qt.TextFormat.RichText)
        self.references.setWordWrap(True)
        self.references.linkActivated.connect(self.reference_chosen)
        self.notes = QPlainTextEdit()
        self.notes.setAccessibleName("Notes of the shot")
        self.notes.setPlaceholderText("Notes of this shot")
        self.notes.setTabChangesFocus(True)
        self.notes.setFixedHeight(self.notes.fontMetrics().lineSpacing() * 3 + 14)
        self.notes.textChanged.connect(self._on_text_changed)
        self.notes.installEventFilter(self)
        self.reset = QPushButton("As the film")
        self.reset.setToolTip("<b>As the film</b><br>Give up all settings of this shot; its notes stay")
        self.reset.clicked.connect(self._on_reset_clicked)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._on_settled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.reset, self.facts, self.references, muted("Notes", self.notes), self.notes):
            column.addWidget(widget)

    def show_shot(self, shot: InspectedShot | None) -> None:
        """Show a shot, or nothing; what is being typed of the same one is left alone."""
        first = None if shot is None else shot.span.start
        if first != self._first:
            self._say_notes()
        is_typing = self._first == first and (self._settling.isActive() or self.notes.hasFocus())
        self._first = first
        if shot is None:
            return
        self.reset.setEnabled(bool(shot.record.settings.own))
        self.facts.set_facts(shot_facts(shot))
        self.references.setText("<br>".join(
            f'<a href="{r.id}" style="color: {r.color}; text-decoration: none">⚑ {html.escape(r.name)}</a>'
            for r in shot.references
        ))  # fmt: skip
        self.references.setVisible(bool(shot.references))
        if not is_typing and self.notes.toPlainText() != shot.record.notes:
            with self._quietly():
                self.notes.setPlainText(shot.record.notes)

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self.notes.setReadOnly(read_only)
        self.reset.setVisible(not read_only)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what was typed as soon as the field is left."""
        if watched is self.notes and event.type() == QEvent.Type.FocusOut:
            self._say_notes()
        return super().eventFilter(watched, event)

    def _on_text_changed(self) -> None:
        if len(self.notes.toPlainText()) > LONGEST_NOTES:
            with self._quietly():
                self.notes.setPlainText(self.notes.toPlainText()[:LONGEST_NOTES])
        self._settling.start()

    def _say_notes(self) -> None:
        """Say what has been typed and not been said yet."""
        if self._settling.isActive():
            self._settling.stop()
            self._on_settled()

    def _on_settled(self) -> None:
        if self._first is not None:
            self.notes_edited.emit(self._first, self.notes.toPlainText())

    def _on_reset_clicked(self) -> None:
        if self._first is not None:
            self.reset_requested.emit(self._first)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        blocked = self.notes.blockSignals(True)
        yield
        self.notes.blockSignals(blocked)
