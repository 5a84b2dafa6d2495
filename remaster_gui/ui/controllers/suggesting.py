"""Frames worth colouring: looked for once the cuts are known, shown on the timeline, and gone to one by one."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from remaster_gui.project.schema import Project
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.suggestions import SuggestionController

_SETTLE_MILLISECONDS = 1500
_SUGGESTIONS = "suggestions"


class SuggestingController(Controller):
    """Suggests frames for the shots as they are; those that have a coloured reference need none."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._suggestions: SuggestionController | None = None
        self._frames: tuple[int, ...] = ()
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._search)
        desk.actions.connect_to("next_suggestion", self._go)
        desk.actions["next_suggestion"].setEnabled(False)

    def begin(self, film: OpenFilm) -> None:
        """Wait for the cuts."""
        super().begin(film)
        self._suggestions = SuggestionController(film.info.path, self)
        self._suggestions.suggestions_found.connect(self._show)
        self._suggestions.failed.connect(self._on_failed)
        film.document.project_changed.connect(self._on_project_changed)
        if film.document.project.cuts is not None:
            self._settling.start()

    def end(self) -> None:
        """Give up."""
        if self._suggestions is not None:
            self._suggestions.close()
            self._suggestions.deleteLater()
        self._suggestions = None
        self._settling.stop()
        self._show(())
        self.desk.messages.withdraw(_SUGGESTIONS)
        super().end()

    def _search(self) -> None:
        if self.film is not None and self._suggestions is not None:
            project = self.film.document.project
            self._suggestions.search(project.shots, sorted(_colored(project)))

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if after.cuts is not None and (before.cuts != after.cuts or _colored(before) != _colored(after)):
            self._settling.start()

    def _on_failed(self, sentence: str) -> None:
        self.desk.messages.show_message(Message(sentence, "warning", id=_SUGGESTIONS))

    def _show(self, frames: tuple[int, ...]) -> None:
        self._frames = frames
        self.desk.timeline.references.set_suggestions(frames)
        self.desk.actions["next_suggestion"].setEnabled(bool(frames))

    def _go(self) -> None:
        """Go to the most useful frame; from one of them to the next."""
        if self.film is None or not self._frames:
            return
        here = self.film.view.playhead
        at = self._frames.index(here) + 1 if here in self._frames else 0
        self.film.view.go(self._frames[at % len(self._frames)])


def _colored(project: Project) -> set[int]:
    return {r.frame for r in project.references if r.frame is not None and r.colored and r.enabled}
