"""Frames worth colouring: looked for once the cuts are known, shown on the timeline, and gone to one by one."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.media import FilmFile
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.suggestion_service import SuggestionService

_SETTLE_MILLISECONDS = 1500
_SUGGESTIONS = "suggestions"


class SuggestionsController(Controller):
    """Suggests frames for the shots as they are; those that have a coloured reference need none."""

    looks_found = Signal(object)
    """tuple[int, ...]: frames that stand for the looks of a film of which nothing is coloured."""

    def __init__(self, session: QObject, film: OpenFilm, widgets: EditorWidgets) -> None:
        """Wait for the cuts."""
        super().__init__(session, film, widgets)
        self.frames: tuple[int, ...] = ()
        """Frames worth colouring, the most useful first."""
        self._suggestions = SuggestionService(FilmFile.of(film.info), self)
        self._suggestions.suggestions_found.connect(self._show)
        self._suggestions.failed.connect(self._on_failed)
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self.search)
        film.document.project_changed.connect(self._on_project_changed)
        if film.document.project.cuts is not None:
            self._settling.start()

    def go(self) -> None:
        """Go to the most useful frame; from one of them to the next."""
        here = self.film.view.playhead
        at = self.frames.index(here) + 1 if here in self.frames else 0
        self.film.view.go(self.frames[at % len(self.frames)])

    def search(self) -> None:
        """Look for frames that stand for what is not coloured yet."""
        project = self.film.document.project
        self._suggestions.search(project.shots, sorted(_colored(project)))

    def _on_project_changed(self, before: Project, after: Project) -> None:
        known = [(p.cuts, _colored(p), _may_leave_gaps(p)) for p in (before, after)]
        if after.cuts is not None and known[0] != known[1]:
            self._settling.start()

    def _on_failed(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "warning", id=_SUGGESTIONS))

    def _show(self, frames: tuple[int, ...]) -> None:
        used = self.film.document.project.used_references
        shown = {r.frame for r in used}
        self.frames = tuple(frame for frame in frames if frame not in shown)
        self.widgets.timeline.references.set_suggestions(self.frames)
        self.changed.emit()
        if _may_leave_gaps(self.film.document.project):
            self.looks_found.emit(frames)


def _may_leave_gaps(project: Project) -> bool:
    """Whether there may be frames at which no reference is valid."""
    return all(r.validity.ranges for r in project.used_references)


def _colored(project: Project) -> set[int]:
    """Return the frames that stand for what is coloured, wherever it shows; not those that count here and there."""
    return {r.frame for r in project.used_references if r.frame is not None and not r.validity.ranges}
