"""Writing on a thread of its own: what was committed is on disk soon after, whatever else goes on."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Condition

from PySide6.QtCore import QObject, QTimer, Signal

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.document.raster_cache import RasterCache, Unsaved
from remaster_gui.document.taking_along import take_along
from remaster_gui.project.raster_tiles import pack
from remaster_gui.project.store import PackedTile, ProjectStore
from remaster_gui.workers.worker import Job, Worker, sentence_for

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0
"""How long after a failure the same is tried again, unless something new comes first."""
_KEEP_SECONDS = 0.3
"""How long nothing has been saved before what only helps the next time is written."""


class Saver(QObject):
    """Writes what the cache says is unsaved. One thread writes at a time: its own has the store's writing side.

    Lives on the GUI thread. `want_saved` may be called on any.
    """

    saved = Signal()
    """Everything committed up to now is on disk."""
    failed = Signal(str)
    """One sentence; work is kept in memory and tried again. Not said twice in a row."""
    thumbnails_made = Signal(object)
    """dict[str, Pixels]: new small pictures by the ids of their references."""
    moved = Signal(object)
    """Path: a copy was made there and is the project now."""

    def __init__(self, store: ProjectStore, rasters: RasterCache, parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._rasters = store, rasters
        self._changed = Condition()
        self._wanted = self._written = rasters.generation
        self._attempts = 0
        self._trouble = ""
        self._copies = 0
        self._kept: dict[str, tuple[int, Callable[[], bytes]]] = {}
        self._retrying = QTimer(self, singleShot=True, interval=round(1000 * RETRY_SECONDS))
        self._retrying.timeout.connect(self._put_save)
        # What is unsaved must not be lost, however long the disk takes.
        slots = ("sweep", "copy", "save", "keep")
        self._worker = Worker("saving", self, slots=slots, last=self._end, patience=None)
        self._put(self._sweep, "sweep")

    @property
    def trouble(self) -> str:
        """Why the last attempt to write failed; '' where it did not."""
        return self._trouble

    @property
    def is_up_to_date(self) -> bool:
        """Whether everything committed is on disk."""
        return self._written >= self._wanted and not self._rasters.is_behind

    def want_saved(self) -> None:
        """Write what was committed, soon."""
        with self._changed:
            self._wanted = self._rasters.generation
            self._changed.notify_all()
        self._put_save()

    def want_copy(self, path: Path) -> None:
        """Make a copy of the project, with what is unsaved, and go on in it."""
        with self._changed:
            self._copies += 1
        self._worker.add(self._job(partial(self._copy, path)), slot="copy")

    def want_version(self, path: Path, done: Callable[[object], None], failed: Callable[[str], None]) -> None:
        """Make a copy of the project, with what is unsaved, and go on where it is; `done` or `failed` is called."""
        work = partial(self._copy_aside, path)
        self._worker.add(
            Job(lambda _cancel: work(), tr("keeping a version"), failed=failed, done=done), slot="copy"
        )

    def want_kept(self, name: str, form: int, make: Callable[[], bytes]) -> None:
        """Keep what `make` returns, on its own thread, for the next time; soon, after all that is to be saved."""
        with self._changed:
            self._kept[name] = (form, make)
        self._put_keep(_KEEP_SECONDS)

    def wait_kept(self) -> None:
        """Wait until what is to be kept is on disk, or cannot be written."""
        self._put_keep()
        self._worker.drain()

    def wait_saved(self) -> str:
        """Wait until all is on disk, or an attempt made from now on has failed; returns why, '' for success."""
        with self._changed:
            before, self._trouble = self._attempts, ""
        self._put_save()
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    self._worker.is_closed
                    or (self.is_up_to_date and not self._copies)
                    or (self._attempts > before and self._trouble)
                )
            )
            return self._trouble

    def close(self) -> None:
        """End after the write in hand and close the file; what is unsaved then is lost."""
        self._retrying.stop()
        self._worker.close()

    def _put_save(self) -> None:
        self._put(self._save, "save")

    def _put(self, work: Callable[[], None], slot: str) -> None:
        self._worker.put(self._job(work), slot=slot)

    def _put_keep(self, rest: float = 0.0) -> None:
        # Not guarded like the rest: whether it succeeds says nothing about what is saved.
        job = Job(lambda _cancel: self._keep(), tr("saving"), failed=lambda _sentence: None)
        self._worker.put(job, slot="keep", rest=rest)

    def _job(self, work: Callable[[], None]) -> Job:
        return Job(lambda _cancel: self._guarded(work), tr("saving"), failed=self.failed.emit)

    def _on_trouble(self, sentence: str, is_news: bool) -> None:
        self._retrying.start()
        if is_news:
            self.failed.emit(sentence)

    # Its own thread

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do one piece of work; whoever waits for it on the GUI thread must hear how it went, so it is noted here."""
        trouble = ""
        try:
            work()
        except BaseException as error:
            trouble = sentence_for(error, tr("saving {path}", path=self._store.path.name))
        with self._changed:
            is_news = bool(trouble) and trouble != self._trouble
            self._trouble = trouble
            self._attempts += 1
            self._changed.notify_all()
        if trouble:
            self._worker.tell(self._on_trouble, trouble, is_news)

    def _sweep(self) -> None:
        if not self._store.read_only:
            self._store.sweep()

    def _keep(self) -> None:
        """Write what helps the next time; where that fails nothing is lost that anybody has to hear of."""
        with self._changed:
            if self._wanted > self._written:
                return  # it goes with a project that is not written yet
            kept, self._kept = self._kept, {}
        for name, (form, make) in kept.items():
            try:
                self._store.keep(name, form, make())
            except RemasterError:
                log.warning("the %s cannot be kept", name, exc_info=True)

    def _end(self) -> None:
        try:
            self._sweep()
        finally:
            self._store.close()

    def _save(self) -> None:
        if self._wanted > self._written:
            self._write(self._store)
            self._put_keep(_KEEP_SECONDS)

    def _copy_aside(self, target: Path) -> None:
        if not self._store.read_only:
            self._save()
        self._store.copy_to(target)

    def _copy(self, target: Path) -> None:
        """Copy the file as last saved, bring the copy up to date, and exchange the two; its companions follow."""
        with self._changed:
            self._copies -= 1
        self._store.copy_to(target)
        store = ProjectStore.open(target)
        try:
            store.load()
            self._write(store)
        except BaseException:
            store.close()
            raise
        before, self._store = self._store, store
        self._rasters.store = store
        try:
            take_along(before.path, target)
        except Exception as error:  # the project is in its new place, whatever stays behind
            sentence = sentence_for(
                error, tr("taking stills and versions along from {path}", path=before.path.name)
            )
            self._worker.tell(self.failed.emit, sentence)
        finally:
            self._worker.tell(self.moved.emit, target)
            before.close()

    def _write(self, store: ProjectStore) -> None:
        started = time.perf_counter()
        unsaved = self._rasters.take_unsaved()
        try:
            pictures = self._thumbnails(unsaved)
            store.save(
                unsaved.project,
                [PackedTile(id_, t, pack(p)) for id_, t, p in unsaved.tiles],
                pictures,
                unsaved.pictures,
            )
        except BaseException:
            self._rasters.mark_failed()
            raise
        self._rasters.mark_saved(unsaved)
        with self._changed:
            self._written = max(self._written, unsaved.generation)
            is_all = self.is_up_to_date
        log.debug("saved %d tiles in %.0f ms", len(unsaved.tiles), 1000 * (time.perf_counter() - started))
        if pictures:
            self._worker.tell(self.thumbnails_made.emit, pictures)
        if is_all:
            self._worker.tell(self.saved.emit)

    def _thumbnails(self, unsaved: Unsaved) -> dict[str, Bytes]:
        pictures = {}
        for id_ in {id_ for id_, _, _ in unsaved.tiles}:
            record = unsaved.project.reference(id_)
            picture = None if record is None else self._rasters.thumbnail(id_, record.revision)
            if picture is not None:
                pictures[id_] = picture
        return pictures
