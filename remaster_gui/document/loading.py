"""Reading rasters from the project file on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Event, Lock

from PySide6.QtCore import QObject, Signal

from remaster_gui.base.language import tr
from remaster_gui.document.raster_cache import RasterCache, committed_copy
from remaster_gui.workers.worker import Job, Worker


class Loader(QObject):
    """Reads the rasters that were asked for, the newest wish first. Lives on the GUI thread."""

    loaded = Signal(str)
    """Id of a raster that is in the cache now."""
    failed = Signal(str, str)
    """Id and one sentence."""

    def __init__(self, rasters: RasterCache, settled: Callable[[], None], parent: QObject) -> None:
        """`settled` is called on its thread whenever a raster was put into the cache or given up."""
        super().__init__(parent)
        self._rasters, self._settled = rasters, settled
        self._lock = Lock()
        self._wanted: dict[str, Job] = {}
        self._current = ""
        self._worker = Worker("reading pictures", self)

    def want(self, id_: str) -> None:
        """Read this one next, unless it is being read."""
        with self._lock:
            if id_ == self._current:
                return
            job = self._wanted.pop(id_) if id_ in self._wanted else self._job(id_)
            self._wanted[id_] = job
            self._worker.put(*reversed(self._wanted.values()))

    def close(self) -> None:
        """End after the raster at hand. Nothing is emitted afterwards."""
        self._worker.close()

    def _job(self, id_: str) -> Job:
        return Job(
            partial(self._read, id_),
            tr("reading a reference"),
            done=partial(self._on_read, id_),
            failed=partial(self.failed.emit, id_),
        )

    def _read(self, id_: str, _cancel: Event) -> bool:
        """Read a raster on its own thread; False where that was done meanwhile."""
        with self._lock:
            if id_ not in self._wanted:
                return False
            self._current = id_
            del self._wanted[id_]
        try:
            raster, _ = self._rasters.read(id_)
        except BaseException:
            self._rasters.mark_unreadable(id_)
            raise
        else:
            # From here on another wish means that it was dropped again already.
            self._current = ""
            self._rasters.put_loaded(id_, raster, committed_copy(raster))
            return True
        finally:
            self._current = ""
            self._settled()

    def _on_read(self, id_: str, is_new: bool) -> None:
        if is_new:
            self.loaded.emit(id_)
