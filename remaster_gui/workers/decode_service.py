"""Decoding frames for the screen on a thread of its own: the newest request wins, what was decoded is remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from threading import Event

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.errors import MediaError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Notice
from remaster_gui.media import FilmFile
from remaster_gui.media.film import FilmInfo, FrameTimes, Restart
from remaster_gui.media.frame_cache import DEFAULT_BUDGET, FrameCache
from remaster_gui.workers.held_film import HeldFilm
from remaster_gui.workers.worker import Job, Service, Worker

READ_AHEAD = 12
"""Frames decoded beyond the requested one while nothing else is asked for, in the direction of travel."""
READ_BEHIND = 8
"""Frames decoded before one that was jumped to, once those beyond it are there, for stepping back."""
REST_SECONDS = 0.05
"""How long a frame that was jumped to has to be looked at before others are decoded: the next jump shall not wait."""
FIRST_REQUEST = 1
"""Generation of the request for frame 0 that is made before there is a viewer; those of the viewer come later."""
_STEP = 2
"""Farthest that the next frame is while playing or stepping; everything else is a jump."""
_PATIENCE = 1.0
"""Seconds that closing waits for a frame that is being decoded, or for a disk that does not answer."""


class _Decoding:
    """The film as its worker's thread has it: opened, read and closed there."""

    def __init__(self, file: FilmFile, noticed: Callable[[tuple[Notice, ...]], None]) -> None:
        self._name, self._film, self._noticed = file.path.name, HeldFilm(file), noticed
        self._info: FilmInfo | None = None
        self.start_time = Fraction(0)
        self.restarts: tuple[Restart, ...] = ()
        self.times: Sequence[Fraction] = ()

    def open(self, cancel: Event) -> FilmInfo:
        with self._film.reading(cancel) as film:
            self.start_time, self.restarts, self.times = film.start_time, film.restarts, film.times
            self._info = film.info
            self._noticed(film.notices())
            return film.info

    def read(self, frame: int, cancel: Event) -> Pixels | None:
        """Return a frame's luma; None of a film that could not be opened, which was said then."""
        if self._info is None:
            return None
        with self._film.reading(cancel) as film:
            if film.info.frame_count != self._info.frame_count:
                raise MediaError(
                    tr(
                        "{name} was changed while it was open; close the project and open it again.",
                        name=self._name,
                    )
                )
            pixels = film.read(frame).pixels
            self._noticed(film.notices())
            return pixels

    def close(self) -> None:
        self._film.close()


class DecodeService(Service):
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
    noticed = Signal(object)
    """Notice of something that is wrong with the film, which can be read all the same; see `notices`."""
    held_changed = Signal()
    """Other frames than before are in memory."""

    def __init__(
        self, film: FilmFile, parent: QObject | None = None, *, budget: int = DEFAULT_BUDGET
    ) -> None:
        """Begin to open the film; at most `budget` bytes of frames are kept."""
        super().__init__(parent)
        self._budget = budget
        self._cache = FrameCache(0, budget)
        self._info: FilmInfo | None = None
        self._last = 0
        self._notices: dict[Notice, None] = {}
        self._film = _Decoding(film, lambda notices: self._worker.tell(self._on_noticed, notices))
        self._worker = Worker(
            "decoding",
            self,
            slots=("open", "wanted", "ahead"),
            low_priority=False,
            last=self._film.close,
            patience=_PATIENCE,
        )
        self._worker.put(
            Job(
                self._film.open,
                tr("opening the film"),
                done=self._on_opened,
                failed=partial(self.failed.emit, -1),
            ),
            slot="open",
        )

    @property
    def info(self) -> FilmInfo | None:
        """Facts of the film; None until it is open."""
        return self._info

    @property
    def start_time(self) -> Fraction:
        """Time of frame 0 on the file's own clock, which its sound shares; to be asked once the film is open."""
        return self._film.start_time

    @property
    def restarts(self) -> tuple[Restart, ...]:
        """Where that clock starts anew; to be asked once the film is open."""
        return self._film.restarts

    @property
    def times(self) -> Sequence[Fraction]:
        """Seconds from frame 0 at which every frame is shown; to be asked once the film is open."""
        return self._film.times

    def set_rate(self, rate: Fraction) -> FilmInfo:
        """Count the open film's frames at another rate, as pictures have none of their own; returns its facts."""
        assert self._info is not None, "the film is open"
        self._info = replace(self._info, rate=rate)
        self._film.times = FrameTimes(range(self._info.frame_count), 1 / rate)
        return self._info

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What has been found wrong with the film so far."""
        return tuple(self._notices)

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

    def request(self, frame: int, generation: int = FIRST_REQUEST) -> None:
        """Ask for a frame; a later request takes the place of one that has not been begun."""
        moved, self._last = frame - self._last, frame
        pixels = self._cache.get(frame)
        if pixels is None:
            self._worker.put(self._job(frame, generation), slot="wanted")
            self._worker.put(slot="ahead")
        self._read_ahead(frame, moved)
        if pixels is not None:
            self.frame_ready.emit(frame, pixels, generation)

    def close(self) -> None:
        """End the thread, as a rule within the time of one frame. Nothing is emitted afterwards."""
        self._worker.close()
        self._cache.clear()

    def _read_ahead(self, frame: int, moved: int) -> None:
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
            self._worker.put(*(self._job(each, 0) for each in missing), slot="ahead", rest=rest)

    def _job(self, frame: int, generation: int) -> Job:
        return Job(
            partial(self._film.read, frame),
            tr("reading frame {frame}", frame=frame),
            done=partial(self._on_decoded, frame, generation),
            failed=partial(self._on_failed, frame),
        )

    def _on_opened(self, info: FilmInfo) -> None:
        self._info = info
        self._cache = FrameCache(info.frame_count, self._budget)
        self.opened.emit(info)

    def _on_noticed(self, notices: tuple[Notice, ...]) -> None:
        for notice in notices:
            if notice not in self._notices:
                self._notices[notice] = None
                self.noticed.emit(notice)

    def _on_decoded(self, frame: int, generation: int, pixels: Pixels | None) -> None:
        if pixels is None:
            return
        self._cache.put(frame, pixels)
        self.held_changed.emit()
        if generation:
            self.frame_ready.emit(frame, pixels, generation)

    def _on_failed(self, frame: int, sentence: str) -> None:
        # Its neighbours would fail for the same reason, each with an entry in the log.
        self._worker.put(slot="ahead")
        self.failed.emit(frame, sentence)
