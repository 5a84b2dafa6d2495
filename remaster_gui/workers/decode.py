"""Decoding frames for the screen on a thread of its own: the newest request wins, what was decoded is remembered."""

from __future__ import annotations

import logging
import time
from collections import deque
from fractions import Fraction
from pathlib import Path
from threading import Condition

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal

from remaster_gui.base.errors import RemasterError
from remaster_gui.media import open_film
from remaster_gui.media.film import Film, FilmInfo, Pixels
from remaster_gui.media.frame_cache import DEFAULT_BUDGET, FrameCache

log = logging.getLogger(__name__)

READ_AHEAD = 12
"""Frames decoded beyond the requested one while nothing else is asked for, in the direction of travel."""
READ_BEHIND = 8
"""Frames decoded before one that was jumped to, once those beyond it are there, for stepping back."""
REST_SECONDS = 0.05
"""How long a frame that was jumped to has to be looked at before others are decoded: the next jump shall not wait."""
_STEP = 2
"""Farthest that the next frame is while playing or stepping; everything else is a jump."""


class _DecodeThread(QThread):
    """Opens the film and decodes; owns the film, shares nothing but the fields under `_changed`."""

    opened = Signal(object)
    decoded = Signal(int, object, int)
    failed = Signal(int, str)

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path
        self._changed = Condition()
        self._wanted: tuple[int, int] | None = None
        self._ahead: deque[int] = deque()
        self._rest = self._served = 0.0
        self._stopping = False
        self.start_time = Fraction(0)

    def want(self, frame: int, generation: int) -> None:
        """Replace whatever was wanted."""
        with self._changed:
            self._wanted = (frame, generation)
            self._ahead.clear()
            self._changed.notify()

    def want_ahead(self, frames: list[int], rest: float) -> None:
        """Replace what is decoded while nothing is wanted, from `rest` seconds after the last answer on."""
        with self._changed:
            self._ahead, self._rest = deque(frames), rest
            self._changed.notify()

    def stop(self) -> None:
        """End after the frame at hand."""
        with self._changed:
            self._stopping = True
            self._changed.notify()

    def run(self) -> None:
        """Open, then serve requests until stopped."""
        try:
            film = open_film(self._path)
        except RemasterError as error:
            log.error("%s", error, exc_info=True)
            self.failed.emit(-1, str(error))
            return
        with film:
            self.start_time = film.start_time
            self.opened.emit(film.info)
            while (request := self._next()) is not None:
                self._serve(film, *request)

    def _next(self) -> tuple[int, int] | None:
        with self._changed:
            while not self._stopping:
                if self._wanted is not None:
                    request, self._wanted = self._wanted, None
                    return request
                left = self._served + self._rest - time.monotonic()
                if self._ahead and left <= 0:
                    return self._ahead.popleft(), 0
                self._changed.wait(left if self._ahead else None)
            return None

    def _serve(self, film: Film, frame: int, generation: int) -> None:
        try:
            pixels = film.read(frame).pixels
        except RemasterError as error:
            log.error("%s", error, exc_info=True)
            self.failed.emit(frame, str(error))
            return
        self.decoded.emit(frame, pixels, generation)
        if generation:
            self._served = time.monotonic()


class DecodeController(QObject):
    """Frames of one film for the screen. Lives on the GUI thread.

    `request` answers at once from memory where it can, through the same signal. Arrays are full-range luma ``(H, W)``,
    uint8 or uint16, read-only.
    """

    opened = Signal(object)
    """FilmInfo, once, when the film is open."""
    frame_ready = Signal(int, object, int)
    """Frame index, pixels, and the generation of the request; generation 0 was decoded ahead."""
    failed = Signal(int, str)
    """Frame index (-1: the film itself) and one sentence for the user."""
    held_changed = Signal()
    """Other frames than before are in memory."""

    def __init__(self, path: Path, parent: QObject | None = None, *, budget: int = DEFAULT_BUDGET) -> None:
        """Begin to open the film; at most `budget` bytes of frames are kept."""
        super().__init__(parent)
        self._budget = budget
        self._cache = FrameCache(0, budget)
        self._info: FilmInfo | None = None
        self._last = 0
        self._closed = False
        self._thread = _DecodeThread(path, self)
        self._thread.opened.connect(self._on_opened)
        self._thread.decoded.connect(self._on_decoded)
        self._thread.failed.connect(self._on_failed)
        self._thread.start()

    @property
    def info(self) -> FilmInfo | None:
        """Facts of the film; None until it is open."""
        return self._info

    @property
    def start_time(self) -> Fraction:
        """Time of frame 0 on the file's own clock, which its sound shares; to be asked once the film is open."""
        return self._thread.start_time

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which frames are in memory ``(frame_count,)``; not to be written."""
        return self._cache.held

    @property
    def nbytes(self) -> int:
        """Bytes of the frames in memory."""
        return self._cache.nbytes

    def pixels(self, frame: int) -> Pixels | None:
        """Return a frame's luma if it is in memory."""
        return self._cache.get(frame)

    def holds(self, frame: int) -> bool:
        """Whether a frame is in memory; does not count as use."""
        return frame in self._cache

    def request(self, frame: int, generation: int = 1) -> None:
        """Ask for a frame; a later request takes the place of one that has not been begun."""
        moved, self._last = frame - self._last, frame
        pixels = self._cache.get(frame)
        if pixels is None:
            self._thread.want(frame, generation)
        self._look_around(frame, moved)
        if pixels is not None:
            self.frame_ready.emit(frame, pixels, generation)

    def close(self) -> None:
        """End the thread; returns when it has ended, within the time of one frame. Nothing is emitted afterwards."""
        self._closed = True
        self._thread.stop()
        self._thread.wait()
        self._cache.clear()

    def _look_around(self, frame: int, moved: int) -> None:
        """Let frames be decoded that are likely to be asked for next."""
        if self._info is None:
            return
        # Decoders run forwards: frames before this one come out in one go, the farthest first.
        if -_STEP <= moved < 0:
            likely, rest = [*range(frame - READ_AHEAD, frame)], 0.0
        elif 0 <= moved <= _STEP:
            likely, rest = [*range(frame + 1, frame + READ_AHEAD + 1)], 0.0
        else:
            likely = [*range(frame + 1, frame + READ_AHEAD + 1), *range(frame - READ_BEHIND, frame)]
            rest = REST_SECONDS
        missing = [each for each in likely if 0 <= each < self._info.frame_count and each not in self._cache]
        if missing:
            self._thread.want_ahead(missing, rest)

    def _on_opened(self, info: FilmInfo) -> None:
        if self._closed:
            return
        self._info = info
        self._cache = FrameCache(info.frame_count, self._budget)
        self.opened.emit(info)

    def _on_decoded(self, frame: int, pixels: Pixels, generation: int) -> None:
        if self._closed:
            return
        self._cache.put(frame, pixels)
        self.held_changed.emit()
        if generation:
            self.frame_ready.emit(frame, pixels, generation)

    def _on_failed(self, frame: int, sentence: str) -> None:
        if not self._closed:
            self.failed.emit(frame, sentence)
