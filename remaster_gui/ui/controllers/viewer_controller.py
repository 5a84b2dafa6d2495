"""The viewer: asks for the frame at the playhead, shows it, and how source and remastered frame are compared."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, QSize, Signal
from PySide6.QtGui import QImage

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.language import tr
from remaster_gui.document.memory_budgets import picture_budget
from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import CompareMode
from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE
from remaster_gui.engine.preview_picture import recolored_picture
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.viewer.full_size import FullSizePictures
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.decode_service import FIRST_REQUEST

_RESULT_NAMES = {CURRENT: tr("remastered"), STALE: tr("remastered, stale"), DRAFT: tr("draft")}


@dataclass(frozen=True, slots=True)
class Painted:
    """The picture of a reference that is being painted; `frame` is None for a free-standing one."""

    name: str
    picture: QImage
    frame: int | None


class ViewerController(Controller):
    """Feeds the canvas. Frames that come late are shown while nothing newer has come, so that scrubbing stays alive."""

    frame_shown = Signal(int)
    """Another frame of the film is on the screen."""
    shown_changed = Signal()
    """Other pixels are seen than before."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview = preview
        self.full_size = FullSizePictures(tasks, picture_budget(settings.memory_budget), self)
        self.full_size.ready.connect(self._on_full_size_ready)
        self._source = QImage()
        self._luma: Pixels | None = None
        self._detailed = -1
        """Frame that is on the screen with full-size luminance; -1 for none."""
        self._painted: Painted | None = None
        self._generation = FIRST_REQUEST
        self._shown_generation = 0
        self.shown_frame = -1
        """Frame on the screen; -1 for none. While scrubbing it may lag behind the playhead."""
        view = film.view
        part = view.zoom, view.center, view.is_fitted
        self._fit_to_film()
        if not part[2]:
            # What was looked at the last time comes back.
            view.zoom, view.center, view.is_fitted = part
        preview.results_changed.connect(self._on_results_changed)
        preview.began.connect(self._on_preview_began)
        film.document.project_changed.connect(self._on_project_changed)
        film.decoder.frame_ready.connect(self._on_frame_ready)
        film.view.events.playhead.connect(self._request)
        film.view.events.compare.connect(self._on_mode_changed)
        film.view.events.is_covered.connect(self._on_mode_changed)
        widgets.second.shown_changed.connect(self._on_mode_changed)
        self._request(film.view.playhead)

    def show_painted(self, painted: Painted | None) -> None:
        """Show a reference in place of the remastered frame; None ends that."""
        if painted is self._painted:
            return
        free = [p is not None and p.frame is None for p in (self._painted, painted)]
        self._painted = painted
        if free[1] and painted is not None:
            self.widgets.canvas.set_picture_size(painted.picture.size())
        elif free[0]:
            self._fit_to_film()
        self.film.view.is_covered = painted is not None
        self._show()

    def _fit_to_film(self) -> None:
        info = self.film.info
        self.widgets.canvas.set_picture_size(QSize(info.width, info.height), float(info.pixel_aspect))

    def _request(self, frame: int) -> None:
        self._generation += 1
        self.film.decoder.request(frame, self._generation)

    def _on_frame_ready(self, frame: int, pixels: Pixels, generation: int) -> None:
        if generation <= self._shown_generation:
            return
        self._shown_generation, self.shown_frame = generation, frame
        self._source, self._luma = to_qimage(pixels), pixels
        self._show()
        self.frame_shown.emit(frame)

    def _show(self) -> None:
        compare, painted = self.widgets.compare, self._painted
        if painted is not None and painted.frame in (None, self.shown_frame):
            self._detailed = -1
        if painted is not None and painted.frame is None:
            compare.set_pictures(painted.picture, painted.picture, name=painted.name)
        elif painted is not None and painted.frame == self.shown_frame:
            compare.set_pictures(self._source, painted.picture, name=painted.name)
        else:
            self._show_result()
        self._show_second()
        self.shown_changed.emit()

    def _show_second(self) -> None:
        info, painted = self.film.info, self._painted
        is_free = painted is not None and painted.frame is None
        size = painted.picture.size() if painted is not None and is_free else QSize(info.width, info.height)
        aspect = 1.0 if is_free else float(info.pixel_aspect)
        self.widgets.second.set_picture(self.widgets.compare.latest, size, aspect)

    def _show_result(self) -> None:
        """Show the remastered frame with full-size luminance, or as it was previewed until that is composed."""
        compare, frame = self.widgets.compare, self.shown_frame
        found = self._preview.result(frame)
        if found is None:
            self._detailed = -1
            self.full_size.stop()
            compare.set_pictures(self._source, None)
            return
        full = self.full_size.get(found[0], self._preview.full_size_look(frame))
        if full is None:
            self._want_detail(found[0])
            if self._detailed == frame and compare.has_result:
                # What was there before it stays for this moment: nothing is to look soft in between.
                return
        self._detailed = frame if full is not None else -1
        recolorings = self.film.document.project.recolorings
        result = to_qimage(recolored_picture(found[0], recolorings)) if full is None else full
        name = result_name(found[1], result.size(), self._source.size())
        compare.set_pictures(self._source, result, name=name)

    def _want_detail(self, found: PreviewedFrame) -> None:
        """Let the frame in sight be composed, unless only the source is seen."""
        is_seen = self.film.view.shown is not CompareMode.SOURCE or self.widgets.second.isVisible()
        if not is_seen or self._luma is None:
            self.full_size.stop()
            return
        frame = self.shown_frame
        look = self._preview.full_size_look(frame)
        self.full_size.want(found, look, self._luma, self._beside(found), at_once=self._detailed == frame)

    def _beside(self, found: PreviewedFrame) -> tuple[Pixels, ...]:
        """Return luma of the frames before and after in the same shot, where it is needed and there."""
        if not found.finish.needs_neighbours:
            return ()
        shot = self.film.document.project.shot_at(found.index)
        near = (self.film.decoder.pixels(n) for n in (found.index - 1, found.index + 1) if n in shot)
        return tuple(pixels for pixels in near if pixels is not None)

    def _on_full_size_ready(self, frame: PreviewedFrame) -> None:
        if frame.index == self.shown_frame and self._painted is None:
            self._show()

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if self.shown_frame >= 0 and self._painted is None and (frames is None or self.shown_frame in frames):
            self._show()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.recolorings != after.recolorings and self._painted is None and self.shown_frame >= 0:
            # At once, if softer: colours are being chosen by eye.
            self._detailed = -1
            self._show()

    def _on_preview_began(self) -> None:
        """Show what is being made, unless it is seen already."""
        if self.film.view.compare is CompareMode.SOURCE:
            self.film.view.compare = CompareMode.RESULT

    def _on_mode_changed(self) -> None:
        if self._painted is None and self.shown_frame >= 0 and self._detailed != self.shown_frame:
            self._show()
        else:
            self.shown_changed.emit()


def result_name(state: int, size: QSize, film: QSize) -> str:
    """Return what the viewer calls a remastered frame: its state, and its size where that is not the film's."""
    name = _RESULT_NAMES[state]
    is_smaller = size.width() < film.width() or size.height() < film.height()
    return f"{name} · {size.width()}×{size.height()}" if is_smaller else name
