"""The eyedropper on references in the bin: colours of their own pixels, whatever frame is being painted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF

from remaster_gui.painting.color_values import Lab, pick
from remaster_gui.painting.raster import Box, Raster
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painting_controller import PaintingController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.paint.marks import qcolor
from remaster_gui.ui.qimage import to_qimage

_REACH = 6
"""Pixels that the loupe shows to each side of the one that is picked."""


class PickingController(Controller):
    """Picks from the bin. A raster that is not in memory is waited for; the newest place counts."""

    def __init__(
        self, session: QObject, film: OpenFilm, widgets: EditorWidgets, painting: PaintingController
    ) -> None:
        super().__init__(session, film, widgets)
        self._painting = painting
        self._at: tuple[str, QPointF] | None = None
        self._before: Lab | None = None
        self._is_lifted = False
        widgets.bin.picking.connect(self._on_picking)
        widgets.bin.pick_ended.connect(self._on_pick_ended)
        film.document.rasters_loaded.connect(self._on_raster_loaded)

    def _on_picking(self, id_: str, place: QPointF) -> None:
        if self._before is None:
            self._before = self.widgets.tool_settings.foreground
        self._at, self._is_lifted = (id_, place), False
        self._pick()

    def _on_raster_loaded(self, id_: str) -> None:
        if self._at is not None and self._at[0] == id_:
            self._pick()
            if self._is_lifted:
                self._at = None

    def _on_pick_ended(self, kept: bool) -> None:
        if not kept and self._before is not None:
            self.widgets.tool_settings.set_foreground(self._before)
        if not kept or self._raster() is not None:
            self._at = None
        self._before, self._is_lifted = None, True
        if kept:
            self._painting.picked()

    def _raster(self) -> Raster | None:
        return None if self._at is None else self.film.document.raster(self._at[0])

    def _pick(self) -> None:
        raster = self._raster()
        if raster is None or self._at is None:
            return
        place = self._at[1]
        x = min(place.x() * raster.width, raster.width - 1)
        y = min(place.y() * raster.height, raster.height - 1)
        color = pick(raster, x, y)
        if color is None:
            return
        self.widgets.tool_settings.set_foreground(color)
        if not self._is_lifted:
            box = Box(int(x) - _REACH, int(y) - _REACH, 2 * _REACH + 1, 2 * _REACH + 1)
            seen = to_qimage(raster.rgb(box.clipped(raster.width, raster.height)))
            # Beyond the raster's edge there is nothing, and the picked pixel stays in the middle.
            picture = seen.copy(min(0, box.x), min(0, box.y), box.width, box.height)
            self.widgets.bin.show_loupe(picture, qcolor(color))
