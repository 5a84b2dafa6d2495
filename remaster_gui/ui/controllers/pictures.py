"""Pictures in and out: coloured ones as references, frames for other programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

import numpy as np

from remaster_gui.base.notices import Kind
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import Pixels, write_picture
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.common.message_bar import Message
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.references import ReferencesController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.dialogs import files
from remaster_gui.ui.dialogs.import_picture import ImportChoice, ImportPictureDialog
from remaster_gui.workers.background import BackgroundTasks

ACTIONS = ("import_reference", "export_frame")


class PicturesController(Controller):
    """Reads and writes pictures beside the window."""

    def __init__(
        self, desk: Desk, references: ReferencesController, tasks: BackgroundTasks, settings: UserSettings
    ) -> None:
        super().__init__(desk)
        self._references, self._tasks, self._settings = references, tasks, settings
        desk.actions.connect_to("import_reference", self._ask_picture)
        desk.actions.connect_to("export_frame", self._ask_name)
        desk.actions.set_enabled(ACTIONS, False)

    def begin(self, film: OpenFilm) -> None:
        """Serve this film."""
        super().begin(film)
        self.desk.actions["export_frame"].setEnabled(True)
        self._allow(film)
        film.document.path_changed.connect(lambda _path: self._allow(film))

    def end(self) -> None:
        """Serve none."""
        super().end()
        self.desk.actions.set_enabled(ACTIONS, False)

    def _allow(self, film: OpenFilm) -> None:
        self.desk.actions["import_reference"].setEnabled(not film.document.read_only_reason)

    def _ask_name(self) -> None:
        film = self.film
        pixels = None if film is None else film.decoder.pixels(film.view.playhead)
        if film is None or pixels is None:
            return
        frame = film.view.playhead
        folder = self._settings.folder("frame")
        path = files.ask_frame_name(self.desk.window, folder / f"{film.info.path.stem}_{frame:06d}.png")
        if path is None:
            return
        self._settings.set_folder("frame", path.parent)
        there = self._references.on_frame(frame)
        raster = film.document.raster(there.id) if there is not None and there.colored else None
        task = self._tasks.start(partial(_write, path, pixels, raster), doing="writing the frame")
        task.finished.connect(lambda _: self._say(f"The frame is in {path}.", "note"))
        task.failed.connect(lambda sentence: self._say(sentence, "fault"))

    def _ask_picture(self) -> None:
        path = files.ask_picture(self.desk.window, self._settings.folder("picture"))
        if path is not None:
            self._settings.set_folder("picture", path.parent)
            self.import_picture(path)

    def import_picture(self, path: Path) -> None:
        """Show what becomes of a picture as a reference, for the frame at the playhead or free-standing."""
        film = self.film
        if film is None:
            return
        frame = film.view.playhead
        dialog = ImportPictureDialog(
            path, film.decoder.pixels(frame), f"frame {frame}", self._tasks, self.desk.window
        )
        dialog.import_requested.connect(partial(self._import, film, frame))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _import(self, film: OpenFilm, frame: int, choice: ImportChoice) -> None:
        if film is self.film:
            place = frame if choice.aligned else None
            id_ = film.document.add_reference("imported", place, choice.raster, choice.name)
            film.view.select(id_ or None)

    def _say(self, sentence: str, kind: Kind) -> None:
        self.desk.messages.show_message(Message(sentence, kind))


def _write(path: Path, luma: Pixels, raster: Raster | None, _cancelled: Event) -> None:
    """Write a frame with the colours that it has by now."""
    grey: Pixels = np.repeat(luma[..., None], 3, axis=2)  # type: ignore[assignment]  # of luma's depth
    write_picture(grey if raster is None else raster.rgb(), path)
