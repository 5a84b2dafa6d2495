"""The viewing LUT: chosen, switched on and off, and used beside the window on whatever is drawn."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from remaster_gui.base.files import printable
from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media.cube_lut import read_lut, screen_table
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.viewer.screen_look import through
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_FOLDER = "lut"
_READING = tr("reading the LUT")
_SHOWING = tr("showing the picture through the LUT")


class LookController(Controller):
    """Lets pictures be seen through a LUT. Nothing of it reaches the network, the scopes, or an export by itself."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Show what was shown the last time."""
        super().__init__(session, film, widgets)
        self._tasks, self._settings = tasks, settings
        self._table: tuple[Path, NDArray[np.uint32]] | None = None
        self._is_busy = False
        self._next: QImage | None = None
        widgets.look.wanted.connect(self._on_wanted)
        film.view.events.is_lut_on.connect(self._show)
        if film.view.lut is not None:
            self._read(film.view.lut)

    @property
    def has_lut(self) -> bool:
        """Whether a LUT has been chosen."""
        return self.film.view.lut is not None

    def ask_lut(self) -> None:
        """Ask for a LUT, and show pictures through it."""
        folder = self._settings.folder(_FOLDER, self.film.view.lut or self.film.info.path)
        path = self.ask(lambda: files.ask_lut(self.widgets.window, folder))
        if path is not None:
            self._settings.set_folder(_FOLDER, path.parent)
            self._read(path)

    def toggle(self) -> None:
        """Show pictures through the LUT, or as they are."""
        self.film.view.is_lut_on = not self.film.view.is_lut_on

    def _read(self, path: Path) -> None:
        task = self._tasks.start(lambda _cancelled: _table(path), doing=_READING, instead_of=_FOLDER)
        task.finished.connect(partial(self._on_read, path))
        task.failed.connect(partial(self._on_unread, path))

    def _on_read(self, path: Path, table: NDArray[np.uint32]) -> None:
        view = self.film.view
        is_another = path != view.lut
        self._table, view.lut = (path, table), path
        if is_another:
            view.is_lut_on = True
        self._show()
        self.changed.emit()

    def _on_unread(self, path: Path, sentence: str) -> None:
        if path == self.film.view.lut:
            self.film.view.lut = None
            self.changed.emit()
        self.widgets.messages.show_message(Message(sentence, "fault"))

    def _show(self) -> None:
        look = self.widgets.look
        if self._table is None or not self.film.view.is_lut_on:
            look.set_table(None)
        else:
            look.set_table(self._table[1], printable(self._table[0].name))
        self.widgets.scopes.set_note(tr("Measured without the viewing LUT") if look.name else "")

    def _on_wanted(self, picture: QImage) -> None:
        # Shares the pixels until the viewer changes its own, so nothing is copied here.
        self._next = QImage(picture)
        if not self._is_busy:
            self._begin()

    def _begin(self) -> None:
        """Make the newest of what is wanted; while it is made others only wait."""
        table, picture = self.widgets.look.table, self._next
        self._next = None
        if table is None or picture is None:
            return
        self._is_busy = True

        def work(_cancelled: Event) -> QImage:
            return through(table, picture)

        task = self._tasks.start(work, doing=_SHOWING)
        task.finished.connect(partial(self._on_made, table, picture.cacheKey()))
        task.ended.connect(self._on_ended)

    def _on_made(self, table: NDArray[np.uint32], key: int, seen: QImage) -> None:
        if table is self.widgets.look.table:
            self.widgets.look.put(key, seen)

    def _on_ended(self) -> None:
        self._is_busy = False
        self._begin()


def _table(path: Path) -> NDArray[np.uint32]:
    return screen_table(read_lut(path))
