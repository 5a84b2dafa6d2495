"""Whether the film that is open is still the one that its project was made for: moved, replaced, deleted meanwhile."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import content_hash
from remaster_gui.project.film_identity import is_same_film
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.reopening_controller import ReopeningController
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks

State = tuple[int, int, int] | None
"""Which file lies at a path: node, size and time of the last change; None for none."""

_LOOK_MILLISECONDS = 3000
FILM_MESSAGE = "film"


class RelinkController(ReopeningController):
    """Says what is wrong with the film, and helps to put it right."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        opening: OpeningController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Find out beside the window whether the film is still the one that the project was made for."""
        super().__init__(session, film, widgets, opening)
        self._tasks, self._settings = tasks, settings
        self._state: State = None
        looking = QTimer(self, interval=_LOOK_MILLISECONDS)
        looking.timeout.connect(self._look)
        looking.start()
        film.decoder.failed.connect(self._on_decoding_failed)
        task = tasks.start(partial(content_hash, film.info.path), doing=tr("looking at the film"))
        task.finished.connect(self._on_hashed)

    @property
    def has_looked(self) -> bool:
        """Whether it is known which file the film is."""
        return self._state is not None

    def relink(self) -> None:
        """Ask where the film lies, and go on with it if it is the one."""
        path = self.ask(lambda: files.ask_film(self.widgets.window, self._settings.folder("film")))
        if path is not None:
            known = self.film.document.project.film
            task = self._tasks.start(partial(is_same_film, known, path), doing=tr("looking at the film"))
            task.finished.connect(partial(self._on_compared, path))

    def _on_hashed(self, digest: str) -> None:
        known = self.film.document.project.film
        if not digest:
            return
        if not known.digest:
            self.amend(digest=digest)
        elif known.digest != digest:
            name = self.film.info.path.name
            self._say(
                tr("The content of {name} is not that of the film this project was made for.", name=name)
            )

    def _on_decoding_failed(self, _frame: int, sentence: str) -> None:
        self._say(sentence)

    def _look(self) -> None:
        """See beside the window whether the film is still there and the same file."""
        task = self._tasks.start(
            partial(_state_of, self.film.info.path), doing=tr("looking at the film"), instead_of="film state"
        )
        task.finished.connect(self._on_looked)

    def _on_looked(self, state: State) -> None:
        before, self._state = self._state or state, state
        name = self.film.info.path.name
        if before == state:
            return
        if state is None:
            self._say(
                tr(
                    "{name} was moved or deleted while it was open; put it back, or say where it lies now.",
                    name=name,
                )
            )
        elif before is None:
            self.widgets.messages.withdraw(FILM_MESSAGE)
        else:
            self._say(
                tr(
                    "{name} was replaced by another file while it was open; close the project and open it again.",
                    name=name,
                )
            )

    def _say(self, sentence: str) -> None:
        button = Button(tr("Relink film…"), self.relink)
        self.widgets.messages.show_message(Message(sentence, "warning", FILM_MESSAGE, button))

    def _on_compared(self, path: Path, same: bool) -> None:
        if not same:
            self._say(
                tr(
                    "{path} is not the film that this project was made for; choose another one.",
                    path=path.name,
                )
            )
            return
        self.widgets.messages.withdraw(FILM_MESSAGE)
        self.reopen(path=path.absolute())


def _state_of(path: Path, _cancelled: Event) -> State:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
