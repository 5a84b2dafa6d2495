"""Opening films and projects, each with the other that belongs to it, and closing them again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.errors import DamagedProjectError, StorageError
from remaster_gui.document import matching
from remaster_gui.document.document import Document
from remaster_gui.document.opening import OpenedProject, open_store
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import ViewState
from remaster_gui.media.film import FilmInfo
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.films import identify
from remaster_gui.project.schema import FilmIdentity, ProjectSettings
from remaster_gui.ui.controllers.budgets import decoding_budget, raster_budget
from remaster_gui.ui.controllers.film import OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.background import BackgroundTask, BackgroundTasks
from remaster_gui.workers.decode import DecodeController

Found = OpenedProject | FilmIdentity | DamagedProjectError
"""What came of looking for a project: it, or the film that is not the one the project is about, or what is damaged."""


class OpeningController(QObject):
    """Has one film open at a time; says what has become open and what has to end.

    The film is decoded while its project is still being read, so that the first frame is there at once.
    """

    began = Signal()
    """Something is about to be opened."""
    opened = Signal(object)
    """OpenFilm."""
    closing = Signal()
    """The open film is about to be closed."""
    closed = Signal()
    """Nothing is open any more."""
    failed = Signal(str)
    """One sentence for the user."""
    kept_open = Signal(str)
    """One sentence: what is open cannot be saved, so it was not closed."""
    film_missed = Signal(object, object)
    """OpenedProject, and the FilmIdentity that was found in its film's place, or None; `go_on` with another film."""
    damage_found = Signal(object, str)
    """Path of a damaged project and one sentence."""

    def __init__(self, desk: Desk, tasks: BackgroundTasks, settings: UserSettings) -> None:
        super().__init__(desk)
        self._desk, self._tasks, self._settings = desk, tasks, settings
        self._task: BackgroundTask | None = None
        self._decoder: DecodeController | None = None
        self._read: OpenedProject | None = None
        self._document: Document | None = None

    def open_path(self, path: Path) -> None:
        """Open a film or a project in place of what is open."""
        if not self.close():
            return
        self.announce(f"Opening {path.name} …")
        if path.suffix.lower() == SUFFIX:
            self.work(
                partial(_read_project, path), "opening the project", partial(self._on_project_read, path)
            )
        else:
            self._decode(path)

    def announce(self, text: str) -> None:
        """Show the desk with what is going on in place of a picture."""
        self._desk.show_film(True)
        self._desk.canvas.set_message(text)
        self.began.emit()

    def go_on(self, read: OpenedProject, film: Path) -> None:
        """Open a project that was read with the film that is its own now."""
        self._read = read
        self.announce(f"Opening {film.name} …")
        self._decode(film)

    def work(self, work: Callable[[Event], Any], doing: str, then: Callable[[Any], None]) -> None:
        """Do something on the way to an open film; it ends when something else is opened."""
        self._task = self._tasks.start(work, doing=doing)
        self._task.finished.connect(then)
        self._task.failed.connect(self._give_up)

    def close(self, *, discard: bool = False) -> bool:
        """Save what is left and go back to the start page.

        False where it cannot be saved and the film stays open; `discard` gives up what is not saved.
        """
        if self._document is not None:
            try:
                self._document.close(discard=discard)
            except StorageError as error:
                self.kept_open.emit(str(error))
                return False
            self.closing.emit()
            self._document.deleteLater()
            self._document = None
        self._forget()
        return True

    def _forget(self) -> None:
        """Let go of everything that is open or on the way to it."""
        if self._task is not None:
            self._task.cancel()
        if self._decoder is not None:
            self._decoder.close()
            self._decoder.deleteLater()
        if self._read is not None:
            self._read.store.close()
        self._task = self._decoder = self._read = None
        self._desk.show_film(False)
        self.closed.emit()

    def _give_up(self, sentence: str) -> None:
        self._forget()
        self.failed.emit(sentence)

    def _on_project_read(self, path: Path, read: OpenedProject | DamagedProjectError) -> None:
        if isinstance(read, DamagedProjectError):
            self._forget()
            self.damage_found.emit(path, str(read))
            return
        film = matching.film_of(read)
        if film is None:
            self._forget()
            self.film_missed.emit(read, None)
        else:
            self.go_on(read, film)

    def _decode(self, film: Path) -> None:
        self._decoder = DecodeController(film, self, budget=decoding_budget(self._settings.memory_budget))
        self._decoder.opened.connect(self._on_film_opened)
        self._decoder.failed.connect(self._on_film_failed)
        self._decoder.request(0)

    def _on_film_failed(self, frame: int, sentence: str) -> None:
        if self._document is None:
            self._give_up(sentence)

    def _on_film_opened(self, info: FilmInfo) -> None:
        usual = ProjectSettings(proxy=self._settings.proxy, weights=self._settings.weights)
        find = partial(_find_project, info, self._read, usual)
        self.work(find, "opening the project", partial(self._on_found, info))

    def _on_found(self, info: FilmInfo, found: Found) -> None:
        read, self._read = self._read, None
        if isinstance(found, DamagedProjectError):
            self._forget()
            self.damage_found.emit(matching.beside(info.path), str(found))
        elif isinstance(found, FilmIdentity):
            self._forget()
            self.film_missed.emit(read, found)
        elif self._decoder is not None:
            self._document = Document(found, raster_budget=raster_budget(self._settings.memory_budget))
            self.opened.emit(
                OpenFilm(info, self._document, self._decoder, ViewState(info.frame_count, self._decoder))
            )


def _read_project(path: Path, cancelled: Event) -> OpenedProject | DamagedProjectError:
    try:
        return _unless(cancelled, open_store(path))
    except DamagedProjectError as error:
        return error


def _find_project(
    info: FilmInfo, read: OpenedProject | None, usual: ProjectSettings, cancelled: Event
) -> Found:
    film = identify(info)
    if read is not None:
        return matching.suited_to(read, film) or film
    try:
        return _unless(cancelled, matching.open_project_of(film, usual))
    except DamagedProjectError as error:
        return error


def _unless(cancelled: Event, read: OpenedProject) -> OpenedProject:
    """Let go of a project at once when nobody waits for it any longer."""
    if cancelled.is_set():
        read.store.close()
    return read
