"""The timeline: cuts, thumbnails, flags of references, and what it is to snap to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from remaster_gui.base.language import tr
from remaster_gui.media import FilmFile
from remaster_gui.project import edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.film_faults_controller import FilmFaultsController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.shot_service import ShotService
from remaster_gui.workers.thumbnail_service import ThumbnailService

_ZOOM = 1.5
_CUTS = "cuts"
_THUMBNAILS = "thumbnails"
_NO_CUTS = tr("As long as the cuts are not known, the film is taken for one shot")


class TimelineController(Controller):
    """Feeds the timeline; finds the cuts of a film whose project does not know them yet."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, faults: FilmFaultsController
    ) -> None:
        """Show the film as a whole."""
        super().__init__(session, film, widgets)
        self._faults = faults
        self._shots: ShotService | None = None
        info, timeline = film.info, widgets.timeline
        aspect = info.width * float(info.pixel_aspect) / info.height
        ratio = self.widgets.window.devicePixelRatioF()
        self._thumbnails = ThumbnailService(
            FilmFile.of(info), round(timeline.thumbnails.height * ratio), self
        )
        self._thumbnails.thumbnail_ready.connect(self._on_thumbnail_ready)
        timeline.thumbnails.wanted.connect(self._thumbnails.want)
        self._thumbnails.failed.connect(lambda text: self._say(Message(text, "warning", id=_THUMBNAILS)))
        timeline.set_film(info.frame_count, info.rate, info.timecode, aspect)
        facts = tr(
            "{width}×{height}  {rate:.5g} fps", width=info.width, height=info.height, rate=float(info.rate)
        )
        self.widgets.transport.set_film(info.rate, info.timecode, info.frame_count, facts, info.numbers)
        film.view.events.playhead.connect(self._on_playhead_changed)
        film.view.events.selected_reference.connect(self._show_flags)
        film.document.project_changed.connect(self._on_project_changed)
        if film.document.project.cuts is None:
            self._look_for_cuts()
        self._on_project_changed(None, film.document.project)
        self._on_playhead_changed(film.view.playhead)

    def zoom_in(self) -> None:
        """Show less of the film, larger."""
        self.widgets.timeline.zoom(_ZOOM)

    def zoom_out(self) -> None:
        """Show more of the film, smaller."""
        self.widgets.timeline.zoom(1 / _ZOOM)

    def fit(self) -> None:
        """Show all of the film."""
        timeline = self.widgets.timeline
        timeline.set_scale(timeline.scale.fitted())

    def _look_for_cuts(self) -> None:
        self._shots = ShotService(FilmFile.of(self.film.info), self)
        self._shots.cuts_found.connect(self._on_cuts_found)
        self._shots.failed.connect(self._on_search_failed)
        self._shots.noticed.connect(self._faults.say)
        self._shots.progress_changed.connect(
            lambda share: self.widgets.status.set_note(tr("Looking for cuts: {share:.0%}", share=share))
        )

    def _stop_looking(self) -> None:
        if self._shots is not None:
            self._shots.close()
            self._shots.deleteLater()
            self._shots = None
            self.widgets.status.set_note("")

    def _on_cuts_found(self, cuts: tuple[int, ...]) -> None:
        self._stop_looking()
        document = self.film.document
        if document.project.cuts is not None:
            return  # they have become known otherwise meanwhile
        document.amend(edits.with_cuts(document.project, cuts))

    def _on_search_failed(self, sentence: str) -> None:
        self._stop_looking()
        button = Button(tr("Search again"), self._search_again)
        self._say(Message(sentence, "warning", _CUTS, button, _NO_CUTS))

    def _search_again(self) -> None:
        if self._shots is None:
            self._look_for_cuts()

    def _say(self, message: Message) -> None:
        self.widgets.messages.show_message(message)

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        timeline = self.widgets.timeline
        if before is None or (before.in_point, before.out_point) != (after.in_point, after.out_point):
            timeline.ruler.set_segment(after.in_point, after.out_point)
        if before is None or before.cuts != after.cuts:
            timeline.thumbnails.set_cuts(after.cuts or ())
        if before is None or before.references != after.references:
            self._show_flags()
        if before is None or before.markers != after.markers:
            timeline.ruler.set_markers(after.markers)
        timeline.set_snap_targets(snap_targets(after))

    def _show_flags(self) -> None:
        references = self.film.document.project.references
        self.widgets.timeline.references.set_references(references, self.film.view.selected_reference)

    def _on_playhead_changed(self, frame: int) -> None:
        self.widgets.timeline.set_playhead(frame)
        self.widgets.transport.set_frame(frame)

    def _on_thumbnail_ready(self, frame: int, pixels: NDArray[np.uint8]) -> None:
        self.widgets.timeline.thumbnails.set_picture(frame, to_qimage(pixels))


def snap_targets(project: Project) -> list[int]:
    """Return the frames that the playhead snaps to: cuts, references, markers, in and out points."""
    targets = {*(project.cuts or ()), *(r.frame for r in project.references if r.frame is not None)}
    targets |= {marker.frame for marker in project.markers}
    targets |= {point for point in (project.in_point, project.out_point) if point is not None}
    return sorted(targets)
