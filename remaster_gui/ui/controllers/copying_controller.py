"""Copying references to other frames: from the menu, and by dragging their flags on the timeline with Ctrl."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from functools import partial
from threading import Event

from PySide6.QtCore import QObject

from remaster_gui.base.counting import counted
from remaster_gui.base.language import tr
from remaster_gui.media import FilmFile
from remaster_gui.painting.copies import Copy, copied
from remaster_gui.project import name_edits
from remaster_gui.project.schema import ReferenceRecord
from remaster_gui.ui.controllers.controller import Controller, OpenFilm
from remaster_gui.ui.controllers.references_controller import ReferencesController
from remaster_gui.ui.editor_widgets import EditorWidgets
from remaster_gui.ui.widgets.message_bar import Button, Message
from remaster_gui.workers.background_tasks import BackgroundTasks


@dataclass(frozen=True, slots=True)
class _Wish:
    """References that are to be copied to a frame, as one step of undo; `anyhow`: also those that do not fit."""

    frame: int
    batch: str
    text: str
    anyhow: bool = False


class CopyingController(Controller):
    """Lays copies over frames beside the window; what does not fit is asked about first."""

    def __init__(
        self,
        session: QObject,
        film: OpenFilm,
        widgets: EditorWidgets,
        references: ReferencesController,
        tasks: BackgroundTasks,
    ) -> None:
        super().__init__(session, film, widgets)
        self._references, self._tasks = references, tasks
        widgets.timeline.copy_requested.connect(self._on_copy_requested)

    @property
    def can_copy(self) -> bool:
        """Whether any chosen reference belongs elsewhere than to the frame at the playhead."""
        return any(record.frame != self.film.view.playhead for record in self._references.all_chosen)

    def copy_here(self) -> None:
        """Copy what is chosen to the frame at the playhead."""
        self._copy(self._references.all_chosen, self.film.view.playhead)

    def _on_copy_requested(self, id_: str, frame: int) -> None:
        record = self.film.document.project.reference(id_)
        if record is not None:
            self._copy((record,), frame)

    def _copy(self, records: tuple[ReferenceRecord, ...], frame: int, *, anyhow: bool = False) -> None:
        wanted = [record for record in records if record.frame != frame]
        if not wanted:
            return
        what = wanted[0].name if len(wanted) == 1 else counted(len(wanted), "reference")
        wish = _Wish(
            frame,
            f"copy {uuid.uuid4().hex}",
            tr("Copy {what} to frame {frame}", what=what, frame=frame),
            anyhow,
        )
        for record in wanted:
            task = self._tasks.start(partial(self._lay, record, frame), doing=tr("copying a reference"))
            task.finished.connect(partial(self._on_laid, record, wish))
            task.failed.connect(self._say)

    def _lay(self, record: ReferenceRecord, frame: int, cancel: Event) -> tuple[Copy, bytes]:
        """Lay a copy over a frame, and read the picture that it was imported from; on another thread."""
        document = self.film.document
        raster, picture = document.raster_at(record.id, record.revision), document.picture(record.id)
        named = {each.name: each.region for each in document.project.named if each.reference == record.id}
        with FilmFile.of(self.film.info).open(cancel) as film:
            luma = film.read(frame).pixels
        return copied(raster, record.validity.region, luma, named), picture

    def _on_laid(self, record: ReferenceRecord, wish: _Wish, laid: tuple[Copy, bytes]) -> None:
        copy, picture = laid
        if copy.region is None:
            self._say(
                tr(
                    "Frame {frame} shows nothing of the part of {record} that counts.",
                    frame=wish.frame,
                    record=record.name,
                )
            )
        elif not copy.registration.fits and not wish.anyhow:
            fit = max(0.0, copy.registration.fit)
            anyhow = Button(tr("Copy anyhow"), partial(self._copy, (record,), wish.frame, anyhow=True))
            text = tr(
                "{record} does not fit frame {frame} ({fit:.0%}), so its colours would lie wrongly there.",
                record=record.name,
                frame=wish.frame,
                fit=fit,
            )
            self.widgets.messages.show_message(Message(text, "warning", f"copy {record.id}", anyhow))
        else:
            self._add(record, wish, copy, copy.region, picture)

    def _add(self, record: ReferenceRecord, wish: _Wish, copy: Copy, region: bytes, picture: bytes) -> None:
        document, validity = self.film.document, record.validity
        # One that would not count where it lies is of no use.
        ranges = validity.ranges if validity.holds_at(wish.frame) else ()
        id_ = document.add_reference(
            record.kind,
            wish.frame,
            copy.raster,
            record.name,
            wish.text,
            picture=picture,
            batch=wish.batch,
            validity=replace(validity, ranges=ranges, region=region),
        )
        after = document.project
        for name, (part, color) in copy.named.items():
            after = name_edits.with_named_region(after, name, id_, part, color)
        document.edit(after, wish.text, wish.batch, waits=True)
        if id_:
            self._references.choose(id_)

    def _say(self, sentence: str) -> None:
        self.widgets.messages.show_message(Message(sentence, "fault"))
