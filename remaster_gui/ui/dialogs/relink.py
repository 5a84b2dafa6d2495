"""Relinking: saying where the film of a project lies now, if it was moved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from remaster_gui.project.schema import FilmIdentity
from remaster_gui.ui.common import theme
from remaster_gui.ui.common.file_field import FileField
from remaster_gui.ui.common.verdict import Verdict
from remaster_gui.ui.common.wording import byte_size, counted
from remaster_gui.ui.dialogs.files import ask_film, ask_film_folder
from remaster_gui.ui.panels.fact_list import FactList
from remaster_gui.ui.panels.facts import rate_text


class RelinkDialog(QDialog):
    """Takes a place for the film. Whether the film there is the same one is looked at by others, who say so."""

    candidate_chosen = Signal(object)
    """Path that is to be compared with the project's film; answered by `set_verdict`."""
    relink_requested = Signal(object)
    """Path that was found to be the film; the dialog closes."""

    def __init__(self, film: FilmIdentity, folder: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Relink film")
        self.setMinimumWidth(540)
        self._film, self._folder = film, folder or film.path.parent
        self._good: Path | None = None
        intro = QLabel(f"Where does “{film.path.name}” lie now? The project stays as it is.")
        intro.setWordWrap(True)
        facts = FactList()
        facts.set_facts(
            (
                ("It was", str(film.path)),
                (
                    "Film",
                    f"{film.width} × {film.height}, {counted(film.frame_count, 'frame')}, {rate_text(film.rate)}",
                ),
                ("On disk", byte_size(film.byte_count)),
            )
        )
        self.field = FileField(lambda _path: ask_film(self, self._folder))
        self.field.edit.setAccessibleName("Film")
        self.field.edit.setPlaceholderText("Film file or folder of pictures")
        self.field.edit.textEdited.connect(self._on_typed)
        self.field.path_changed.connect(self._on_path_changed)
        self.folder = QPushButton("Folder…")
        self.folder.setToolTip("Choose a folder whose pictures are the film")
        self.folder.setAutoDefault(False)
        self.folder.clicked.connect(self._on_folder_clicked)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._verdict = Verdict()
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.relink = self._buttons.addButton("Relink", QDialogButtonBox.ButtonRole.AcceptRole)
        self.relink.setDefault(True)
        self._buttons.accepted.connect(self._on_accepted)
        self._buttons.rejected.connect(self.reject)
        line = QHBoxLayout()
        line.addWidget(self.field, 1)
        line.addWidget(self.folder)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(theme.SPACE * 2,) * 4)
        column.setSpacing(theme.SPACE)
        for widget in (intro, facts):
            column.addWidget(widget)
        column.addSpacing(theme.SPACE)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addWidget(self._verdict)
        column.addStretch(1)
        column.addWidget(self._buttons)
        policy = self._bar.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._bar.setSizePolicy(policy)
        self._bar.hide()
        self.relink.setEnabled(False)

    def set_verdict(self, path: Path, same: bool, sentence: str = "") -> None:
        """Say whether the film at `path` is the project's; answers about other paths than the present are dropped."""
        if path != self.field.path():
            return
        self._bar.hide()
        self._good = path if same else None
        self.relink.setEnabled(same)
        fault = sentence or f"{path.name} is not the film that this project was made for; choose another one."
        self._verdict.say(fault="" if same else fault, note=(sentence or "This is the film.") if same else "")

    def _on_path_changed(self, path: Path) -> None:
        self._good = None
        self.relink.setEnabled(False)
        self._verdict.say()
        self._bar.setVisible(bool(path.name))
        if path.name:
            self.candidate_chosen.emit(path)

    def _on_typed(self) -> None:
        self._folder = self.field.path().parent if self.field.path().name else self._folder

    def _on_folder_clicked(self) -> None:
        chosen = ask_film_folder(self, self._folder)
        if chosen is not None:
            self.field.set_path(chosen)

    def _on_accepted(self) -> None:
        if self._good is not None:
            self.relink_requested.emit(self._good)
            self.accept()
