"""The history panel, going on in a copy, and what is said of saving: read-only, a full disk, a copy elsewhere."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message

_SAVING = "saving"


class HistoryController(Controller):
    """Goes back and forth among the states of the project and tells how its file is doing."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        super().__init__(session, film, widgets)
        document = film.document
        widgets.history.set_stack(document.stack, goes_on=document.has_earlier_steps)
        widgets.read_only.set_reason(document.read_only_reason)
        widgets.read_only.copy_requested.connect(self.ask_for_copy)
        document.stack.indexChanged.connect(self.changed)
        document.failed.connect(self.say_unsaved)
        document.saved.connect(self._on_saved)
        document.path_changed.connect(self._on_path_changed)
        document.read_only_changed.connect(widgets.read_only.set_reason)

    def undo(self) -> None:
        """Take back the gesture in progress, or else the last step."""
        if not self.widgets.canvas.pointer.cancel():
            self.film.document.stack.undo()

    def redo(self) -> None:
        """Do the next step again, unless a gesture was in progress, which is taken back."""
        if not self.widgets.canvas.pointer.cancel():
            self.film.document.stack.redo()

    def ask_for_copy(self) -> None:
        """Ask where the project is to go on."""
        document = self.film.document
        path = self.ask(lambda: files.ask_project_name(self.widgets.window, document.path))
        if path is not None:
            document.save_copy(path)

    def say_unsaved(self, sentence: str) -> None:
        """Tell why something is not on disk, and offer another place for it."""
        self.widgets.messages.show_message(
            Message(sentence, "fault", _SAVING, Button(tr("Save as…"), self.ask_for_copy))
        )

    def _on_saved(self) -> None:
        self.widgets.messages.withdraw(_SAVING)

    def _on_path_changed(self, path: Path) -> None:
        self.widgets.messages.withdraw(_SAVING)
        self.widgets.messages.show_message(Message(tr("The project goes on in {path}.", path=path)))
