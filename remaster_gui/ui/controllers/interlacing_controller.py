"""Films of two fields to a frame: said when one is new, and read with its fields joined when the user wants that."""

from __future__ import annotations

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.reopening_controller import ReopeningController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message

_MESSAGE = "interlacing"


class InterlacingController(ReopeningController):
    """Lets the fields of an interlaced film be joined, everywhere from the viewer to the export."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, opening: OpeningController
    ) -> None:
        super().__init__(session, film, widgets, opening)
        if self.is_new and not self.is_on and film.info.field_order != "progressive":
            button = Button(tr("Join the fields"), self.toggle)
            text = tr(
                "The film is interlaced: each frame holds two moments. Join its fields before you paint."
            )
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
        self.widgets.messages.withdraw(_MESSAGE)
        self.reopen(deinterlace=not self.is_on)
