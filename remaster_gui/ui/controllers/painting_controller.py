"""Painting: which tool the pointer has, the panel with brush and colours, spreading."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Event

import numpy as np
from PySide6.QtCore import QObject

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.document.view_state import Tool
from remaster_gui.painting.brush import Brush
from remaster_gui.painting.painted_hints import CarriedColors
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.stroke import Stroke
from remaster_gui.project import edits
from remaster_gui.project.schema import Palette, Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.painted_reference import PaintedReference
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.interaction import Interaction
from remaster_gui.ui.paint.tools import EyedropperTool, FillTool, PaintTool, StrokeTool
from remaster_gui.ui.paint.work import Change, PaintWork
from remaster_gui.workers.background_tasks import BackgroundTasks
from remaster_gui.workers.colorist_slot import ColoristSlot

_WITH_COLOR: tuple[Tool, ...] = ("brush", "eraser", "fill", "eyedropper")
"""Tools with which a colour may be wanted."""
_SPREADS_ALONG = "spread_as_you_paint"
"""Name of the user's choice."""


class PaintingController(Controller):
    """Lends the pointer to one tool at a time."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        target: PaintedReference,
        preview: PreviewController,
        colorist: ColoristSlot,
        tasks: BackgroundTasks,
        user: UserSettings,
        others: Mapping[Tool, Interaction],
    ) -> None:
        """Begin with the pointer that only looks; `others`: tools that do not paint."""
        super().__init__(session, film, widgets)
        self._target, self._preview, self._colorist, self._user = target, preview, colorist, user
        self._before: Tool = "brush"
        settings = widgets.tool_settings
        self._work = work = PaintWork(target, settings, tasks, self, spreading=self._spreading)
        work.spreads_along = user.flag(_SPREADS_ALONG, False)
        shared = (widgets.canvas, target, settings, work)
        self.pointed: tuple[PaintTool, ...] = (StrokeTool(*shared), FillTool(*shared))
        """Tools that give colour to the place that they point at."""
        self._tools: dict[Tool, Interaction] = {
            "brush": self.pointed[0],
            "eraser": StrokeTool(*shared, "erase"),
            "fill": self.pointed[1],
            "eyedropper": EyedropperTool(*shared, self.picked),
            **others,
        }
        film.view.events.attention.connect(self._hand_out_tool)
        film.view.events.tool.connect(self._on_tool_changed)
        work.running_changed.connect(widgets.paint.set_working)
        settings.color_used.connect(self._on_color_used)
        widgets.paint.stop_requested.connect(work.cancel)
        widgets.paint.palettes_edited.connect(self._on_palettes_edited)
        target.blocked_reason_changed.connect(widgets.paint.set_blocked_reason)
        widgets.paint.set_editable(not film.document.read_only_reason)
        film.document.read_only_changed.connect(self._on_read_only_changed)
        film.document.project_changed.connect(self._on_project_changed)
        self._on_project_changed(None, film.document.project)
        widgets.paint.show_tool(film.view.tool)
        widgets.bin.set_picking(False, with_ctrl=film.view.tool in _WITH_COLOR)
        self._hand_out_tool()

    def choose(self, tool: Tool) -> None:
        """Take a tool in hand."""
        self.film.view.tool = tool

    def spread(self) -> None:
        """Let what is painted grow into the whole frame."""
        self._work.spread()

    @property
    def spreads_along(self) -> bool:
        """Whether strokes spread as soon as they are painted."""
        return self._work.spreads_along

    def toggle_spreading(self) -> None:
        """Let strokes spread as soon as they are painted, or no longer."""
        self._work.spreads_along = not self._work.spreads_along
        self._user.set_flag(_SPREADS_ALONG, self._work.spreads_along)
        self._work.give_way()

    @property
    def carried(self) -> CarriedColors | None:
        """What the other references carry to the frame that is painted, as far as the preview has it."""
        record = self._target.record
        if record is None or record.frame is None:
            return None
        return self._preview.carried(record.frame, record.id)

    def _spreading(self) -> Change:
        return partial(self._colorist.spread, carried=self.carried)

    def cancel(self) -> bool:
        """Give up what is being worked out; False if nothing is."""
        return self._work.cancel()

    def _hand_out_tool(self) -> None:
        """Give the pointer to the tool in hand; the one that only looks asks for attention where that is shown."""
        looks = self.widgets.probe if self.film.view.attention else None
        tool = self._tools.get(self.film.view.tool, looks)
        if self.widgets.canvas.pointer.tool is not tool:
            self.widgets.canvas.pointer.tool = tool

    def picked(self) -> None:
        """Go back to the tool before the eyedropper, once it has picked."""
        if self.film.view.tool == "eyedropper":
            self.choose(self._before)

    def _on_tool_changed(self, tool: Tool, before: Tool) -> None:
        if tool == "eyedropper" and before != "navigate":
            self._before = before
        self.widgets.bin.set_picking(tool == "eyedropper", with_ctrl=tool in _WITH_COLOR)
        self.widgets.paint.show_tool(tool)
        self._hand_out_tool()
        self._target.set_active(tool not in ("navigate", "dirt"))

    def _on_color_used(self, color: str) -> None:
        document = self.film.document
        document.amend(edits.with_recent_color(document.project, color))

    def _on_palettes_edited(self, palettes: tuple[Palette, ...], text: str) -> None:
        document = self.film.document
        document.edit(edits.with_palettes(document.project, palettes), text)

    def _on_read_only_changed(self, reason: str) -> None:
        self.widgets.paint.set_editable(not reason)

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        if before is None or before.recent_colors != after.recent_colors:
            self.widgets.paint.set_recent(after.recent_colors)
        if before is None or before.palettes != after.palettes:
            self.widgets.paint.set_palettes(after.palettes)


def warm_up(_cancelled: Event) -> None:
    """Make the tables that painting needs, so that the first stroke need not wait for them."""
    raster = Raster.of_frame(np.zeros((16, 16), np.uint8))
    raster.rgb()
    stroke = Stroke(raster, Brush(size=4.0), "paint")
    stroke.advance(8.0, 8.0)
    stroke.finish()
    raster.rgb()
