"""Frames as pictures, for other programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from threading import Event

import numpy as np
from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.language import tr
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.media import write_picture
from remaster_gui.painting.raster import Raster
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.dialogs import file_dialogs as files
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks


class PicturesController(Controller):
    """Writes pictures beside the window."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        references: ReferencesController,
        lasting: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        """Tasks that are `lasting` outlive the film: what is being written is written to its end."""
        super().__init__(session, film, widgets)
        self._references, self._lasting, self._settings = references, lasting, settings

    def export_frame(self) -> None:
        """Ask where the frame at the playhead is to be written, and write it."""
        film, frame = self.film, self.film.view.playhead
        pixels = film.decoder.pixels(frame)
        if pixels is None:
            return
        proposal = self._settings.folder("frame", film.info.path) / f"{film.info.path.stem}_{frame:06d}.png"
        path = self.ask(lambda: files.ask_frame_name(self.widgets.window, proposal))
        if path is None:
            return
        self._settings.set_folder("frame", path.parent)
        there = self._references.on_frame(frame)
        raster = film.document.raster(there.id) if there is not None and there.colored else None
        task = self._lasting.start(partial(_write, path, pixels, raster), doing=tr("writing the frame"))
        told = Message(tr("The frame is in {path}.", path=path))
        self.when_done(task, lambda _: self.widgets.messages.show_message(told))


def _write(path: Path, luma: Pixels, raster: Raster | None, _cancelled: Event) -> None:
    """Write a frame with the colours that it has by now."""
    grey: Pixels = np.repeat(luma[..., None], 3, axis=2)  # type: ignore[assignment]  # of luma's depth
    write_picture(grey if raster is None else raster.rgb(), path)
