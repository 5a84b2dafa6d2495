"""Opening films and projects, each with the other that belongs to it, and closing them again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.errors import DamagedProjectError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.document import matching
from remaster_gui.document.document import Document
from remaster_gui.document.kept_view import pack_view, unpack_view
from remaster_gui.document.memory_budgets import decoding_budget, raster_budget
from remaster_gui.document.project_opening import OpenedProject, open_store
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import FilmFile
from remaster_gui.media.film import FilmInfo
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.film_identity import identify
from remaster_gui.project.schema import FilmIdentity, ProjectSettings
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.workers.background_tasks import BackgroundTask, BackgroundTasks
from remaster_gui.workers.decode_service import DecodeService

VIEW_SECONDS = 2.0
"""How often what is looked at is kept for the next time, at most."""

ProjectSearch = OpenedProject | FilmIdentity | DamagedProjectError
"""What came of looking for a project: it, or the film that is not the one the project is about, or what is damaged."""


@dataclass(slots=True)
class _Coming:
    """What is on the way to an open film."""

    task: BackgroundTask | None = None
    decoder: DecodeService | None = None
    read: OpenedProject | None = None


class OpeningController(QObject):
    """Has one film open at a time; says what has become open and what has to end.

    The film is decoded while its project is still being read, so that the first frame is there at once.
    """

    began = Signal()
    """Something is about to be opened."""
    opened = Signal(object)
    """OpenFilm."""
    closing = Signal(object)
    """OpenFilm, whose project is saved: all that works on it is to end and to be deleted, the film included."""
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

    def __init__(self, widgets: EditorWidgets, tasks: BackgroundTasks, settings: UserSettings) -> None:
        super().__init__(widgets)
        self._widgets, self._tasks, self._settings = widgets, tasks, settings
        self._film: OpenFilm | None = None
        self._coming = _Coming()
        self._looking = QTimer(self, singleShot=True, interval=round(1000 * VIEW_SECONDS))
        self._looking.timeout.connect(self._keep_view)

    def open_path(self, path: Path) -> None:
        """Open a film or a project; what is open is closed once the other one can be read, and else stays."""
        path = path.absolute()  # what is named on a command line is meant from where that was typed
        self._drop_coming()
        if self._is_open(path) and not self.close():
            return
        self.announce(tr("Opening {path} …", path=path.name))
        if path.suffix.lower() == SUFFIX:
            self.work(
                partial(_read_project, path), tr("opening the project"), partial(self._on_project_read, path)
            )
        else:
            self._decode(FilmFile(path))

    def announce(self, text: str) -> None:
        """Say what is going on: in place of a picture, or beside the one of the film that is open."""
        if self._film is not None:
            self._widgets.status.set_note(text)
            return
        self._widgets.show_film(True)
        self._widgets.canvas.set_message(text)
        self.began.emit()

    def go_on(self, read: OpenedProject, film: Path) -> None:
        """Open a project that was read with the film that is its own now."""
        self._coming.read = read
        self.announce(tr("Opening {film} …", film=film.name))
        self._decode(FilmFile(film, read.project.film.deinterlace))

    def work(self, work: Callable[[Event], Any], doing: str, then: Callable[[Any], None]) -> None:
        """Do something on the way to an open film; it ends when something else is opened."""
        self._coming.task = self._tasks.start(work, doing=doing)
        self._coming.task.finished.connect(then)
        self._coming.task.failed.connect(self._give_up)

    def close(self, *, discard: bool = False) -> bool:
        """Save what is left and go back to the start page.

        False where it cannot be saved and the film stays open; `discard` gives up what is not saved.
        """
        if not self._close_film(discard=discard):
            return False
        self._drop_coming()
        return True

    def _is_open(self, path: Path) -> bool:
        film = self._film
        return film is not None and path.absolute() in (
            film.document.path.absolute(), film.info.path.absolute()
        )  # fmt: skip

    def _close_film(self, *, discard: bool = False) -> bool:
        """Save and close what is open; False where it cannot be saved."""
        film = self._film
        if film is None:
            return True
        try:
            film.document.close(discard=discard, view=pack_view(film.view))
        except StorageError as error:
            self.kept_open.emit(str(error))
            return False
        self._film = None
        self.closing.emit(film)
        return True

    def _on_view_changed(self, _change: object) -> None:
        if not self._looking.isActive():
            self._looking.start()

    def _keep_view(self) -> None:
        """Let the view come back even where nothing is closed in order."""
        if self._film is not None:
            self._film.document.keep_view(pack_view(self._film.view))

    def _drop_coming(self) -> None:
        """Let go of everything that is on the way to an open film."""
        coming, self._coming = self._coming, _Coming()
        if coming.task is not None:
            coming.task.cancel()
        if coming.decoder is not None:
            coming.decoder.close()
            coming.decoder.deleteLater()
        if coming.read is not None:
            coming.read.store.close()
        if self._film is None:
            self._widgets.show_film(False)
            self.closed.emit()
        else:
            self._widgets.status.set_note("")

    def _give_up(self, sentence: str) -> None:
        self._drop_coming()
        self.failed.emit(sentence)

    def _on_project_read(self, path: Path, read: OpenedProject | DamagedProjectError) -> None:
        if isinstance(read, DamagedProjectError):
            self._drop_coming()
            self.damage_found.emit(path, str(read))
            return
        film = matching.film_of(read)
        if film is None:
            self._drop_coming()
            self.film_missed.emit(read, None)
        else:
            self.go_on(read, film)

    def _decode(self, film: FilmFile) -> None:
        budget = decoding_budget(self._settings.memory_budget)
        self._coming.decoder = decoder = DecodeService(film, self, budget=budget)
        decoder.opened.connect(self._on_film_opened)
        decoder.failed.connect(partial(self._on_film_failed, decoder))
        decoder.request(0)

    def _on_film_failed(self, decoder: DecodeService, frame: int, sentence: str) -> None:
        if decoder is self._coming.decoder:
            self._give_up(sentence)

    def _on_film_opened(self, info: FilmInfo) -> None:
        usual = ProjectSettings(proxy=self._settings.proxy, weights=self._settings.weights)
        find = partial(_find_project, info, self._coming.read, usual)
        self.work(find, tr("opening the project"), partial(self._on_found, info))

    def _on_found(self, info: FilmInfo, found: ProjectSearch) -> None:
        read, self._coming.read = self._coming.read, None
        if isinstance(found, DamagedProjectError):
            self._drop_coming()
            self.damage_found.emit(matching.beside(info.path), str(found))
        elif isinstance(found, FilmIdentity):
            self._drop_coming()
            self.film_missed.emit(read, found)
        else:
            self._exchange(info, found)

    def _exchange(self, info: FilmInfo, found: OpenedProject) -> None:
        """Close what is open, now that the other one can be read, and go on with that."""
        if self._film is not None and self._film.document.path.absolute() == found.store.path.absolute():
            # Another name of the film that is open: its project can be had once it is closed.
            found.store.close()
            if self.close():
                self.open_path(info.path)
            return
        if found.project.film.deinterlace != info.deinterlaced:
            # Its project says that it is read in another way.
            found.store.close()
            self.open_path(found.store.path)
            return
        if not self._close_film():
            found.store.close()
            self._drop_coming()
            return
        decoder, self._coming = self._coming.decoder, _Coming()
        assert decoder is not None
        self._widgets.show_film(True)
        self._widgets.canvas.set_message(tr("Opening {path} …", path=info.path.name))
        if found.project.film.rate != info.rate:
            info = decoder.set_rate(found.project.film.rate)
        document = Document(found, raster_budget=raster_budget(self._settings.memory_budget))
        references = [record.id for record in found.project.references]
        view = unpack_view(found.view, info.frame_count, references)
        self._film = OpenFilm(info, document, decoder, view)
        view.events.connect(self._on_view_changed)
        self.opened.emit(self._film)


def _read_project(path: Path, cancelled: Event) -> OpenedProject | DamagedProjectError:
    try:
        return _unless(cancelled, open_store(path))
    except DamagedProjectError as error:
        return error


def _find_project(
    info: FilmInfo, read: OpenedProject | None, usual: ProjectSettings, cancelled: Event
) -> ProjectSearch:
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
