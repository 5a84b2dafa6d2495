"""Which part of a reference counts: tools that change it, and what is seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Mask
from remaster_gui.document.view_state import Tool
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.region import grid_of, laid_over, pack_region, unpack_region
from remaster_gui.project import edits
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.interaction import Interaction
from remaster_gui.ui.paint.region_tools import RegionBrush, RegionKey, RegionLasso

NOTHING_LEFT = "Nothing of the reference would count; switch it off instead (Use for colouring)."


class RegionController(Controller):
    """What the region's tools change (a `RegionTarget`): that of the reference that is painted."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        references: ReferencesController,
        painted: PaintedReference,
    ) -> None:
        super().__init__(session, film, widgets)
        self._references, self._painted = references, painted
        self._seen: tuple[str, bytes] | None = None
        shared = (widgets.canvas, self, widgets.tool_settings)
        self.tools: Mapping[Tool, Interaction] = {
            "region_brush": RegionBrush(*shared),
            "region_lasso": RegionLasso(*shared),
            "region_key": RegionKey(*shared),
        }
        painted.shown_changed.connect(self._show)
        film.document.project_changed.connect(self._show)
        film.view.events.tool.connect(self._drop_begun)

    # What tools see

    @property
    def raster(self) -> Raster | None:
        """The pixels of the reference."""
        return self._painted.raster

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be changed now, in one sentence for the user; '' if it can."""
        return self._painted.blocked_reason

    @property
    def mask(self) -> Mask:
        """What counts, on the region's grid."""
        record = self._painted.record
        assert record is not None, "whoever changes a region asks whether there is one"
        width, height = grid_of(record.width, record.height)
        region = record.validity.region
        return laid_over(unpack_region(region), width, height) if region else np.ones((height, width), bool)

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""
        self._painted.refuse(reason)

    def stage(self, mask: Mask | None) -> None:
        """Show what would count; None: what does."""
        if mask is None:
            self._seen = None
            self._show()
        else:
            self._seen = ("", b"")
            self.widgets.region.set_mask(mask)

    def commit(self, mask: Mask, text: str) -> None:
        """Let this part count from now on."""
        record = self._painted.record
        if record is None:
            return
        if not mask.any():
            self.refuse(NOTHING_LEFT)
            return
        self._edit(record, pack_region(mask), f"{text} of {record.name}")

    # What the menu offers

    @property
    def has_region(self) -> bool:
        """Whether only a part of any chosen reference counts."""
        return any(record.validity.region for record in self._references.all_chosen)

    def choose(self, tool: Tool) -> None:
        """Take a tool in hand, on the chosen reference."""
        chosen = self._references.chosen
        if chosen is not None and chosen.frame is not None and chosen.frame != self.film.view.playhead:
            self.film.view.go(chosen.frame)
        self.film.view.tool = tool

    def count_all(self) -> None:
        """Let all of the chosen references count."""
        self._references.change(lambda project, record: _of(project, record, b""), "Count all of {}")

    def invert(self) -> None:
        """Let count what does not, of those chosen references of which only a part counts."""

        def change(project: Project, record: ReferenceRecord) -> Project:
            region = record.validity.region
            return _of(project, record, pack_region(~unpack_region(region))) if region else project

        self._references.change(change, "Swap what counts of {}")

    def _edit(self, record: ReferenceRecord, region: bytes, text: str) -> None:
        self.film.document.edit(_of(self.film.document.project, record, region), text)

    def _drop_begun(self) -> None:
        """Give up corners that were clicked with the tool before."""
        for tool in self.tools.values():
            tool.cancel()

    def _show(self) -> None:
        """Cover what does not count of the reference that is shown."""
        record = self._painted.shown
        now = None if record is None else (record.id, record.validity.region)
        if now != self._seen:
            self._seen = now
            region = b"" if record is None else record.validity.region
            self.widgets.region.set_mask(unpack_region(region) if region else None)


def _of(project: Project, record: ReferenceRecord, region: bytes) -> Project:
    return edits.with_validity(project, record.id, replace(record.validity, region=region))
