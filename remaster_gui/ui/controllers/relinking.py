"""When film or project are not as they should be: moved, replaced, deleted while open, damaged."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QTimer

from remaster_gui.document.opening import OpenedProject
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import content_hash
from remaster_gui.project import edits
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.films import is_same_film
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import FilmIdentity
from remaster_gui.ui.common.message_bar import Button, Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.opening import OpeningController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files
from remaster_gui.workers.background import BackgroundTask, BackgroundTasks

State = tuple[int, int, int] | None
"""Which file lies at a path: node, size and time of the last change; None for none."""

_LOOK_MILLISECONDS = 3000
_FILM = "film"
_DAMAGE = "damage"


class RelinkingController(Controller):
    """Says what is wrong with the film or the project, and helps to put it right."""

    def __init__(
        self, desk: Desk, opening: OpeningController, tasks: BackgroundTasks, settings: UserSettings
    ) -> None:
        super().__init__(desk)
        self._opening, self._tasks, self._settings = opening, tasks, settings
        self._hashing: BackgroundTask | None = None
        self._waiting: OpenedProject | None = None
        self._recovered: tuple[Path, str] | None = None
        self._state: State = None
        self._looking = QTimer(self, interval=_LOOK_MILLISECONDS)
        self._looking.timeout.connect(self._look)
        opening.film_missed.connect(self._on_film_missed)
        opening.damage_found.connect(self._on_damage_found)
        desk.actions.connect_to("relink", self._ask)
        desk.actions["relink"].setEnabled(False)

    def begin(self, film: OpenFilm) -> None:
        """Find out beside the window whether the film is still the one that the project was made for."""
        super().begin(film)
        recovered, self._recovered = self._recovered, None
        if recovered is not None and recovered[0] == film.document.path:
            self.desk.messages.show_message(Message(recovered[1], "warning", id=_DAMAGE))
        film.decoder.failed.connect(self._on_decoding_failed)
        self._allow(film)
        film.document.path_changed.connect(lambda _path: self._allow(film))
        path = film.info.path

        def work(cancelled: Event) -> str:
            return content_hash(path, cancelled)

        self.close()
        self._state = None
        self._looking.start()
        self._hashing = self._tasks.start(work, doing="looking at the film")
        self._hashing.finished.connect(partial(self._on_hashed, film))

    def end(self) -> None:
        """Stop."""
        if self._hashing is not None:
            self._hashing.cancel()
        self._hashing = None
        self._looking.stop()
        self.desk.messages.withdraw(_FILM)
        self.desk.actions["relink"].setEnabled(False)
        super().end()

    @property
    def has_looked(self) -> bool:
        """Whether it is known which file the film is."""
        return self._state is not None

    def close(self) -> None:
        """Let go of a project that waits for its film."""
        if self._waiting is not None:
            self._waiting.store.close()
        self._waiting = None

    def _allow(self, film: OpenFilm) -> None:
        self.desk.actions["relink"].setEnabled(not film.document.read_only_reason)

    # Film

    def _on_hashed(self, film: OpenFilm, digest: str) -> None:
        known = film.document.project.film
        if film is not self.film or not digest:
            return
        if not known.digest:
            film.document.amend(edits.relinked(film.document.project, replace(known, digest=digest)))
        elif known.digest != digest:
            self._say_film(
                f"The content of {film.info.path.name} is not that of the film this project was made for."
            )

    def _on_decoding_failed(self, _frame: int, sentence: str) -> None:
        if self.film is not None:
            self._say_film(sentence)

    def _look(self) -> None:
        """See beside the window whether the film is still there and the same file."""
        if self.film is None:
            return
        path = self.film.info.path
        task = self._tasks.start(
            partial(_state_of, path), doing="looking at the film", instead_of="film state"
        )
        task.finished.connect(partial(self._on_looked, self.film))

    def _on_looked(self, film: OpenFilm, state: State) -> None:
        if film is not self.film:
            return
        before, self._state = self._state or state, state
        name = film.info.path.name
        if before == state:
            return
        if state is None:
            self._say_film(
                f"{name} was moved or deleted while it was open; put it back, or say where it lies now."
            )
        elif before is None:
            self.desk.messages.withdraw(_FILM)
        else:
            self._say_film(
                f"{name} was replaced by another file while it was open; close the project and open it again."
            )

    def _say_film(self, sentence: str) -> None:
        self.desk.messages.show_message(
            Message(sentence, "warning", _FILM, Button("Relink film…", self._ask))
        )

    def _on_film_missed(self, read: OpenedProject, found: FilmIdentity | None) -> None:
        if self._waiting is not read:
            self.close()
        self._waiting = read
        path = read.project.film.path
        sentence = (
            f"The film of {read.store.path.name} is not at {path} any more; say where it lies now."
            if found is None
            else f"{path.name} is not the film that {read.store.path.name} was made for; say where that lies."
        )
        self.desk.messages.show_message(Message(sentence, "warning", _FILM, Button("Find film…", self._ask)))

    def _ask(self) -> None:
        """Ask where the film lies, and go on with it if it is the one."""
        project = self.film.document.project if self.film is not None else None
        if self._waiting is not None:
            project = self._waiting.project
        if project is None:
            return
        path = files.ask_film(self.desk.window, self._settings.folder("film"))
        if path is None:
            if self._waiting is not None:
                self._on_film_missed(self._waiting, None)
            return
        task = self._tasks.start(partial(is_same_film, project.film, path), doing="looking at the film")
        task.finished.connect(partial(self._on_compared, path))

    def _on_compared(self, path: Path, same: bool) -> None:
        if not same:
            self._say_film(f"{path.name} is not the film that this project was made for; choose another one.")
            return
        self.desk.messages.withdraw(_FILM)
        if self._waiting is not None:
            read, self._waiting = self._waiting, None
            self._opening.go_on(read, path)
        elif self.film is not None:
            document = self.film.document
            moved = replace(document.project.film, path=path.absolute())
            document.amend(edits.relinked(document.project, moved))
            self._opening.open_path(document.path)

    # Project

    def _on_damage_found(self, path: Path, sentence: str) -> None:
        button = Button("Recover", partial(self._recover, path))
        self.desk.messages.show_message(Message(sentence, "fault", _DAMAGE, button))

    def _recover(self, path: Path) -> None:
        into = _free(path.with_name(f"{path.stem} recovered{SUFFIX}"))

        def work(_cancelled: Event) -> list[str]:
            return recover(path, into)

        task = self._tasks.start(work, doing="recovering the project")
        task.finished.connect(partial(self._on_recovered, into))
        task.failed.connect(lambda text: self.desk.messages.show_message(Message(text, "fault", id=_DAMAGE)))

    def _on_recovered(self, into: Path, losses: list[str]) -> None:
        lost = " ".join(losses) or "Nothing is lost."
        text = f"What could be read is in {into.name}; the damaged file is left as it is. {lost}"
        self._recovered = into, text
        self._opening.open_path(into)


def _state_of(path: Path, _cancelled: Event) -> State:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        number, free = number + 1, path.with_name(f"{path.stem} {number}{path.suffix}")
    return free
