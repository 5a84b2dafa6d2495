"""Finding the cuts of a film in the background."""

from __future__ import annotations

from threading import Event

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress, followed
from remaster_gui.media import FilmFile, find_shots
from remaster_gui.workers.worker import Job, Service, Worker

_PROGRESS_STEP = 0.01
_PATIENCE = 1.0
"""Seconds that closing waits for a frame that is being decoded."""


class ShotService(Service):
    """One search for the cuts of a film. Lives on the GUI thread."""

    cuts_found = Signal(object)
    """tuple[int, ...]: the first frame of every shot, 0 among them; once."""
    progress_changed = Signal(float)
    """Part of the film that has been searched, 0 to 1."""
    failed = Signal(str)
    """One sentence for the user; the search is over."""
    noticed = Signal(object)
    """Notice of something that is wrong with the film, which has been searched all the same."""

    def __init__(self, film: FilmFile, parent: QObject | None = None) -> None:
        """Begin to search."""
        super().__init__(parent)
        self._file = film
        self._told = 0.0
        self._worker = Worker("looking for cuts", self, patience=_PATIENCE)
        self._worker.put(
            Job(self._search, tr("looking for cuts"), done=self.cuts_found.emit, failed=self.failed.emit)
        )

    def close(self) -> None:
        """Give up, as a rule within the time of one frame. Nothing is emitted afterwards."""
        self._worker.close()

    def _search(self, cancel: Event) -> tuple[int, ...]:
        """Search, on the worker's thread."""
        with self._file.open(cancel) as film:
            shots = followed(find_shots(film, cancel), self._on_progress)
            for notice in film.notices():
                self._worker.tell(self.noticed.emit, notice)
        return tuple(shot.start for shot in shots)

    def _on_progress(self, step: Progress) -> None:
        share = step.done / step.total
        if share - self._told >= _PROGRESS_STEP:
            self._told = share
            self._worker.tell(self.progress_changed.emit, share)
