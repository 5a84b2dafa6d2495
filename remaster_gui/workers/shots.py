"""Finding the cuts of a film in the background."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.media import detect_shots, open_film

log = logging.getLogger(__name__)

_PROGRESS_STEP = 0.01


class _ShotThread(QThread):
    found = Signal(object)
    advanced = Signal(float)
    failed = Signal(str)

    def __init__(self, path: Path, cancel: Event, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._cancel = path, cancel
        self._told = 0.0

    def run(self) -> None:
        try:
            with open_film(self._path) as film:
                shots = detect_shots(film, self._on_progress, self._cancel)
        except RemasterError as error:
            log.error("%s", error, exc_info=True)
            self.failed.emit(str(error))
            return
        if not self._cancel.is_set():
            self.found.emit(tuple(shot.start for shot in shots))

    def _on_progress(self, done: int, total: int) -> None:
        share = done / total
        if share - self._told >= _PROGRESS_STEP:
            self._told = share
            self.advanced.emit(share)


class ShotController(QObject):
    """One search for the cuts of a film. Lives on the GUI thread."""

    cuts_found = Signal(object)
    """tuple[int, ...]: the first frame of every shot, 0 among them; once."""
    progress_changed = Signal(float)
    """Part of the film that has been searched, 0 to 1."""
    failed = Signal(str)
    """One sentence for the user."""

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        """Begin to search."""
        super().__init__(parent)
        self._cancel = Event()
        self._thread = _ShotThread(path, self._cancel, self)
        self._thread.found.connect(self._on_found)
        self._thread.advanced.connect(self._on_advanced)
        self._thread.failed.connect(self.failed)
        self._thread.start(QThread.Priority.LowestPriority)

    def close(self) -> None:
        """Give up; returns within the time of one frame. No cuts are delivered afterwards."""
        self._cancel.set()
        self._thread.wait()

    def _on_found(self, cuts: tuple[int, ...]) -> None:
        if not self._cancel.is_set():
            self.cuts_found.emit(cuts)

    def _on_advanced(self, share: float) -> None:
        if not self._cancel.is_set():
            self.progress_changed.emit(share)
