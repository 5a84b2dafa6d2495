"""The open project: what may be done to it, undo, and keeping its file up to date. Lives on the GUI thread."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from remaster_gui.base.arrays import Bytes, Pixels
from remaster_gui.base.errors import ProjectError, StorageError
from remaster_gui.base.language import tr
from remaster_gui.base.validity import EVERYWHERE, Validity
from remaster_gui.document import kept_undo, kept_view
from remaster_gui.document.kept_undo import pack_undo
from remaster_gui.document.loading import Loader
from remaster_gui.document.project_opening import OpenedProject, create_store, open_store
from remaster_gui.document.raster_cache import DEFAULT_BUDGET, RasterCache, RevisionStep
from remaster_gui.document.saving import Saver
from remaster_gui.document.undo import DEFAULT_BUDGET as UNDO_BUDGET
from remaster_gui.document.undo import MERGE_SECONDS, EditCommand, PaintCommand, bring_back, push, steps_of
from remaster_gui.engine.messages import Reference
from remaster_gui.painting.copies import Parts
from remaster_gui.painting.raster import Box, PixelDelta, Raster
from remaster_gui.painting.region import mean_chroma
from remaster_gui.project import edits, name_edits
from remaster_gui.project.schema import FilmIdentity, Project, ProjectSettings, ReferenceKind

log = logging.getLogger(__name__)

_NAMES: dict[ReferenceKind, str] = {
    "painted": tr("Frame {}"),
    "promoted": tr("Remastered {}"),
    "imported": tr("Picture {}"),
}
_DONE: dict[ReferenceKind, str] = {
    "painted": tr("Mark frame {frame}"),
    "promoted": tr("Promote frame {frame}"),
    "imported": tr("Import {name}"),
}


class Document(QObject):
    """One project, its undo stack, and two threads that write and read its file.

    Nothing here waits for the disk but `flush` and `close`. A project that may not be changed says why in
    `read_only_reason`; edits of it come to nothing but a `failed`.
    """

    project_changed = Signal(object, object)
    """Project before and after."""
    raster_changed = Signal(str, object)
    """Id of a reference and the `Box` whose pixels were replaced: by a stroke, undo or redo."""
    rasters_loaded = Signal(str)
    """Id of a reference whose raster can be had now."""
    thumbnail_changed = Signal(str)
    """Id of a reference whose small picture is new."""
    saved = Signal()
    """All that was committed is on disk."""
    failed = Signal(str)
    """One sentence: disk full, raster damaged, ...; work stays in memory and is tried again."""
    path_changed = Signal(object)
    """The project goes on in the file at this path."""
    read_only_changed = Signal(str)
    """Why the project may not be changed any more, or '': it may be now."""

    def __init__(
        self,
        opened: OpenedProject,
        *,
        raster_budget: int = DEFAULT_BUDGET,
        undo_budget: int = UNDO_BUDGET,
        parent: QObject | None = None,
    ) -> None:
        """Take over an opened project; budgets in bytes."""
        super().__init__(parent)
        self.path = opened.store.path
        self.read_only_reason = opened.store.read_only_reason
        self.project = opened.project
        self.stack = QUndoStack(self)
        self._undo_budget = undo_budget
        self._steps = () if self.read_only_reason else opened.steps
        bring_back(self.stack, self._steps, self._apply, self._repaint, undo_budget)
        self._kept = self._steps, kept_undo.MOST_BYTES
        self.stack.indexChanged.connect(self._on_index_changed)
        self._thumbnails = dict(opened.thumbnails)
        self._view = opened.view
        self._rasters = RasterCache(opened.store, opened.project, raster_budget)
        self._unreadable: set[str] = set()
        self._found_cuts: tuple[int, ...] | None = None
        self._closed = False
        self._saver = Saver(opened.store, self._rasters, self)
        self._saver.saved.connect(self._on_saved)
        self._saver.failed.connect(self.failed)
        self._saver.thumbnails_made.connect(self._on_thumbnails_made)
        self._saver.moved.connect(self._on_moved)
        if opened.project != opened.store.saved and not self.read_only_reason:
            # What became known between opening and now, such as where the film lies.
            self._rasters.commit(opened.project)
            self._saver.want_saved()
        self._loader = Loader(self._rasters, self._saver.want_saved, self)
        self._loader.loaded.connect(self._on_loaded)
        self._loader.failed.connect(self._on_load_failed)

    @classmethod
    def new(cls, path: Path, film: FilmIdentity, settings: ProjectSettings | None = None) -> Document:
        """Begin a project on a film; writes its file. Where that may not block, use `create_store` on a worker."""
        return cls(create_store(path, Project(film, settings=settings or ProjectSettings())))

    @classmethod
    def open(cls, path: Path) -> Document:
        """Open a project. Where that may not block, use `open_store` on a worker."""
        return cls(open_store(path))

    @property
    def has_earlier_steps(self) -> bool:
        """Whether steps of the last time can be taken back, before which there may have been others."""
        return bool(self._steps)

    @property
    def is_saved(self) -> bool:
        """Whether all that was committed is on disk."""
        return self._saver.is_up_to_date

    @property
    def raster_bytes(self) -> int:
        """Memory that rasters take."""
        return self._rasters.nbytes

    def edit(self, after: Project, text: str, value: str = "", *, waits: bool = False) -> None:
        """Go on with the project `after`, as one step of undo named `text`.

        `value` names what a control is dragging: successive edits of one value become one step, however long after each
        other where it `waits`.
        """
        if after == self.project or not self._may_change():
            return
        patience = math.inf if waits else MERGE_SECONDS
        command = EditCommand(self._apply, self.project, after, text, value, patience)
        push(self.stack, command, self._undo_budget)

    def amend(self, after: Project) -> None:
        """Go on with the project `after` without a step of undo: for what has become known, and recent colours.

        Nothing but the film, cuts that were found, and recent colours is taken from it.
        """
        if self.read_only_reason:
            return
        now = self.project
        new = replace(now, film=after.film, recent_colors=after.recent_colors)
        if after.cuts != now.cuts:
            new = edits.with_cuts(new, after.cuts)
        if new.cuts != now.cuts:
            self._found_cuts = new.cuts
        if new != now:
            self._apply(new, True)

    def add_reference(
        self,
        kind: ReferenceKind,
        frame: int | None,
        raster: Raster,
        name: str | None = None,
        text: str | None = None,
        *,
        picture: bytes = b"",
        batch: str = "",
        validity: Validity = EVERYWHERE,
    ) -> str:
        """Add a reference with these pixels, which the document owns from now on; returns its id, '' if refused.

        `picture`: PNG that it was imported from, kept for laying it elsewhere. Those of one `batch` are one step of
        undo. `validity`: where it counts, and how much.
        """
        if not self._may_change():
            return ""
        name = name or _NAMES[kind].format("" if frame is None else frame).strip()
        size = raster.width, raster.height
        record = edits.new_reference(
            self.project, kind, frame, name, *size, colored=raster.is_colored, validity=validity
        )
        self._rasters.add(record, raster, picture)
        text = text or _DONE[kind].format(frame=frame, name=record.name)
        self.edit(edits.with_reference(self.project, record), text, batch, waits=True)
        return record.id

    def lay_anew(
        self, id_: str, frame: int | None, raster: Raster, picture: bytes, name: str, parts: Parts
    ) -> str:
        """Put an imported picture elsewhere: another reference takes its place; returns the id of that one."""
        if self.project.reference(id_) is None or not self._may_change():
            return ""
        w, h = raster.width, raster.height
        record = edits.new_reference(self.project, "imported", frame, name, w, h, colored=raster.is_colored)
        self._rasters.add(record, raster, picture)
        after = edits.with_reference_in_place(self.project, id_, record, parts)
        self.edit(edits.renamed(after, record.id, name), tr("Place {name}", name=name))
        return record.id

    def pixels(self, id_: str, revision: int) -> Pixels:
        """Return what a revision of a reference looks like, sRGB ``(h, w, 3)``. Any thread: it may be read."""
        return self._rasters.rgb(id_, revision)

    def raster_at(self, id_: str, revision: int) -> Raster:
        """Return a copy of a revision's pixels. Any thread: it may be read."""
        return self._rasters.pixels(id_, revision)

    def picture(self, id_: str) -> bytes:
        """Return the picture (PNG) that a reference was imported from; b'' for others. Any thread: it may be read."""
        return self._rasters.picture(id_)

    def raster(self, id_: str) -> Raster | None:
        """Return the raster that gestures paint on; None while it is being loaded, see `rasters_loaded`.

        To be asked for anew for every gesture: rasters that are not used may be dropped and loaded again.
        """
        raster = self._rasters.live(id_)
        if raster is None and id_ in self._rasters:
            self._load(id_)
        return raster

    def thumbnail(self, id_: str) -> Bytes | None:
        """Return a small picture ``(h, w, 3)`` sRGB of a reference, as it was last saved."""
        return self._thumbnails.get(id_)

    def paint(self, id_: str, delta: PixelDelta, text: str, *, joins: bool = False) -> None:
        """Commit what a gesture has painted on the raster of a reference, as one step of undo.

        `joins`: as part of the step before, if that is what painted the same raster last.
        """
        record, raster = self.project.reference(id_), self._rasters.live(id_)
        if record is None or not self._may_change():
            if raster is not None:
                delta.revert(raster)
                self.raster_changed.emit(id_, delta.box)
            return
        revision = self.project.last_revision + 1
        colored = True if raster is None else raster.is_colored
        after = edits.repainted(self.project, id_, revision, colored)
        if raster is not None:
            after = name_edits.with_colors_of_names(after, id_, partial(mean_chroma, raster))
        step = RevisionStep((delta,), record.revision, revision)
        command = PaintCommand(self._repaint, self.project, after, id_, step, text, joins=joins)
        push(self.stack, command, self._undo_budget)

    def engine_references(self, without: str | None = None) -> tuple[Reference, ...]:
        """Return the project's `used_references` as the network is given them, but for that of the id `without`."""
        used = (record for record in self.project.used_references if record.id != without)
        return tuple(
            Reference.of(
                r,
                partial(self._rasters.rgb, r.id, r.revision),
                partial(self._rasters.strokes, r.id, r.revision),
                self.project.named,
            )
            for r in used
        )

    def save_copy(self, path: Path) -> None:
        """Copy the project to another file and go on there; `path_changed` or `failed` follows.

        Also saves work of a project that cannot be written where it is, or that is read-only.
        """
        self._saver.want_copy(path)

    def keep_version(self, path: Path, done: Callable[[object], None], failed: Callable[[str], None]) -> None:
        """Copy the project as it is to another file, and go on in this one; `done` or `failed` is called."""
        self._saver.want_version(path, done, failed)

    def go_back_to(self, past: Project, rasters: Mapping[str, tuple[Raster, bytes]], text: str) -> bool:
        """Make the project what it was, as one step of undo; returns False where pixels of it are not there.

        rasters: pixels (which the document owns from now on) and pictures of references that the present has otherwise,
        by their ids. They become references of their own, since those of the present have to come back by undo.
        """
        now = self.project
        present = {(each.id, each.revision) for each in now.references}
        if any(r.id not in rasters and (r.id, r.revision) not in present for r in past.references):
            return False
        if past.film.frame_count != now.film.frame_count:
            raise ProjectError(tr("That version is about a film of another length; relink the film first."))
        if not self._may_change():
            return True
        after = edits.with_past(now, past, rasters)
        for before, record in zip(past.references, after.references, strict=True):
            if record.id != before.id:
                self._rasters.add(record, *rasters[before.id])
        self.edit(after, text)
        return True

    def flush(self) -> None:
        """Wait until all is on disk; raises `StorageError` where that fails."""
        if self._closed or self.read_only_reason:
            return
        trouble = self._saver.wait_saved()
        if trouble:
            raise StorageError(trouble)

    def close(self, *, discard: bool = False, view: bytes = b"") -> None:
        """Write what is left and let go of the file; may be called twice.

        `view`: how the film is looked at, which is kept for the next time. Raises `StorageError` where work cannot be
        written, and stays open, unless `discard` gives it up.
        """
        if self._closed:
            return
        if not discard:
            self.flush()
            self.keep_view(view)
            self._keep_steps(kept_undo.MOST_BYTES)
            self._saver.wait_kept()
        self._closed = True
        self._loader.close()
        self._saver.close()
        self.stack.clear()

    def keep_view(self, view: bytes) -> None:
        """Keep how the film is looked at for the next time, soon; b'' for nothing new."""
        if view not in (b"", self._view) and not self.read_only_reason and not self._closed:
            self._view = view
            self._saver.want_kept(kept_view.NAME, kept_view.FORM, lambda: view)

    def _on_index_changed(self) -> None:
        self._keep_steps(kept_undo.FEW_BYTES)

    def _keep_steps(self, most_bytes: int) -> None:
        """Keep what undo would take back for the next time, which may come after a crash."""
        steps = tuple(steps_of(self.stack, kept_undo.MOST_STEPS))
        if self.read_only_reason or self._closed or (steps, most_bytes) == self._kept:
            return
        self._kept = steps, most_bytes
        pack = partial(pack_undo, steps, self.project, most_bytes)
        self._saver.want_kept(kept_undo.NAME, kept_undo.FORM, pack)

    def _may_change(self) -> bool:
        if self.read_only_reason:
            self.failed.emit(self.read_only_reason)
        return not self.read_only_reason and not self._closed

    def _apply(self, project: Project, is_new: bool) -> None:
        self._exchange(project, is_new, self._rasters.commit)

    def _repaint(self, project: Project, id_: str, step: RevisionStep, is_new: bool) -> None:
        def commit(project: Project) -> None:
            if not self._rasters.commit(project, id_, step, painted=is_new):
                self._load(id_)

        self._exchange(project, is_new, commit)
        self.raster_changed.emit(id_, step.box)

    def _exchange(self, project: Project, is_new: bool, commit: Callable[[Project], object]) -> None:
        before = self.project
        self.project = project if is_new else edits.brought_back(project, before, self._found_cuts)
        commit(self.project)
        self._saver.want_saved()
        self.project_changed.emit(before, self.project)

    def _load(self, id_: str) -> None:
        if id_ not in self._unreadable and not self._closed:
            self._loader.want(id_)

    def _on_saved(self) -> None:
        # More may have been committed since that was sent.
        if self._saver.is_up_to_date:
            self.saved.emit()

    def _on_loaded(self, id_: str) -> None:
        size = None if self._closed else self._rasters.loaded_size(id_)
        if size is not None:
            self.rasters_loaded.emit(id_)
            self.raster_changed.emit(id_, Box(0, 0, *size))

    def _on_load_failed(self, id_: str, sentence: str) -> None:
        self._unreadable.add(id_)
        if not self._closed:
            self.failed.emit(sentence)

    def _on_thumbnails_made(self, pictures: dict[str, Bytes]) -> None:
        self._thumbnails |= pictures
        if not self._closed:
            for id_ in pictures:
                self.thumbnail_changed.emit(id_)

    def _on_moved(self, path: Path) -> None:
        was_read_only = bool(self.read_only_reason)
        self.path, self.read_only_reason = path, ""
        self._unreadable.clear()
        if not self._closed:
            self.path_changed.emit(path)
            if was_read_only:
                self.read_only_changed.emit("")
