"""The viewer: asks for the frame at the playhead, shows it, and how source and remastered frame are compared."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage

from remaster_gui.media.film import Pixels
from remaster_gui.ui.common.qimage import to_qimage
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.previewing import PreviewingController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.viewer.canvas import WHEEL_STEP
from remaster_gui.ui.viewer.compare import CompareMode

_MODES = {
    "compare_wipe": CompareMode.WIPE,
    "compare_side": CompareMode.SIDE,
    "compare_difference": CompareMode.DIFFERENCE,
}
ACTIONS = (*_MODES, "compare_flip", "fit", "actual_size", "zoom_in", "zoom_out")


class ViewingController(Controller):
    """Feeds the canvas. Frames that come late are shown while nothing newer has come, so that scrubbing stays alive."""

    shown_changed = Signal()
    """Other pixels are seen than before."""

    def __init__(self, desk: Desk, preview: PreviewingController) -> None:
        super().__init__(desk)
        self._preview = preview
        self._source = QImage()
        self._generation = 0
        self._shown_generation = 0
        self._shown = -1
        canvas, actions = desk.canvas, desk.actions
        for id_, mode in _MODES.items():
            actions.connect_to(id_, lambda checked, mode=mode: self._compare(mode if checked else None))
        actions.connect_to("compare_flip", self._flip)
        actions.connect_to("fit", canvas.fit)
        actions.connect_to("actual_size", lambda: canvas.zoom_to(1.0))
        actions.connect_to("zoom_in", lambda: canvas.zoom_by(WHEEL_STEP**2))
        actions.connect_to("zoom_out", lambda: canvas.zoom_by(WHEEL_STEP**-2))
        actions.set_enabled(ACTIONS, False)
        preview.results_changed.connect(self._on_results_changed)
        preview.began.connect(self._on_preview_began)

    def begin(self, film: OpenFilm) -> None:
        """Show the first frame as soon as it is decoded."""
        super().begin(film)
        self._generation = self._shown_generation = 0
        self._shown = -1
        canvas = self.desk.canvas
        canvas.set_picture_size(QSize(film.info.width, film.info.height), float(film.info.pixel_aspect))
        canvas.set_message(f"Opening {film.info.path.name} …")
        canvas.fit()
        film.decoder.frame_ready.connect(self._on_frame_ready)
        film.view.playhead_changed.connect(self._request)
        self.desk.actions.set_enabled(ACTIONS, True)
        self._request(film.view.playhead)

    def end(self) -> None:
        """Show nothing."""
        super().end()
        self._shown = -1
        self.desk.compare.set_pictures(QImage(), None)
        self.desk.actions.set_enabled(ACTIONS, False)

    def _request(self, frame: int) -> None:
        if self.film is not None:
            self._generation += 1
            self.film.decoder.request(frame, self._generation)

    def _on_frame_ready(self, frame: int, pixels: Pixels, generation: int) -> None:
        if generation <= self._shown_generation:
            return
        self._shown_generation, self._shown = generation, frame
        self._source = to_qimage(pixels)
        self._show()

    def _show(self) -> None:
        found = self._preview.result(self._shown)
        result, stale = (None, False) if found is None else (to_qimage(found[0].rgb), found[1])
        self.desk.compare.set_pictures(self._source, result, stale=stale)
        self.shown_changed.emit()

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if self._shown >= 0 and (frames is None or self._shown in frames):
            self._show()

    def _on_preview_began(self) -> None:
        """Show what is being made, unless it is seen already."""
        if self.desk.compare.mode is CompareMode.SOURCE:
            self.desk.compare.set_mode(CompareMode.RESULT)

    def _compare(self, mode: CompareMode | None) -> None:
        compare = self.desk.compare
        compare.set_mode(mode if mode is not None else CompareMode.RESULT)
        for id_, each in _MODES.items():
            self.desk.actions[id_].setChecked(each is mode)

    def _flip(self) -> None:
        shown = self.desk.compare.mode is CompareMode.SOURCE
        self._compare(None)
        if not shown:
            self.desk.compare.set_mode(CompareMode.SOURCE)
