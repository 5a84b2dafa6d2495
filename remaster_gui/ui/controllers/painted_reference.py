"""The reference that is being painted: its pixels, its picture in the viewer, and why painting cannot be."""

from __future__ import annotations

from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QImage

from remaster_gui.base.language import tr
from remaster_gui.painting.color_values import Lab, lab_of_rgb
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.project.schema import Project, ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.controllers.viewer_controller import Painted, ViewerController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks

_UNMARKED = tr("This frame is no reference yet: press R to mark it, then paint.")
_LOADING = tr("The reference is still being loaded.")
_MESSAGE = "paint"


class PaintedReference(Controller):
    """What the tools paint on (a `PaintTarget`): the reference of the frame shown, or a chosen free-standing one.

    While `active` its picture takes the place of the remastered frame in the viewer.
    """

    blocked_reason_changed = Signal(str)
    shown_changed = Signal()
    """Another reference is shown than before, or none."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        viewing: ViewerController,
        references: ReferencesController,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(session, film, widgets)
        self._viewing, self._references, self._tasks = viewing, references, tasks
        self._active = False
        self._shown: tuple[str, Raster] | None = None
        self._committing = False
        self._refused = ""
        """Why a gesture did nothing that the user was told of last."""
        viewing.frame_shown.connect(self._refresh)
        film.view.events.selected_reference.connect(self._refresh)
        film.view.events.playhead.connect(self._on_playhead)
        film.document.read_only_changed.connect(self._refresh)
        film.document.rasters_loaded.connect(self._refresh)
        film.document.raster_changed.connect(self._on_raster_changed)
        film.document.project_changed.connect(self._on_project_changed)
        self._refresh()

    def set_active(self, active: bool) -> None:
        """Show and lend the reference, while a tool is chosen that paints."""
        self._active = active
        self._refresh()

    # What tools see

    @property
    def record(self) -> ReferenceRecord | None:
        """The reference."""
        chosen = self._references.chosen
        if chosen is not None and chosen.frame is None:
            return chosen
        return self._references.on_frame(self._viewing.shown_frame)

    @property
    def shown(self) -> ReferenceRecord | None:
        """The reference whose picture is in the viewer."""
        return None if self._shown is None else self.film.document.project.reference(self._shown[0])

    @property
    def raster(self) -> Raster | None:
        """The pixels, which tools change in place; None while there are none."""
        record = self.record
        return None if record is None else self.film.document.raster(record.id)

    @property
    def blocked_reason(self) -> str:
        """Why nothing can be painted now, in one sentence for the user; '' if it can."""
        if self.film.document.read_only_reason:
            return self.film.document.read_only_reason
        if self.record is None:
            return _UNMARKED
        return "" if self._shown is not None and self._shown[1] is self.raster else _LOADING

    def refuse(self, reason: str) -> None:
        """Tell the user why a gesture did nothing."""
        self._refused = reason
        button = Button(tr("Mark this frame"), self._references.mark) if reason == _UNMARKED else None
        self.widgets.messages.show_message(Message(reason, id=_MESSAGE, button=button))

    def pixels_changed(self, box: Box, pixels: NDArray[np.uint8] | None = None) -> None:
        """Show a box of the raster anew."""
        if self._shown is not None and not box.is_empty:
            rgb = self._shown[1].rgb(box) if pixels is None else pixels
            patch = to_qimage(rgb)
            self.widgets.compare.patch_result(patch, box.x, box.y)
            self.widgets.second.patch(patch, box.x, box.y)
            self._viewing.shown_changed.emit()

    def commit(self, delta: PixelDelta, text: str, *, joins: bool = False) -> None:
        """Keep a change that the raster shows already as one step to undo, or as part of the one before."""
        if self._shown is None:
            return
        record = self.film.document.project.reference(self._shown[0])
        if record is not None:
            text = tr(
                "{text} on {record}",
                text=text,
                record=record.name if record.frame is None else tr("frame {frame}", frame=record.frame),
            )
        self.widgets.messages.withdraw(_MESSAGE)
        self._committing = True
        try:
            self.film.document.paint(self._shown[0], delta, text, joins=joins)
        finally:
            self._committing = False

    def pick(self, point: QPointF) -> Lab | None:
        """Return the colour seen at a place of the canvas' picture."""
        shown = self.widgets.compare.picture_at(point)
        size = self.widgets.canvas.view.picture
        if shown is None or size.isEmpty():
            return None
        x, y = point.x() / size.width() * shown.width(), point.y() / size.height() * shown.height()
        if not (0 <= x < shown.width() and 0 <= y < shown.height()):
            return None
        color = shown.pixelColor(int(x), int(y))
        return lab_of_rgb(color.redF(), color.greenF(), color.blueF())

    # What is shown

    def _refresh(self) -> None:
        """Show the reference if it is to be seen; its picture is made on another thread."""
        record, raster = self.record, self.raster if self._active else None
        if not self._active or record is None or raster is None:
            self._show_nothing()
        elif self._shown is None or self._shown != (record.id, raster):
            self._show_nothing()
            changes = raster.changes

            def work(_cancelled: Event) -> QImage:
                return to_qimage(raster.rgb()).convertToFormat(QImage.Format.Format_RGB32)

            task = self._tasks.start(work, doing=tr("showing the reference"), instead_of="painted")
            task.finished.connect(lambda picture: self._on_made(record, raster, changes, picture))
        self._tell_blocked(self.blocked_reason if self._active else "")

    def _tell_blocked(self, reason: str) -> None:
        """Say why nothing can be painted, and take back a refusal for a reason that has passed."""
        if self._refused in (_UNMARKED, _LOADING) and self._refused != reason:
            self.widgets.messages.withdraw(_MESSAGE)
            self._refused = ""
        self.blocked_reason_changed.emit(reason)

    def _on_made(self, record: ReferenceRecord, raster: Raster, changes: int, picture: QImage) -> None:
        now = self.record
        if not self._active or now is None or now.id != record.id or self.raster is not raster:
            return
        if raster.changes != changes:
            self._refresh()
            return
        self._shown = (record.id, raster)
        self._viewing.show_painted(Painted(record.name, picture, record.frame))
        self.shown_changed.emit()
        self._tell_blocked(self.blocked_reason)

    def _show_nothing(self) -> None:
        if self._shown is not None:
            self._shown = None
            self._viewing.show_painted(None)
            self.shown_changed.emit()

    def _on_playhead(self, _frame: int) -> None:
        """Go back to the film: whoever moves through it wants to see it, not a picture that stands free."""
        shown = self.shown
        if shown is not None and shown.frame is None:
            self.film.view.selected_reference = None

    def _on_raster_changed(self, id_: str, box: Box) -> None:
        if self._shown is not None and self._shown[0] == id_ and not self._committing:
            if self.raster is not self._shown[1]:
                self._refresh()
            else:
                self.pixels_changed(box)

    def _on_project_changed(self, before: Project, after: Project) -> None:
        if [r.id for r in before.references] != [r.id for r in after.references]:
            self._refresh()
