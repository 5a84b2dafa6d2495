"""What controllers have in common that have the film opened anew, because it is read in another way from now on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from remaster_gui.project import edits
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.editor_widgets import EditorWidgets


class ReopeningController(Controller):
    """Changes what the project says of its film."""

    reopen_requested = Signal(object)
    """Path of the project, whose film is read in another way now."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, opening: OpeningController
    ) -> None:
        super().__init__(session, film, widgets)
        # Later: whoever asks for it is deleted by it.
        self.reopen_requested.connect(opening.open_path, Qt.ConnectionType.QueuedConnection)

    @property
    def is_new(self) -> bool:
        """Whether nobody has worked on the film yet."""
        project = self.film.document.project
        return project.cuts is None and not project.references

    def amend(self, **changes: Any) -> None:
        """Note facts of the film, fields of `FilmIdentity`; no step to take back."""
        document = self.film.document
        document.amend(edits.relinked(document.project, replace(document.project.film, **changes)))

    def reopen(self, **changes: Any) -> None:
        """Note facts of the film and open it anew with them."""
        self.amend(**changes)
        self.reopen_requested.emit(self.film.document.path)
