"""Small pictures of a film on a thread of its own, for the frames that are in sight."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from threading import Condition
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.media import open_film
from remaster_gui.media.film import Pixels

log = logging.getLogger(__name__)


def shrink(pixels: Pixels, height: int, pixel_aspect: float = 1.0) -> NDArray[np.uint8]:
    """Reduce luma ``(H, W)`` or RGB ``(H, W, 3)`` to a height, with square pixels, 8 bits, contiguous."""
    width = max(1, round(pixels.shape[1] * pixel_aspect * height / pixels.shape[0]))
    small: NDArray[Any] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return (small if small.dtype == np.uint8 else small >> 8).astype(np.uint8)


class _ThumbnailThread(QThread):
    """Works through a list of frames that may be replaced at any time."""

    made = Signal(int, object)

    def __init__(self, path: Path, height: int, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._height = path, height
        self._changed = Condition()
        self._wanted: list[int] = []
        self._stopping = False

    def want(self, frames: Sequence[int]) -> None:
        with self._changed:
            self._wanted = list(reversed(frames))
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        try:
            with open_film(self._path) as film:
                aspect = float(film.info.pixel_aspect)
                while (frame := self._next()) is not None:
                    self.made.emit(frame, shrink(film.read(frame).pixels, self._height, aspect))
        except RemasterError as error:
            # The viewer's own decoder says so to the user; empty boxes on the timeline are enough here.
            log.warning("no more thumbnails: %s", error)

    def _next(self) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._wanted)
            return None if self._stopping else self._wanted.pop()


class ThumbnailController(QObject):
    """Thumbnails of one film. Lives on the GUI thread."""

    thumbnail_ready = Signal(int, object)
    """Frame index and luma ``(height, w)`` uint8."""

    def __init__(self, path: Path, height: int, parent: QObject | None = None) -> None:
        """Make pictures `height` pixels high, starting once something is wanted."""
        super().__init__(parent)
        self._closed = False
        self._thread = _ThumbnailThread(path, height, self)
        self._thread.made.connect(self._on_made)
        self._thread.start(QThread.Priority.LowPriority)

    def want(self, frames: Sequence[int]) -> None:
        """Make these in their order, instead of what was wanted before."""
        self._thread.want(frames)

    def close(self) -> None:
        """End the thread; returns within the time of one frame. Nothing is emitted afterwards."""
        self._closed = True
        self._thread.stop()
        self._thread.wait()

    def _on_made(self, frame: int, pixels: NDArray[np.uint8]) -> None:
        if not self._closed:
            self.thumbnail_ready.emit(frame, pixels)
