"""Painting: which tool the pointer has, the panel with brush and colours, spreading."""

from __future__ import annotations

from threading import Event

import numpy as np

from remaster_gui.document.user_settings import UserSettings
from remaster_gui.painting.brush import Brush
from remaster_gui.painting.raster import Raster
from remaster_gui.painting.stroke import Stroke
from remaster_gui.project import edits
from remaster_gui.project.schema import Palette, Project
from remaster_gui.ui.common.interaction import Interaction
from remaster_gui.ui.controllers.film import Controller, OpenFilm
from remaster_gui.ui.controllers.painted import PaintedReference
from remaster_gui.ui.controllers.references import ReferencesController
from remaster_gui.ui.desk import Desk
from remaster_gui.ui.paint.tools import EyedropperTool, FillTool, StrokeTool
from remaster_gui.ui.paint.work import PaintWork
from remaster_gui.workers.background import BackgroundTasks

_TOOLS = ("tool_navigate", "tool_brush", "tool_eraser", "tool_fill", "tool_eyedropper")
_SIZES = {
    "brush_smaller": (-1, False),
    "brush_larger": (1, False),
    "brush_much_smaller": (-1, True),
    "brush_much_larger": (1, True),
}
ACTIONS = (*_TOOLS, *_SIZES, "spread", "swap_colors")


class PaintingController(Controller):
    """Lends the pointer to one tool at a time."""

    def __init__(
        self,
        desk: Desk,
        target: PaintedReference,
        references: ReferencesController,
        tasks: BackgroundTasks,
        settings: UserSettings,
    ) -> None:
        super().__init__(desk)
        self._target, self._settings = target, settings
        self._tool = "tool_navigate"
        self._before = "tool_brush"
        tasks.start(_warm_up, doing="getting ready to paint")
        kit = desk.kit
        kit.change_brush(size=settings.number("brush_size", kit.brush.size, 1, 2000))
        self._work = work = PaintWork(target, kit, tasks, self)
        shared = (desk.canvas, target, kit, work)
        self._tools: dict[str, Interaction] = {
            "tool_brush": StrokeTool(*shared),
            "tool_eraser": StrokeTool(*shared, "erase"),
            "tool_fill": FillTool(*shared),
            "tool_eyedropper": EyedropperTool(*shared, self.picked),
        }
        actions = desk.actions
        for id_ in _TOOLS:
            actions.connect_to(id_, lambda _checked, id_=id_: self.choose(id_))
        for id_, (steps, large) in _SIZES.items():
            actions.connect_to(id_, lambda steps=steps, large=large: kit.step_size(steps, large=large))
        actions.connect_to("swap_colors", kit.swap_colors)
        actions.connect_to("spread", work.spread)
        actions["attention"].toggled.connect(lambda _on: self._lend())
        actions.set_enabled(ACTIONS, False)
        work.running_changed.connect(desk.paint.set_working)
        kit.color_used.connect(self._on_color_used)
        desk.paint.stop_requested.connect(work.cancel)
        desk.paint.palettes_edited.connect(self._on_palettes_edited)
        target.hindrance_changed.connect(desk.paint.set_hindrance)

    def begin(self, film: OpenFilm) -> None:
        """Begin with the pointer that only looks."""
        super().begin(film)
        film.document.project_changed.connect(self._on_project_changed)
        self._on_project_changed(None, film.document.project)
        self._allow(film)
        film.document.path_changed.connect(lambda _path: self._allow(film))
        self.desk.actions.set_enabled(ACTIONS, True)
        self.choose("tool_navigate")

    def end(self) -> None:
        """Take the tools back."""
        self._work.cancel()
        self.desk.canvas.tool = None
        self._target.set_active(False)
        self._settings.set_number("brush_size", self.desk.kit.brush.size)
        self.desk.actions.set_enabled(ACTIONS, False)
        super().end()

    def _allow(self, film: OpenFilm) -> None:
        self.desk.paint.set_editable(not film.document.read_only_reason)

    def choose(self, id_: str) -> None:
        """Take a tool in hand."""
        if id_ == "tool_eyedropper" and self._tool not in ("tool_eyedropper", "tool_navigate"):
            self._before = self._tool
        self._tool = id_
        for each in _TOOLS:
            self.desk.actions[each].setChecked(each == id_)
        self._lend()
        self._target.set_active(id_ != "tool_navigate")

    def cancel(self) -> bool:
        """Give up what is being worked out; False if nothing is."""
        return self._work.cancel()

    def _lend(self) -> None:
        """Give the pointer to the tool in hand; the one that only looks asks for attention where that is shown."""
        looks = self.desk.probe if self.desk.actions["attention"].isChecked() else None
        tool = self._tools.get(self._tool, looks)
        if self.desk.canvas.tool is not tool:
            self.desk.canvas.tool = tool

    def picked(self) -> None:
        """Go back to the tool before the eyedropper, once it has picked."""
        if self._tool == "tool_eyedropper":
            self.choose(self._before)

    def _on_color_used(self, color: str) -> None:
        if self.film is not None:
            document = self.film.document
            document.amend(edits.with_recent_color(document.project, color))

    def _on_palettes_edited(self, palettes: tuple[Palette, ...], text: str) -> None:
        if self.film is not None:
            self.film.document.edit(edits.with_palettes(self.film.document.project, palettes), text)

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        if before is None or before.recent_colors != after.recent_colors:
            self.desk.paint.set_recent(after.recent_colors)
        if before is None or before.palettes != after.palettes:
            self.desk.paint.set_palettes(after.palettes)


def _warm_up(_cancelled: Event) -> None:
    """Make the tables that painting needs, so that the first stroke need not wait for them."""
    raster = Raster.of_frame(np.zeros((16, 16), np.uint8))
    raster.rgb()
    stroke = Stroke(raster, Brush(size=4.0), "paint")
    stroke.advance(8.0, 8.0)
    stroke.finish()
    raster.rgb()
