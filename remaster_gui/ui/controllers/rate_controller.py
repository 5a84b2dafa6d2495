"""The rate of a film that consists of pictures: said when it is new, and changed when the user knows it better."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import parse_rate
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.reopening_controller import ReopeningController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.panels.facts import rate_text
from remaster_gui.ui.widgets.message_bar import Button, Message

_RATES = ("16", "18", "20", "22", "23.976", "24", "25", "29.97", "30")
_MESSAGE = "film rate"


class RateController(ReopeningController):
    """Lets the rate of pictures be chosen."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, opening: OpeningController
    ) -> None:
        super().__init__(session, film, widgets, opening)
        if film.info.is_sequence and self.is_new:
            self._say(
                tr(
                    "Pictures have no rate of their own; these are shown at {rate} until you say "
                    "how many a second were filmed.",
                    rate=rate_text(film.info.rate),
                )
            )

    def ask_rate(self) -> None:
        """Ask for the rate; the film is opened anew with what is answered."""
        dialog = QInputDialog(self.widgets.window)
        dialog.setWindowTitle(tr("Film rate"))
        dialog.setLabelText(tr("Frames a second at which the film was shot, like 18 or 24000/1001:"))
        dialog.setComboBoxItems(_RATES)
        dialog.setComboBoxEditable(True)
        dialog.setTextValue(rate_text(self.film.info.rate).removesuffix(" fps"))
        dialog.textValueSelected.connect(self._set_rate)
        dialog.finished.connect(dialog.deleteLater)
        self.destroyed.connect(dialog.reject)
        dialog.open()

    def _set_rate(self, text: str) -> None:
        try:
            rate = parse_rate(text)
        except SettingsError as error:
            self._say(str(error))
            return
        self.widgets.messages.withdraw(_MESSAGE)
        if rate != self.film.info.rate:
            self.reopen(rate=rate)

    def _say(self, sentence: str) -> None:
        button = Button(tr("Film rate…"), self.ask_rate)
        self.widgets.messages.show_message(Message(sentence, id=_MESSAGE, button=button))
