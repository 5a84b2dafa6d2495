"""Frames that draw from the part of a reference under the pointer, lit on the timeline while it rests there."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QPointF, QTimer
from PySide6.QtGui import QColor

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.base.reference_grid import CELLS, COLUMNS, ROWS
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets

DRAWS_FROM = 3
"""Share of a cell in a frame, of 255, from which the frame is said to draw from it: one place in a hundred."""
_REST_MILLISECONDS = 140


class LightController(Controller):
    """Follows the pointer over pictures of references, in the bin and in the viewer."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        painted: PaintedReference,
    ) -> None:
        """Light nothing before the pointer rests."""
        super().__init__(session, film, widgets)
        self._preview, self._painted = preview, painted
        self._place: tuple[str, int] | None = None
        self._known: tuple[str, list[int], Bytes] | None = None
        self._note = ""
        self._resting = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._resting.timeout.connect(self._light)
        widgets.bin.hovered.connect(self._look_at)
        widgets.bin.hover_left.connect(self._leave)
        widgets.hover.moved.connect(self._on_canvas_hovered)
        widgets.hover.left.connect(self._leave)
        preview.results_changed.connect(self._on_results_changed)
        film.document.project_changed.connect(self._on_project_changed)

    def _on_canvas_hovered(self, place: QPointF) -> None:
        shown = self._painted.shown
        if shown is None:
            self._leave()
        else:
            self._look_at(shown.id, place)

    def _look_at(self, id_: str, place: QPointF) -> None:
        """Light up once the pointer rests on this cell."""
        column, row = (int(at * most) for at, most in ((place.x(), COLUMNS), (place.y(), ROWS)))
        cell = min(max(row, 0), ROWS - 1) * COLUMNS + min(max(column, 0), COLUMNS - 1)
        if (id_, cell) != self._place:
            self._place = (id_, cell)
            self._resting.start()

    def _leave(self) -> None:
        if self._place is not None:
            self._place = None
            self._resting.stop()
            self._show(None)

    def _on_results_changed(self, _frames: object) -> None:
        self._known = None
        if self._place is not None and not self._resting.isActive():
            self._resting.start()

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if before.references != after.references:
            self._known = None

    def _light(self) -> None:
        if self._place is None:
            return
        id_, cell = self._place
        record = self.film.document.project.reference(id_)
        if record is None:
            self._leave()
            return
        frames, shares = self._shares(id_)
        levels = np.zeros(self.film.info.frame_count, np.uint8)
        levels[frames] = shares[:, cell]
        levels[levels < DRAWS_FROM] = 0
        self._show(levels, QColor(record.color), cell)
        lit, previewed = np.flatnonzero(levels).tolist(), counted(len(frames), "frame")
        if not frames:
            self._say(tr("Preview (P) to see which frames draw from this part of the reference"))
        elif not lit:
            name = record.name
            self._say(
                tr("Of {frames} previewed none draws from this part of {name}", frames=previewed, name=name)
            )
        else:
            shots = len({self.film.document.project.shot_number(frame) for frame in lit})
            self._say(
                tr(
                    "Of {frames} previewed {count} in {shots} draw from this part of {name}",
                    frames=previewed,
                    count=len(lit),
                    shots=counted(shots, "shot"),
                    name=record.name,
                )
            )

    def _shares(self, id_: str) -> tuple[list[int], Bytes]:
        """Return the frames of which it is known, and what each draws from the cells of a reference ``(n, CELLS)``."""
        if self._known is None or self._known[0] != id_:
            frames, rows = [], []
            for frame in np.flatnonzero(self._preview.states() == CURRENT).tolist():
                cells = self._preview.drawn_cells(frame, id_)
                if cells is not None:
                    frames.append(frame)
                    rows.append(cells)
            shares: Bytes = np.stack(rows) if rows else np.zeros((0, CELLS), np.uint8)
            self._known = (id_, frames, shares)
        return self._known[1:]

    def _show(self, levels: Bytes | None, color: QColor | None = None, cell: int = 0) -> None:
        place = None if levels is None else self._place
        self.widgets.bin.set_cell(None if place is None else (place[0], cell))
        self.widgets.timeline.references.set_light(levels, color or QColor())
        if levels is None:
            self._say("")

    def _say(self, text: str) -> None:
        """Say it at the left of the status bar, where nothing else is said, and take it back."""
        status = self.widgets.status
        if status.note in ("", self._note):
            self._note = text
            status.set_note(text)
