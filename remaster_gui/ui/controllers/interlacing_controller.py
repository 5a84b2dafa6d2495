"""Films of two fields to a frame: said when one is new, and read with its fields joined when the user wants that."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal

from remaster_gui.project import edits
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message

_MESSAGE = "interlacing"


class InterlacingController(Controller):
    """Lets the fields of an interlaced film be joined, everywhere from the viewer to the export."""

    reopen_requested = Signal(object)
    """Path of the project, whose film is read in another way now."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, opening: OpeningController
    ) -> None:
        super().__init__(session, film, widgets)
        # Later: whoever asks for it is deleted by it.
        self.reopen_requested.connect(opening.open_path, Qt.ConnectionType.QueuedConnection)
        project = film.document.project
        is_new = project.cuts is None and not project.references
        if is_new and not self.is_on and film.info.field_order != "progressive":
            button = Button("Join the fields", self.toggle)
            text = "The film is interlaced: each frame holds two moments. Join its fields before you paint."
            widgets.messages.show_message(Message(text, id=_MESSAGE, button=button))

    @property
    def can_join(self) -> bool:
        """Whether the film can have fields: pictures have none."""
        return not self.film.info.is_sequence

    @property
    def is_on(self) -> bool:
        """Whether fields are joined."""
        return self.film.info.deinterlaced

    def toggle(self) -> None:
        """Open the film anew, with its fields joined or as they lie."""
        document = self.film.document
        film = replace(document.project.film, deinterlace=not self.is_on)
        self.widgets.messages.withdraw(_MESSAGE)
        document.amend(edits.relinked(document.project, film))
        self.reopen_requested.emit(document.path)
