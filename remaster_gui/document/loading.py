"""Reading rasters from the project file on a thread of its own."""

from __future__ import annotations

from threading import Condition

from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.base.threads import stand_back
from remaster_gui.document.shelf import RasterShelf, committed_copy


class LoadingThread(QThread):
    """Reads the rasters that were asked for, the newest wish first."""

    loaded = Signal(str, object, object)
    """Id, raster to paint on, and its committed twin."""
    failed = Signal(str, str)
    """Id and one sentence."""

    def __init__(self, shelf: RasterShelf, parent: QObject) -> None:
        super().__init__(parent)
        self._shelf = shelf
        self._changed = Condition()
        self._wanted: list[str] = []
        self._stopping = False

    def want(self, id_: str) -> None:
        """Read this one next."""
        with self._changed:
            if id_ in self._wanted:
                self._wanted.remove(id_)
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
                self.failed.emit(id_, str(error))
                continue
            self.loaded.emit(id_, raster, committed_copy(raster))

    def _next(self) -> str | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wanted)
            return None if self._stopping else self._wanted.pop()
