"""Reading rasters from the project file on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.threads import stand_back
from remaster_gui.document.shelf import RasterShelf, committed_copy


class LoadingThread(QThread):
    """Reads the rasters that were asked for, the newest wish first."""

    loaded = Signal(str)
    """Id of a raster that is on the shelf now."""
    failed = Signal(str, str)
    """Id and one sentence."""

    def __init__(self, shelf: RasterShelf, on_progress: Callable[[], None], parent: QObject) -> None:
        """`on_progress` is called on this thread whenever a raster was put on the shelf or given up."""
        super().__init__(parent)
        self._shelf, self._on_progress = shelf, on_progress
        self._changed = Condition()
        self._wanted: list[str] = []
        self._current = ""
        self._stopping = False

    def want(self, id_: str) -> None:
        """Read this one next, unless it is being read."""
        with self._changed:
            if id_ in self._wanted:
                self._wanted.remove(id_)
            if id_ != self._current:
                self._wanted.append(id_)
                self._changed.notify()

    def stop(self) -> None:
        """End after the raster at hand."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        """Read whenever something is wanted, until stopped."""
        stand_back()
        while (id_ := self._next()) is not None:
            try:
                raster, _ = self._shelf.read(id_)
            except RemasterError as error:
                self._end_current()
                self._shelf.mark_unreadable(id_)
                self._on_progress()
                self.failed.emit(id_, str(error))
                continue
            # From here on another wish means that it was dropped again already.
            self._end_current()
            self._shelf.put_loaded(id_, raster, committed_copy(raster))
            self._on_progress()
            self.loaded.emit(id_)

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wanted)
            if self._stopping:
                return None
            self._current = self._wanted.pop()
            return self._current

    def _end_current(self) -> None:
        with self._changed:
            self._current = ""
