"""What restoration takes away: its overlay, and the tool that decides about single spots (a `DirtTarget`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from threading import Event

import cv2
import numpy as np
from PySide6.QtCore import QObject

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import ProjectError
from remaster_gui.base.language import tr
from remaster_gui.base.spot_marks import MarkKind, SpotMark
from remaster_gui.document.view_state import Tool
from remaster_gui.engine.dirt_map import DirtMap, covers, dirt_map, mark_of, marked
from remaster_gui.engine.frame_store import CURRENT
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.engine.sizes import Size
from remaster_gui.project import mark_edits
from remaster_gui.project.schema import Project
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.preview_controller import PreviewController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.interaction import Interaction
from remaster_gui.ui.paint.dirt_tool import DirtTool, Points
from remaster_gui.ui.viewer.dirt_overlay import NOT_KNOWN, SeenDirt
from remaster_gui.ui.widgets.message_bar import Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_REFUSED = "dirt refused"
NOT_RESTORED = tr("This shot is not restored, so nothing is taken away.")
_NAMES: Mapping[MarkKind, str] = {"reject": tr("Reject a repair"), "repair": tr("Repair by hand")}
_FEWEST_LINES = 540
"""Of the picture that marks are drawn in."""


class DirtController(Controller):
    """Looks for spots of the frame in sight while its overlay is seen or its tool in hand."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        preview: PreviewController,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(session, film, widgets)
        self._preview, self._tasks = preview, tasks
        self._map: DirtMap | None = None
        self._made_of: tuple[PreviewedFrame, float] | None = None
        self.tools: Mapping[Tool, Interaction] = {
            "dirt": DirtTool(widgets.canvas, self, widgets.tool_settings)
        }
        preview.results_changed.connect(self._on_results_changed)
        film.decoder.frame_ready.connect(self._look)
        film.document.project_changed.connect(self._on_project_changed)
        for seen in ("playhead", "dirt", "tool"):
            film.view.events[seen].connect(self._look)

    def toggle(self) -> None:
        """Show the overlay, or no longer."""
        self.film.view.dirt = not self.film.view.dirt

    def choose(self) -> None:
        """Take the tool in hand, or put it down; what it works on is shown."""
        view = self.film.view
        view.tool = "navigate" if view.tool == "dirt" else "dirt"
        if view.tool == "dirt":
            view.dirt = True

    @property
    def has_marks(self) -> bool:
        """Whether something was decided about spots of the frame at the playhead."""
        return bool(self.film.document.project.marks_at(self.film.view.playhead))

    def forget_marks(self) -> None:
        """Take back all that was decided about spots of the frame at the playhead."""
        project, frame = self.film.document.project, self.film.view.playhead
        self.film.document.edit(
            mark_edits.without_marks(project, frame), tr("Take all marks of a frame back")
        )

    # What the tool decides

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be decided now; '' if it can."""
        if self.film.document.read_only_reason:
            return self.film.document.read_only_reason
        project, frame = self.film.document.project, self.film.view.playhead
        if project.settings_of(project.shot_at(frame).start).restored_share == 0:
            return NOT_RESTORED
        return ""

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""
        self.widgets.messages.show_message(Message(reason, "warning", _REFUSED))

    def decide_at(self, x: float, y: float, size: float, kind: MarkKind | None) -> None:
        """Decide about the spot at a place, or about a disc where there is none."""
        document, frame = self.film.document, self.film.view.playhead
        before = [each for each in document.project.marks_at(frame) if covers(each, x, y)]
        if kind is None and before:
            document.edit(
                mark_edits.without_mark(document.project, frame, before[-1]), tr("Take a mark back")
            )
            return
        found = self._map if self._map is not None and self._map.frame == frame else None
        if found is None:
            self.refuse(NOT_KNOWN)
            return
        mark = found.spot_at(x, y, "reject") if kind in (None, "reject") else None
        if mark is None and kind is None:
            mark = found.spot_at(x, y, "repair")
        self._keep(mark or self._brushed(np.array([(x, y)]), size, kind or "repair"))

    def decide_along(self, points: Points, size: float, kind: MarkKind) -> None:
        """Decide about what a round brush touches on its way."""
        self._keep(self._brushed(points, size, kind))

    def _brushed(self, points: Points, size: float, kind: MarkKind) -> SpotMark | None:
        """Return a mark over what a brush touches; None outside the picture."""
        info, radius = self.film.info, max(1.0, size / 2)
        left, top = (max(0, int(n)) for n in points.min(0) - radius)
        right, bottom = (
            min(int(np.ceil(n)), most)
            for n, most in zip(points.max(0) + radius, (info.width, info.height), strict=True)
        )
        if right <= left or bottom <= top:
            return None
        shape = np.zeros((bottom - top, right - left), np.uint8)
        places = np.rint((points - (left, top) - 0.5) * 16).astype(np.int32)
        cv2.polylines(shape, [places], isClosed=False, color=1, thickness=max(1, round(2 * radius)), shift=4)
        for x, y in places:
            cv2.circle(shape, (int(x), int(y)), round(radius * 16), 1, -1, shift=4)
        return (
            mark_of(kind, left, top, right - left, bottom - top, shape.astype(bool)) if shape.any() else None
        )

    def _keep(self, mark: SpotMark | None) -> None:
        document = self.film.document
        if mark is None:
            return
        try:
            project = mark_edits.with_mark(document.project, self.film.view.playhead, mark)
        except (ProjectError, ValueError) as error:
            self.refuse(
                str(error) if isinstance(error, ProjectError) else tr("Draw several shorter strokes instead.")
            )
            return
        document.edit(project, _NAMES[mark.kind])

    # What the overlay shows

    def _on_results_changed(self, frames: tuple[int, ...] | None) -> None:
        if frames is None or self.film.view.playhead in frames:
            self._look()

    def _on_project_changed(self, before: Project | None, after: Project) -> None:
        frame = self.film.view.playhead
        if before is None or before.marks_at(frame) != after.marks_at(frame):
            self.changed.emit()
            self._show()

    def _look(self) -> None:
        """Look for the spots of the frame in sight, if that is wanted and not known yet."""
        view = self.film.view
        if not (view.dirt or view.tool == "dirt"):
            return
        frame = view.playhead
        found, luma = self._preview.result(frame), self.film.decoder.pixels(frame)
        if found is None or luma is None or found[1] != CURRENT:
            # A mark that was just made has made it stale; what was found of the frame stays right.
            if self._map is None or self._map.frame != frame or found is None:
                self._map = self._made_of = None
            self._show()
            return
        project = self.film.document.project
        sensitivity = project.settings_of(project.shot_at(frame).start).dirt_sensitivity
        made_of = found[0], sensitivity
        if self._made_of is not None and self._made_of[0] is made_of[0] and self._made_of[1] == sensitivity:
            self._show()
            return
        self._made_of = made_of
        work = partial(_mapped, found[0], luma, sensitivity)
        task = self._tasks.start(work, doing=tr("looking for dirt"), instead_of="dirt map")
        task.finished.connect(partial(self._on_found, made_of))

    def _on_found(self, made_of: tuple[PreviewedFrame, float], found: DirtMap | None) -> None:
        if self._made_of is made_of:
            self._map = found
            self._show()

    def _show(self) -> None:
        if not self.film.view.dirt:
            return
        frame, found = self.film.view.playhead, self._map
        if found is None or found.frame != frame:
            self.widgets.dirt.show_dirt(None, self.blocked_reason or NOT_KNOWN)
            return
        scale = max(1, -(-_FEWEST_LINES // found.dark.shape[0]))
        size = Size(found.dark.shape[1] * scale, found.dark.shape[0] * scale)
        masks = {}
        for kind in ("reject", "repair"):
            masks[kind] = np.zeros((size.height, size.width), bool)
        marks = self.film.document.project.marks_at(frame)
        for mark in marks:
            masks[mark.kind] |= marked(mark, found.film, size)
        dark, bright = (np.kron(each, np.ones((scale, scale), bool)) for each in (found.dark, found.bright))
        rejected = sum(mark.kind == "reject" for mark in marks)
        height, width = found.dark.shape
        found_at = f"{width}×{height}" if height < self.film.info.height else ""
        self.widgets.dirt.show_dirt(
            SeenDirt(
                dark,
                bright,
                masks["reject"],
                masks["repair"],
                found.count,
                (rejected, len(marks) - rejected),
                found_at,
            )
        )


def _mapped(frame: PreviewedFrame, luma: Pixels, sensitivity: float, _cancelled: Event) -> DirtMap | None:
    return dirt_map(frame, luma, sensitivity)
