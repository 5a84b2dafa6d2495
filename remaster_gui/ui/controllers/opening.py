"""Opening: dialogs, drag and drop, arguments, recent projects, and closing again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from remaster_gui.media.film import FilmInfo
from remaster_gui.ui.controllers.film import OpenFilm, View
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.decode import DecodeController

FILM_FILTER = (
    "Films (*.mp4 *.mov *.mkv *.avi *.mxf *.mpg *.mpeg *.m4v *.webm *.ts *.mts *.ogv);;All files (*)"
)


class OpeningController(QObject):
    """Opens films; at most one at a time. Says what has become open and what has to end."""

    opened = Signal(object)
    """OpenFilm."""
    closing = Signal()
    """The open film is about to be closed."""
    failed = Signal(str)
    """One sentence for the user."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._decoder: DecodeController | None = None
        self._is_open = False
        actions = desk.actions
        actions.connect_to("open_film", self._ask_for_film)
        actions.connect_to("close_project", self.close)
        actions["close_project"].setEnabled(False)

    def open_path(self, path: Path) -> None:
        """Open a film in place of what is open."""
        self.close()
        self._desk.show_film(True)
        self._desk.canvas.set_message(f"Opening {path.name} …")
        self._decoder = DecodeController(path, self)
        self._decoder.opened.connect(self._on_opened)
        self._decoder.failed.connect(self._on_failed)

    def close(self) -> None:
        """Go back to the start page."""
        if self._is_open:
            self.closing.emit()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder.deleteLater()
        self._decoder, self._is_open = None, False
        self._desk.actions["close_project"].setEnabled(False)
        self._desk.show_film(False)

    def _ask_for_film(self) -> None:
        dialog = QFileDialog(self._desk.window, "Open a film", "", FILM_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.open_path(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_opened(self, info: FilmInfo) -> None:
        if self._decoder is None:
            return
        self._is_open = True
        self._desk.actions["close_project"].setEnabled(True)
        self.opened.emit(OpenFilm(info, self._decoder, View(info.frame_count, self._decoder)))

    def _on_failed(self, frame: int, sentence: str) -> None:
        self.failed.emit(sentence)
        if frame < 0:
            self.close()
