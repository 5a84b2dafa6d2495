"""Remastered frames at the film's size: composed beside the window once one looks at them, and kept for a while."""

from __future__ import annotations

from functools import partial
from threading import Event

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.byte_cache import ByteCache
from remaster_gui.base.language import tr
from remaster_gui.engine.preview_picture import FullSizeLook, full_size_picture
from remaster_gui.engine.preview_results import PreviewedFrame
from remaster_gui.ui.qimage import to_qimage
from remaster_gui.workers.background_tasks import BackgroundTasks

REST_MILLISECONDS = 120
"""How long a frame has to be in sight: while the film plays or is scrubbed nothing is composed."""

_Name = tuple[PreviewedFrame, FullSizeLook]


class FullSizePictures(QObject):
    """Composes the newest frame that is wanted. Lives on the GUI thread."""

    ready = Signal(object)
    """PreviewedFrame whose picture there is now."""

    def __init__(self, tasks: BackgroundTasks, budget: int, parent: QObject) -> None:
        """Keep pictures of `budget` bytes."""
        super().__init__(parent)
        self._tasks = tasks
        self._pictures: ByteCache[_Name, QImage] = ByteCache(budget, QImage.sizeInBytes)
        self._wanted: tuple[_Name, Pixels, tuple[Pixels, ...]] | None = None
        self._under_way: _Name | None = None
        self._resting = QTimer(self, singleShot=True)
        self._resting.timeout.connect(self._compose)

    @property
    def nbytes(self) -> int:
        """Bytes of all pictures."""
        return self._pictures.nbytes

    def get(self, frame: PreviewedFrame, look: FullSizeLook) -> QImage | None:
        """Return the picture of a frame if it is there."""
        found = self._pictures.get((frame, look))
        # Of its own, as the viewer paints into what it shows.
        return None if found is None else QImage(found)

    def want(
        self,
        frame: PreviewedFrame,
        look: FullSizeLook,
        source: Pixels,
        beside: tuple[Pixels, ...] = (),
        *,
        at_once: bool,
    ) -> None:
        """Compose a frame in place of what was wanted before, after a while or `at_once`; `ready` follows.

        source: luma of the film's frame, which must not change any more; beside: see `full_size_picture`.
        """
        name = frame, look
        if name == self._under_way:
            self.stop()
            return
        waits = self._wanted is not None and self._wanted[0] == name
        self._wanted = name, source, beside
        if at_once or not waits:
            self._resting.start(0 if at_once else REST_MILLISECONDS)

    def stop(self) -> None:
        """Begin with nothing more."""
        self._resting.stop()
        self._wanted = None

    def _compose(self) -> None:
        assert self._wanted is not None, "the timer runs while something is wanted"
        ((frame, look), source, beside), self._wanted = self._wanted, None
        self._under_way = frame, look

        def work(_cancelled: Event) -> QImage:
            picture = to_qimage(full_size_picture(frame, source, look, beside))
            return picture.convertToFormat(QImage.Format.Format_RGB32)

        task = self._tasks.start(work, doing=tr("composing the picture"), instead_of="full size")
        task.finished.connect(partial(self._on_composed, (frame, look)))
        task.ended.connect(partial(self._on_ended, (frame, look)))

    def _on_composed(self, name: _Name, picture: QImage) -> None:
        self._pictures.put(name, picture)
        self.ready.emit(name[0])

    def _on_ended(self, name: _Name) -> None:
        if self._under_way == name:
            self._under_way = None
