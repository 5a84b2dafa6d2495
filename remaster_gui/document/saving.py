"""Writing on a thread of its own: what was committed is on disk soon after, whatever else goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from threading import Condition

from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.threads import stand_back
from remaster_gui.document.shelf import RasterShelf, Unsaved
from remaster_gui.project.store import PackedTile, ProjectStore
from remaster_gui.project.tiles import Pixels, pack

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
"""How long after a failure the same is tried again, unless something new comes first."""


class SavingThread(QThread):
    """Writes what the shelf says is unsaved. One object writes at a time: this thread owns the store's writing side."""

    saved = Signal()
    """Everything committed up to now is on disk."""
    failed = Signal(str)
    """One sentence; work is kept in memory and tried again. Not said twice in a row."""
    thumbnails_made = Signal(object)
    """dict[str, Pixels]: new small pictures by the ids of their references."""
    moved = Signal(object)
    """Path: a copy was made there and is the project now."""

    def __init__(self, store: ProjectStore, shelf: RasterShelf, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._shelf = store, shelf
        self._changed = Condition()
        self._wanted = self._written = shelf.generation
        self._attempts = 0
        self._trouble = ""
        self._target: Path | None = None
        self._stopping = False

    @property
    def trouble(self) -> str:
        """Why the last attempt to write failed; '' where it did not."""
        return self._trouble

    @property
    def is_up_to_date(self) -> bool:
        """Whether everything committed is on disk."""
        return self._written >= self._wanted and not self._shelf.is_behind

    def want_saved(self) -> None:
        """Write what was committed, soon."""
        with self._changed:
            self._wanted = self._shelf.generation
            self._changed.notify_all()

    def want_copy(self, path: Path) -> None:
        """Make a copy of the project, with what is unsaved, and go on in it."""
        with self._changed:
            self._target = path
            self._changed.notify_all()

    def wait_saved(self) -> str:
        """Wait until all is on disk, or an attempt made from now on has failed; returns why, '' for success."""
        with self._changed:
            before, self._trouble = self._attempts, ""
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: (
                    not self.isRunning()
                    or (self.is_up_to_date and self._target is None)
                    or (self._attempts > before and self._trouble)
                )
            )
            return self._trouble

    def stop(self) -> None:
        """End after the write in hand and close the file; what is unsaved then is lost."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    def run(self) -> None:
        """Write whenever there is something, until stopped."""
        stand_back()
        if not self._store.read_only:
            self._guarded(self._store.sweep)
        while (work := self._next()) is not None:
            self._guarded(work)
        if not self._store.read_only:
            self._guarded(self._store.sweep)
        self._store.close()

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            if self._trouble:
                wanted = self._wanted
                self._changed.wait_for(
                    lambda: self._stopping or self._target or self._wanted != wanted or not self._trouble,
                    RETRY_SECONDS,
                )
            self._changed.wait_for(lambda: self._stopping or self._target or (self._wanted > self._written))
            if self._stopping:
                return None
            return self._copy if self._target is not None else self._save

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do one piece of work; a failure is told and does not end the thread."""
        try:
            work()
            trouble = ""
        except RemasterError as error:
            trouble = str(error)
        except Exception as error:
            log.exception("unexpected fault while saving")
            trouble = f"{self._store.path.name} cannot be saved because of a fault of this program ({error})."
        with self._changed:
            news = trouble and trouble != self._trouble
            self._trouble = trouble
            self._attempts += 1
            self._changed.notify_all()
        if news:
            self.failed.emit(trouble)

    def _save(self) -> None:
        self._write(self._store)

    def _copy(self) -> None:
        """Copy the file as last saved, bring the copy up to date, and exchange the two."""
        with self._changed:
            target, self._target = self._target, None
        assert target is not None
        self._store.copy_to(target)
        store = ProjectStore.open(target)
        try:
            store.load()
            self._write(store)
        except BaseException:
            store.close()
            raise
        before, self._store = self._store, store
        self._shelf.store = store
        self.moved.emit(target)
        before.close()

    def _write(self, store: ProjectStore) -> None:
        started = time.perf_counter()
        unsaved = self._shelf.take_unsaved()
        try:
            pictures = self._thumbnails(unsaved)
            store.save(
                unsaved.project, [PackedTile(id_, t, pack(p)) for id_, t, p in unsaved.tiles], pictures
            )
        except BaseException:
            self._shelf.mark_failed()
            raise
        self._shelf.mark_saved()
        with self._changed:
            self._written = max(self._written, unsaved.generation)
            is_all = self.is_up_to_date
        log.debug("saved %d tiles in %.0f ms", len(unsaved.tiles), 1000 * (time.perf_counter() - started))
        if pictures:
            self.thumbnails_made.emit(pictures)
        if is_all:
            self.saved.emit()

    def _thumbnails(self, unsaved: Unsaved) -> dict[str, Pixels]:
        pictures = {}
        for id_ in {id_ for id_, _, _ in unsaved.tiles}:
            record = unsaved.project.reference(id_)
            picture = None if record is None else self._shelf.thumbnail(id_, record.revision)
            if picture is not None:
                pictures[id_] = picture
        return pictures
