"""Small pictures of a film on a thread of its own, for the frames that are in sight."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from threading import Event
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.media import FilmFile
from remaster_gui.workers.held_film import HeldFilm
from remaster_gui.workers.worker import Job, Service, Worker

log = logging.getLogger(__name__)

_PATIENCE = 1.0
"""Seconds that closing waits for a frame that is being decoded."""


def shrink(pixels: Pixels, height: int, pixel_aspect: float = 1.0) -> NDArray[np.uint8]:
    """Reduce luma ``(H, W)`` or RGB ``(H, W, 3)`` to a height, with square pixels, 8 bits, contiguous."""
    width = max(1, round(pixels.shape[1] * pixel_aspect * height / pixels.shape[0]))
    small: NDArray[Any] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    return (small if small.dtype == np.uint8 else small >> 8).astype(np.uint8)


class ThumbnailService(Service):
    """Thumbnails of one film. Lives on the GUI thread."""

    thumbnail_ready = Signal(int, object)
    """Frame index and luma ``(height, w)`` uint8."""
    failed = Signal(str)
    """One sentence for the user: a fault of ours. A film that cannot be read is spoken of by those that show it."""

    def __init__(self, film: FilmFile, height: int, parent: QObject | None = None) -> None:
        """Make pictures `height` pixels high; the film is opened once something is wanted."""
        super().__init__(parent)
        self._film, self._height = HeldFilm(film), height
        self._worker = Worker("thumbnails", self, last=self._film.close, patience=_PATIENCE)

    def want(self, frames: Sequence[int]) -> None:
        """Make these in their order, instead of what was wanted before."""
        self._worker.put(*map(self._job, frames))

    def close(self) -> None:
        """End the thread, as a rule within the time of one frame. Nothing is emitted afterwards."""
        self._worker.close()

    def _job(self, frame: int) -> Job:
        return Job(
            partial(self._make, frame),
            tr("drawing thumbnails"),
            done=partial(self._on_made, frame),
            failed=self._on_failed,
        )

    def _make(self, frame: int, cancel: Event) -> NDArray[np.uint8] | None:
        """Return a frame's small picture, on the worker's thread; None where the film cannot be read there."""
        try:
            with self._film.reading(cancel) as film:
                return shrink(film.read(frame).pixels, self._height, float(film.info.pixel_aspect))
        except RemasterError as error:
            # The viewer's own decoder says so to the user; an empty box on the timeline is enough here.
            log.warning("no thumbnail of frame %d: %s", frame, error)
            return None

    def _on_made(self, frame: int, pixels: NDArray[np.uint8] | None) -> None:
        if pixels is not None:
            self.thumbnail_ready.emit(frame, pixels)

    def _on_failed(self, sentence: str) -> None:
        # The others would fail as well.
        self._worker.put()
        self.failed.emit(sentence)
