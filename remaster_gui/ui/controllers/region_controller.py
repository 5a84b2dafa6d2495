"""Which part of a reference counts: tools that change it, and what is seen of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Float, Mask
from remaster_gui.base.language import tr
from remaster_gui.base.packed_regions import pack_region, unpack_region
from remaster_gui.document.view_state import Tool
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.region import grid_of, laid_over
from remaster_gui.project import edits, name_edits
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.interaction import Interaction
from remaster_gui.ui.paint.region_tools import RegionBrush, RegionKey, RegionLasso, RegionSimilar
from remaster_gui.workers.alike_service import AlikeService
from remaster_gui.workers.network_slot import NetworkSlot

_STAGED = ("", b"")
"""What is seen while a tool shows what would count: nothing that is in the project."""
LOOKING = tr("Looking for what is alike …")
NO_ROOM = tr("There are too many named colours; delete some first.")
NOTHING_LEFT = tr("Nothing of the reference would count; switch it off instead (Use for colouring).")


class RegionController(Controller):
    """What the region's tools change (a `RegionTarget`): that of the reference that is painted."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        references: ReferencesController,
        painted: PaintedReference,
        network: NetworkSlot,
    ) -> None:
        super().__init__(session, film, widgets)
        self._references, self._painted = references, painted
        self._alike = AlikeService(network, self)
        self._seen: tuple[str, bytes] | None = None
        shared = (widgets.canvas, self, widgets.tool_settings)
        self._similar = RegionSimilar(*shared)
        self.tools: Mapping[Tool, Interaction] = {
            "region_brush": RegionBrush(*shared),
            "region_lasso": RegionLasso(*shared),
            "region_key": RegionKey(*shared),
            "region_similar": self._similar,
        }
        widgets.tool_settings.alike_changed.connect(self._on_alike_changed)
        painted.shown_changed.connect(self._on_shown_changed)
        film.document.project_changed.connect(self._show)
        film.view.events.tool.connect(self._drop_begun)
        for seen in (film.view.events.name, film.view.events.is_naming):
            seen.connect(self._on_naming_changed)

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
        if self._naming:
            named = self._named_region(record)
            if named is None:
                return np.zeros((height, width), bool)
            region = named
        else:
            region = record.validity.region
        return laid_over(unpack_region(region), width, height) if region else np.ones((height, width), bool)

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""
        self._painted.refuse(reason)

    def stage(self, mask: Mask | None) -> None:
        """Show what would count; None: what does."""
        self._seen = _STAGED
        if mask is None:
            self._show()
        else:
            self.widgets.region.set_mask(mask)

    def commit(self, mask: Mask, text: str, value: str = "") -> None:
        """Let this part count from now on; successive ones of one `value` are one step."""
        record = self._painted.record
        if record is None:
            return
        if self._naming:
            self._name(record, mask, text, value)
            return
        if not mask.any():
            self.refuse(NOTHING_LEFT)
            return
        document = self.film.document
        after = _of(document.project, record, pack_region(mask))
        document.edit(after, tr("{text} of {record}", text=text, record=record.name), value, waits=True)

    def ask_alike(self, place: tuple[float, float], done: Callable[[Float], None]) -> None:
        """Ask how unlike a place (in pixels) all others are, on the region's grid."""
        record = self._painted.record
        if record is None:
            return
        self.widgets.status.set_note(LOOKING)

        def found(distance: Float) -> None:
            self._end_note()
            done(distance)

        def failed(sentence: str) -> None:
            self._end_note()
            self._similar.cancel()
            self.refuse(sentence)

        self._alike.ask(
            f"{record.id} {record.revision}",
            partial(self.film.document.pixels, record.id, record.revision),
            (place[0] / record.width, place[1] / record.height),
            found,
            failed,
        )

    def _on_shown_changed(self) -> None:
        # What is asked was of another picture.
        self._similar.cancel()

    def _end_note(self) -> None:
        if self.widgets.status.note == LOOKING:
            self.widgets.status.set_note("")

    def _on_alike_changed(self) -> None:
        self._show_tolerance()
        self._similar.follow()

    def _show_tolerance(self) -> None:
        """Offer the tolerance while the tool that goes by it is in hand."""
        is_on = self.film.view.tool == "region_similar"
        where = self.widgets.inspector.reference.where
        where.show_tolerance(self.widgets.tool_settings.alike if is_on else None)

    # Named colours

    @property
    def _naming(self) -> str:
        """The name whose region the tools change; '' where they say what counts."""
        view = self.film.view
        return view.name or "" if view.is_naming else ""

    def _named_region(self, record: ReferenceRecord) -> bytes | None:
        """Return which part of a reference has the name; None for nothing of it."""
        named, name = self.film.document.project.named, self._naming
        place = name, record.id
        return next((each.region for each in named if (each.name, each.reference) == place), None)

    def _name(self, record: ReferenceRecord, mask: Mask, text: str, value: str) -> None:
        """Let this part have the name from now on; nothing of it takes the name away from the reference."""
        document, name = self.film.document, self._naming
        project, raster = document.project, self._painted.raster
        if raster is None:
            return
        after = name_edits.with_named_part(project, name, record.id, mask, raster)
        if after is project:
            self.refuse(NO_ROOM)
        document.edit(after, tr("{text} of {record}", text=text, record=name), value, waits=True)

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
        if tool == "region_similar":
            # Where its tolerance is.
            self.widgets.panel_requested.emit("inspector")

    def count_all(self) -> None:
        """Let all of the chosen references count."""
        self._references.change(lambda project, record: _of(project, record, b""), tr("Count all of {}"))

    def invert(self) -> None:
        """Let count what does not, of those chosen references of which only a part counts."""

        def change(project: Project, record: ReferenceRecord) -> Project:
            region = record.validity.region
            return _of(project, record, pack_region(~unpack_region(region))) if region else project

        self._references.change(change, tr("Swap what counts of {}"))

    def _drop_begun(self) -> None:
        """Give up what was begun with the tool before."""
        for tool in self.tools.values():
            tool.cancel()
        self._show_tolerance()

    def _on_naming_changed(self) -> None:
        self._drop_begun()
        self._show()

    def _show(self) -> None:
        """Cover what does not count of the reference that is shown."""
        record = self._painted.shown
        region = b"" if record is None else record.validity.region
        if record is not None and self._naming:
            region = self._named_region(record) or b""
        now = None if record is None else (record.id, region)
        if now != self._seen:
            self._seen = now
            self.widgets.region.set_mask(unpack_region(region) if region else None)


def _of(project: Project, record: ReferenceRecord, region: bytes) -> Project:
    return edits.with_validity(project, record.id, replace(record.validity, region=region))
