"""Undo and redo, the history panel, and what is said of saving: read-only, a full disk, a copy elsewhere."""

from __future__ import annotations

from pathlib import Path

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.ui.common.message_bar import Button, Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files

_SAVING = "saving"


class HistoryController(Controller):
    """Goes back and forth among the states of the project and tells how its file is doing."""

    def __init__(self, desk: Desk, settings: UserSettings) -> None:
        super().__init__(desk)
        self._settings = settings
        actions = desk.actions
        actions.connect_to("undo", lambda: self._stack_do("undo"))
        actions.connect_to("redo", lambda: self._stack_do("redo"))
        actions.connect_to("save_copy", self._ask_for_copy)
        desk.read_only.copy_requested.connect(self._ask_for_copy)
        actions.set_enabled(("undo", "redo", "save_copy"), False)

    def begin(self, film: OpenFilm) -> None:
        """Show the project's history."""
        super().begin(film)
        document = film.document
        self.desk.history.set_stack(document.stack)
        document.stack.indexChanged.connect(lambda _index: self._enable())
        document.failed.connect(self.say_unsaved)
        document.saved.connect(lambda: self.desk.messages.withdraw(_SAVING))
        document.path_changed.connect(self._on_path_changed)
        self.desk.read_only.set_reason(document.read_only_reason)
        self.desk.actions["save_copy"].setEnabled(True)
        self._enable()

    def end(self) -> None:
        """Show none."""
        super().end()
        self.desk.history.set_stack(None)
        self.desk.read_only.set_reason("")
        self.desk.messages.withdraw(_SAVING)
        self.desk.actions.set_enabled(("undo", "redo", "save_copy"), False)
        self._name_steps("", "")

    def _stack_do(self, way: str) -> None:
        if self.film is None or self.desk.canvas.cancel_gesture():
            return
        stack = self.film.document.stack
        stack.undo() if way == "undo" else stack.redo()

    def _enable(self) -> None:
        if self.film is None:
            return
        stack = self.film.document.stack
        self.desk.actions["undo"].setEnabled(stack.canUndo())
        self.desk.actions["redo"].setEnabled(stack.canRedo())
        self._name_steps(stack.undoText(), stack.redoText())

    def _name_steps(self, undo: str, redo: str) -> None:
        """Say in the menu what would be undone."""
        for id_, name, step in (("undo", "Undo", undo), ("redo", "Redo", redo)):
            self.desk.actions[id_].setText(f"{name} “{step}”" if step else name)

    def _ask_for_copy(self) -> None:
        if self.film is None:
            return
        path = files.ask_project_name(self.desk.window, self.film.document.path)
        if path is not None:
            self.film.document.save_copy(path)

    def _on_path_changed(self, path: Path) -> None:
        self.desk.read_only.set_reason("")
        self.desk.messages.withdraw(_SAVING)
        self.desk.messages.show_message(Message(f"The project goes on in {path}."))

    def say_unsaved(self, sentence: str) -> None:
        """Tell why something is not on disk, and offer another place for it."""
        self.desk.messages.show_message(
            Message(sentence, "fault", _SAVING, Button("Save as…", self._ask_for_copy))
        )
