"""What there is to say of one shot beside its settings: its place, its references and notes."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from remaster_gui.base.language import tr
from remaster_gui.ui.panels.fact_list import FactList, muted
from remaster_gui.ui.panels.facts import InspectedShot, shot_facts
from remaster_gui.ui.widgets.notes_field import NotesField


class TargetSwitch(QWidget):
    """Chooses whose settings are shown: the film's, or those of the shot at the playhead."""

    chosen = Signal(bool)
    """Whether it is to be the shot."""

    def __init__(self) -> None:
        super().__init__()
        self.film, self.shot = QPushButton(tr("Film")), QPushButton(tr("Shot"))
        self.film.setToolTip(tr("<b>Film</b><br>Settings that all shots have but for those with their own"))
        self.shot.setToolTip(tr("<b>Shot</b><br>What the shot at the playhead has otherwise than the film"))
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
        self.shot.setText(tr("Shot") if shot is None else tr("Shot {number}", number=shot.number))
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
        self.notes = NotesField(tr("Notes of the shot"))
        self.notes.edited.connect(self.notes_edited)
        self.reset = QPushButton(tr("As the film"))
        self.reset.setToolTip(tr("<b>As the film</b><br>Give up all settings of this shot; its notes stay"))
        self.reset.clicked.connect(self._on_reset_clicked)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        for widget in (self.reset, self.facts, self.references, muted(tr("Notes"), self.notes), self.notes):
            column.addWidget(widget)

    def show_shot(self, shot: InspectedShot | None) -> None:
        """Show a shot, or nothing; what is being typed of the same one is left alone."""
        self._first = None if shot is None else shot.span.start
        self.notes.show_notes(self._first, "" if shot is None else shot.record.notes)
        if shot is None:
            return
        self.reset.setEnabled(bool(shot.record.settings.own))
        self.facts.set_facts(shot_facts(shot))
        self.references.setText("<br>".join(
            f'<a href="{r.id}" style="color: {r.color}; text-decoration: none">⚑ {html.escape(r.name)}</a>'
            for r in shot.references
        ))  # fmt: skip
        self.references.setVisible(bool(shot.references))

    def set_read_only(self, read_only: bool) -> None:
        """Let nothing be changed."""
        self.notes.setReadOnly(read_only)
        self.reset.setVisible(not read_only)

    def _on_reset_clicked(self) -> None:
        if self._first is not None:
            self.reset_requested.emit(self._first)
