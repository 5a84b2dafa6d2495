"""Where colours come from: the origin overlay, and in the certainty lane what of each frame is guessed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer

from remaster_gui.base.arrays import Bytes
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets

_SETTLE_MILLISECONDS = 60


class OriginController(Controller):
    """Shows what the preview tells of each frame that it makes."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, preview: PreviewController
    ) -> None:
        """Wait for frames."""
        super().__init__(session, film, widgets)
        self._preview = preview
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._tell_all)
        preview.results_changed.connect(self._on_results_changed)
        film.view.events.playhead.connect(self._show)
        film.view.events.origin.connect(self._show)
        film.document.rasters_loaded.connect(self._on_raster_loaded)

    def toggle(self) -> None:
        """Show the overlay, or no longer."""
        self.film.view.origin = not self.film.view.origin

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if frames is None:
            # Others may be up to date as well as before: of shots whose settings are their own.
            self._settling.start()
        else:
            self._tell(frames)
        if frames is None or self.film.view.playhead in frames:
            self._show()

    def _tell_all(self) -> None:
        self.widgets.certainty.forget_guessed()
        self._tell(np.flatnonzero(self._preview.states() == CURRENT).tolist())

    def _tell(self, frames: Iterable[int]) -> None:
        known = ((frame, self._share(frame)) for frame in frames)
        self.widgets.certainty.set_guessed(
            {frame: 1 - float(share.mean()) / 255 for frame, share in known if share is not None}
        )

    def _share(self, frame: int) -> NDArray[np.uint8] | None:
        found = self._preview.result(frame)
        return None if found is None or found[1] != CURRENT else found[0].share

    def _show(self) -> None:
        if self.film.view.origin:
            frame = self.film.view.playhead
            self.widgets.origin.set_share(self._share(frame), self._strokes(frame))

    def _strokes(self, frame: int) -> Bytes | None:
        """Return what strokes have painted on a frame; None where nothing shows it, or not until that is loaded."""
        document = self.film.document
        shown = (record.id for record in document.project.used_references if record.frame == frame)
        strokes = [raster.strokes() for id_ in shown if (raster := document.raster(id_)) is not None]
        return np.max(strokes, axis=0) if strokes else None

    def _on_raster_loaded(self, _id: str) -> None:
        self._show()
