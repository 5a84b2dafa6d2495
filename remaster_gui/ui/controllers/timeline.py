"""The timeline: cuts, thumbnails, which frames are in memory, and where the playhead is sent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer

from remaster_gui.base.timebase import nominal_rate
from remaster_gui.ui.common.qimage import to_qimage
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.desk import Desk
from remaster_gui.workers.shots import ShotController
from remaster_gui.workers.thumbnails import ThumbnailController

ACTIONS = ("timeline_in", "timeline_out", "timeline_fit")
_ZOOM = 1.5
_STRIP_MILLISECONDS = 60


class TimelineController(Controller):
    """Feeds the timeline's own lanes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._shots: ShotController | None = None
        self._thumbnails: ThumbnailController | None = None
        self._strip = QTimer(self, singleShot=True, interval=_STRIP_MILLISECONDS)
        self._strip.timeout.connect(self._show_strip)
        timeline = desk.timeline
        timeline.frame_requested.connect(self._go)
        timeline.thumbnails.wanted.connect(self._on_thumbnails_wanted)
        desk.transport.time.frame_entered.connect(self._go)
        actions = desk.actions
        actions.connect_to("timeline_in", lambda: timeline.zoom(_ZOOM))
        actions.connect_to("timeline_out", lambda: timeline.zoom(1 / _ZOOM))
        actions.connect_to("timeline_fit", lambda: timeline.set_scale(timeline.scale.fitted()))
        actions.set_enabled(ACTIONS, False)

    def begin(self, film: OpenFilm) -> None:
        """Show the film as a whole and begin to look for its cuts."""
        super().begin(film)
        info, timeline = film.info, self.desk.timeline
        aspect = info.width * float(info.pixel_aspect) / info.height
        ratio = self.desk.window.devicePixelRatioF()
        self._thumbnails = ThumbnailController(info.path, round(timeline.thumbnails.height * ratio), self)
        self._thumbnails.thumbnail_ready.connect(self._on_thumbnail_ready)
        timeline.set_film(info.frame_count, info.rate, info.timecode, aspect)
        facts = f"{info.width}×{info.height}  {float(info.rate):.6g} fps"
        self.desk.transport.set_film(info.rate, info.timecode, info.frame_count, facts)
        film.view.playhead_changed.connect(self._on_playhead_changed)
        film.decoder.held_changed.connect(self._strip.start)
        self._shots = ShotController(info.path, self)
        self._shots.cuts_found.connect(self._on_cuts_found)
        self.desk.actions.set_enabled(ACTIONS, True)

    def end(self) -> None:
        """Stop looking."""
        super().end()
        for worker in (self._shots, self._thumbnails):
            if worker is not None:
                worker.close()
                worker.deleteLater()
        self._shots = self._thumbnails = None
        self._strip.stop()
        self.desk.actions.set_enabled(ACTIONS, False)

    def states(self) -> NDArray[np.uint8]:
        """Return what the strip shows."""
        return np.zeros(0, np.uint8) if self.film is None else self.film.decoder.held.astype(np.uint8)

    def second(self) -> int:
        """Return the frames of one second."""
        return nominal_rate(self.film.info.rate) if self.film is not None else 1

    def _go(self, frame: int) -> None:
        if self.film is not None:
            self.film.view.go(frame)

    def _show_strip(self) -> None:
        self.desk.timeline.strip.set_states(self.states())

    def _on_playhead_changed(self, frame: int) -> None:
        self.desk.timeline.set_playhead(frame)
        self.desk.transport.set_frame(frame)

    def _on_thumbnails_wanted(self, frames: list[int]) -> None:
        if self._thumbnails is not None:
            self._thumbnails.want(frames)

    def _on_thumbnail_ready(self, frame: int, pixels: NDArray[np.uint8]) -> None:
        self.desk.timeline.thumbnails.set_picture(frame, to_qimage(pixels))

    def _on_cuts_found(self, cuts: tuple[int, ...]) -> None:
        self.desk.timeline.thumbnails.set_cuts(cuts)
        self.desk.timeline.set_snap_targets(cuts)
