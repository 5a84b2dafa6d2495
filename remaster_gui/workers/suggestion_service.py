"""Looking for frames worth colouring in the background."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from threading import Event

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.language import tr
from remaster_gui.base.notices import complete
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.suggestions import Suggestion, suggest_frames
from remaster_gui.media import FilmFile
from remaster_gui.workers.background_tasks import BackgroundTask, BackgroundTasks
from remaster_gui.workers.worker import Service

_PATIENCE = 1.0
"""Seconds that closing waits for a frame that is being decoded."""


class SuggestionService(Service):
    """Suggests frames of one film. Lives on the GUI thread."""

    suggestions_found = Signal(object)
    """tuple[int, ...]: frames worth colouring, those that stand for most of the film first; `suggestions` says more."""
    failed = Signal(str)
    """One sentence for the user."""

    def __init__(self, film: FilmFile, parent: QObject | None = None) -> None:
        """Serve `film`; it is opened for each search."""
        super().__init__(parent)
        self._file = film
        self._tasks = BackgroundTasks(self, threads=1, patience=_PATIENCE)
        self._task: BackgroundTask | None = None
        self._found: tuple[Suggestion, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether a search is under way."""
        return self._task is not None

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What was found last, with the part of the film that each frame stands for."""
        return self._found

    def search(self, shots: Sequence[FrameRange], colored: Sequence[int] = ()) -> None:
        """Look for frames that stand for what the `colored` ones do not, instead of a search that is under way."""
        self.stop()
        work = partial(self._search, tuple(shots), tuple(colored))
        self._task = self._tasks.start(work, doing=tr("looking for frames worth colouring"))
        self._task.finished.connect(self._on_finished)
        self._task.failed.connect(self._on_failed)

    def stop(self) -> None:
        """Give up the search that is under way."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def close(self) -> None:
        """Give up, as a rule within the time of one frame. Nothing is emitted afterwards."""
        self._task = None
        self._tasks.close()

    def _search(
        self, shots: tuple[FrameRange, ...], colored: tuple[int, ...], cancel: Event
    ) -> tuple[Suggestion, ...]:
        """Search, on a thread of the pool."""
        with self._file.open(cancel) as film:
            return complete(suggest_frames(film, shots, colored, cancel=cancel))[0]

    def _on_finished(self, found: tuple[Suggestion, ...]) -> None:
        self._task, self._found = None, found
        self.suggestions_found.emit(tuple(each.frame for each in found))

    def _on_failed(self, sentence: str) -> None:
        self._task = None
        self.failed.emit(sentence)
