"""What cannot be opened as it is: a project whose film is not where it was, and one that is damaged."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.document.project_opening import OpenedProject
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.project.database import SUFFIX
from remaster_gui.project.film_identity import is_same_film
from remaster_gui.project.recovery import recover
from remaster_gui.project.schema import FilmIdentity
from remaster_gui.ui.controllers.controller import OpenFilm
from remaster_gui.ui.controllers.opening_controller import OpeningController
from remaster_gui.ui.controllers.relink_controller import FILM_MESSAGE
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_DAMAGE = "damage"


class RecoveryController(QObject):
    """Asks where the film of a project lies now, and makes what can be read of a damaged project into another one."""

    def __init__(
        self,
        widgets: EditorWidgets,
        opening: OpeningController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(widgets)
        self._widgets, self._opening = widgets, opening
        self._tasks, self._settings = tasks, settings
        self._waiting: OpenedProject | None = None
        self._recovered: tuple[Path, str] | None = None
        opening.film_missed.connect(self._on_film_missed)
        opening.damage_found.connect(self._on_damage_found)
        opening.opened.connect(self._on_opened)

    def close(self) -> None:
        """Let go of a project that waits for its film."""
        if self._waiting is not None:
            self._waiting.store.close()
        self._waiting = None

    def _on_opened(self, film: OpenFilm) -> None:
        """Say of a project that was recovered what is lost; nothing waits any longer."""
        self.close()
        recovered, self._recovered = self._recovered, None
        if recovered is not None and recovered[0] == film.document.path:
            self._widgets.messages.show_message(Message(recovered[1], "warning", id=_DAMAGE))

    # Films

    def _on_film_missed(self, read: OpenedProject, found: FilmIdentity | None) -> None:
        if self._waiting is not read:
            self.close()
        self._waiting = read
        path = read.project.film.path
        self._say(
            tr(
                "The film of {path} is not at {path2} any more; say where it lies now.",
                path=read.store.path.name,
                path2=path,
            )
            if found is None
            else tr(
                "{path} is not the film that {path2} was made for; say where that lies.",
                path=path.name,
                path2=read.store.path.name,
            )
        )

    def _find(self) -> None:
        """Ask where the film lies, and go on with it if it is the one."""
        waiting = self._waiting
        if waiting is None:
            return
        path = files.ask_film(self._widgets.window, self._settings.folder("film"))
        if path is None:
            self._on_film_missed(waiting, None)
            return
        known = waiting.project.film
        task = self._tasks.start(partial(is_same_film, known, path), doing=tr("looking at the film"))
        task.finished.connect(partial(self._on_compared, waiting, path))

    def _on_compared(self, waiting: OpenedProject, path: Path, same: bool) -> None:
        if waiting is not self._waiting:
            return
        if not same:
            self._say(
                tr(
                    "{path} is not the film that this project was made for; choose another one.",
                    path=path.name,
                )
            )
            return
        self._widgets.messages.withdraw(FILM_MESSAGE)
        self._waiting = None
        self._opening.go_on(waiting, path)

    def _say(self, sentence: str) -> None:
        button = Button(tr("Find film…"), self._find)
        self._widgets.messages.show_message(Message(sentence, "warning", FILM_MESSAGE, button))

    # Projects

    def _on_damage_found(self, path: Path, sentence: str) -> None:
        button = Button(tr("Recover"), partial(self._recover, path))
        self._widgets.messages.show_message(Message(sentence, "fault", _DAMAGE, button))

    def _recover(self, path: Path) -> None:
        into = _free(path.with_name(f"{path.stem} recovered{SUFFIX}"))

        def work(_cancelled: Event) -> list[str]:
            return recover(path, into)

        task = self._tasks.start(work, doing=tr("recovering the project"))
        task.finished.connect(partial(self._on_recovered, into))
        task.failed.connect(self._on_recovery_failed)

    def _on_recovery_failed(self, sentence: str) -> None:
        self._widgets.messages.show_message(Message(sentence, "fault", id=_DAMAGE))

    def _on_recovered(self, into: Path, losses: list[str]) -> None:
        lost = " ".join(losses) or tr("Nothing is lost.")
        text = tr(
            "What could be read is in {into}; the damaged file is left as it is. {lost}",
            into=into.name,
            lost=lost,
        )
        self._recovered = into, text
        self._opening.open_path(into)


def _free(path: Path) -> Path:
    number, free = 2, path
    while free.exists():
        number, free = number + 1, path.with_name(f"{path.stem} {number}{path.suffix}")
    return free
