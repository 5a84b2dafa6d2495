"""Attention: the overlay, heat over the references, the certainty lane, and where the next reference is needed."""

from __future__ import annotations

from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QColor, QImage

from remaster_gui.base.choices import Layer
from remaster_gui.base.language import tr
from remaster_gui.base.timebase import nominal_rate
from remaster_gui.engine.attention_results import (
    AttentionMap,
    FrameShares,
    PointHeat,
    lane_frames,
    least_certain,
)
from remaster_gui.media import FilmFile
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.viewer.attention_overlay import LegendEntry
from remaster_gui.ui.viewer.attention_pictures import heat_pictures, overlay_picture
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.attention_service import AttentionService
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.network_slot import NetworkSlot

_SETTLE_MILLISECONDS = 300
_NOTHING_USED = tr("No reference is painted and in use yet; attention shows what references give.")
_GUESSED = tr("Guesses colour the film so far, no reference of yours; attention shows what references give.")


class AttentionController(Controller):
    """Asks for attention while the overlay is switched on, of what is in sight only."""

    shares_changed = Signal()
    """More is known of which reference colours how much of a frame, or less."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        network: NetworkSlot,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._tasks = preview, tasks
        self._used: tuple[ReferenceRecord, ...] = ()
        self._generation = 0
        self._going = False
        self._settling = QTimer(self, singleShot=True, interval=_SETTLE_MILLISECONDS)
        self._settling.timeout.connect(self._ask_lane)
        self._attention = AttentionService(
            FilmFile.of(film.info), film.info.frame_count, preview.stores, network, self
        )
        self._attention.map_ready.connect(self._on_map_ready)
        self._attention.point_ready.connect(self._on_point_ready)
        self._attention.shares_ready.connect(self._on_shares_ready)
        self._attention.lane_changed.connect(widgets.certainty.forget)
        self._attention.lane_changed.connect(self.shares_changed)
        self._attention.running_changed.connect(self._on_running_changed)
        self._attention.failed.connect(self._on_failed)
        widgets.probe.point_requested.connect(self._ask_point)
        widgets.probe.point_left.connect(self._on_point_left)
        widgets.timeline.scale_changed.connect(self._on_scale_changed)
        preview.guidance_changed.connect(self._on_guidance_changed)
        film.view.events.playhead.connect(self._ask_map)
        film.view.events.layer.connect(self._ask_map)
        film.view.events.attention.connect(self._on_switched)
        film.document.project_changed.connect(self._on_project_changed)
        widgets.certainty.set_film(film.info.frame_count, film.document.project.cuts or ())
        self._on_guidance_changed()

    def toggle(self) -> None:
        """Show the overlay, or no longer."""
        self.film.view.attention = not self.film.view.attention

    def share(self, id_: str, frame: int) -> float | None:
        """Return the part of a frame that a reference colours; None where that is not known, or not any more."""
        known = self._attention.shares(frame)
        places = [place for place, record in enumerate(self._used) if record.id == id_]
        if known is None or len(known.shares) != len(self._used) or not places:
            return None
        return float(known.shares[places[0]])

    def certainty(self) -> NDArray[np.float32]:
        """Return how certain the colours of each frame are ``(frames,)``; NaN where that is not known."""
        return self._attention.certainty()

    def go_uncertain(self) -> None:
        """Go where colour is least certain; what is in sight is looked at first."""
        if not self._used:
            self.widgets.messages.show_message(Message(self._nothing_to_show(), id="attention"))
            return
        second = nominal_rate(self.film.info.rate)
        frame = least_certain(self._attention.certainty(), self.film.view.playhead, second)
        if frame is None:
            self._going = True
            self.widgets.status.set_note(tr("Looking where colour is least certain …"))
            self._ask_lane()
        else:
            self.widgets.status.set_note("")
            self.film.view.go(frame)

    @property
    def _is_on(self) -> bool:
        return self.film.view.attention

    def _nothing_to_show(self) -> str:
        """Say why there is no attention where no reference is used."""
        return _GUESSED if self._preview.guesses else _NOTHING_USED

    def _on_switched(self) -> None:
        if self._is_on:
            self._ask_map()
            self._ask_lane()
        else:
            self.widgets.probe.unpin()
            self._attention.stop()

    def _on_guidance_changed(self) -> None:
        """Ask again for what is in sight: references or settings are other ones."""
        used = self.film.document.project.used_references
        self._attention.set_guidance(self._preview.guidance)
        if [(r.id, r.revision) for r in used] != [(r.id, r.revision) for r in self._used]:
            self.widgets.bin.set_heat({})
        if used != self._used:
            same = [r.id for r in used] == [r.id for r in self._used]
            self.widgets.certainty.set_references(used, forget=not same)
            self._used = used
        if self._is_on:
            self._ask_map()
            self._settling.start()

    def _on_project_changed(self, _before: Project, after: Project) -> None:
        self.widgets.certainty.set_cuts(after.cuts or ())

    def _ask_map(self) -> None:
        if not self._is_on:
            return
        if not self._used:
            self.widgets.overlay.set_waiting(self._nothing_to_show())
            return
        self._generation += 1
        self.widgets.overlay.set_waiting("…", keep=True)
        self.shares_changed.emit()
        self._attention.request_map(self.film.view.playhead, self.film.view.layer, self._generation)
        self.widgets.probe.ask_again()

    def _on_map_ready(self, frame: int, found: AttentionMap, generation: int) -> None:
        if generation != self._generation or len(found.references) != len(self._used):
            return
        colors = [QColor(record.color) for record in self._used]
        shares = found.shares.mean(axis=(0, 1))
        legend = list(map(LegendEntry, self._used, shares.tolist()))

        def work(_cancelled: Event) -> QImage:
            return overlay_picture(found.shares, found.certainty, colors)

        def show(picture: QImage) -> None:
            if generation == self._generation:
                certainty = float(found.certainty.mean())
                self.widgets.overlay.set_map(picture, legend, certainty)

        task = self._tasks.start(work, doing=tr("drawing the attention"), instead_of="attention")
        task.finished.connect(show)
        task.failed.connect(self._on_failed)

    def _ask_point(self, x: float, y: float, coarse: bool) -> None:
        if self._is_on and self._used:
            layer: Layer = "coarse" if coarse else "fine"
            self._attention.request_point(self.film.view.playhead, x, y, layer)

    def _on_point_ready(self, frame: int, found: PointHeat) -> None:
        probe = self.widgets.probe
        if probe.point is None or len(found.references) != len(self._used):
            return
        if frame == self.film.view.playhead:
            probe.set_cell(found.cell)
            self.widgets.bin.set_heat(heat_pictures(found.heat, [record.id for record in self._used]))

    def _on_point_left(self) -> None:
        self.widgets.bin.set_heat({})

    def _on_scale_changed(self) -> None:
        if self._is_on:
            self._settling.start()

    def _ask_lane(self) -> None:
        if self._used:
            shots = self.film.document.project.shots
            self._attention.request_shares(lane_frames(shots, self.widgets.timeline.scale.visible))

    def _on_shares_ready(self, frame: int, found: FrameShares) -> None:
        self.shares_changed.emit()
        visible = self.widgets.timeline.scale.visible
        reach = max(1, len(visible) // 100)
        self.widgets.certainty.set_frame(frame, found.shares, found.certainty, reach)

    def _on_running_changed(self, running: bool) -> None:
        if not running and self._going:
            self._going = False
            self.go_uncertain()

    def _on_failed(self, sentence: str) -> None:
        if self._going:
            # It is no longer looked for.
            self._going = False
            self.widgets.status.set_note("")
        self.widgets.overlay.set_waiting(tr("not known"))
        self.widgets.messages.show_message(Message(sentence, "fault", id="attention"))
