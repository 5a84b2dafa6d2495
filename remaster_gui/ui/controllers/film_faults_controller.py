"""What is wrong with a film that can be read all the same."""

from __future__ import annotations

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets

MOST = 3
"""Faults that are said one by one; a damaged sequence may have one for every picture."""


class FilmFaultsController(Controller):
    """Says each fault once, whichever reader of the film has found it, and no more than can be taken in."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        super().__init__(session, film, widgets)
        self._said: set[str] = set()
        for notice in film.decoder.notices:
            self.say(notice)
        film.decoder.noticed.connect(self.say)

    def say(self, notice: Notice) -> None:
        """Say a fault, unless it is known or there were too many."""
        if notice.text in self._said or len(self._said) > MOST:
            return
        self._said.add(notice.text)
        if len(self._said) > MOST:
            name = self.film.info.path.name
            text = tr(
                "More is wrong with {name} than is said here; the report of an export lists all of it.",
                name=name,
            )
            notice = Notice("warning", text)
        self.widgets.messages.show_notice(notice)
