"""The clock of playback: says which frame is due, and leaves frames out rather than falling behind."""

from __future__ import annotations

import math
import time
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.film import FrameTimes

SPEEDS = (1, 2, 4, 8)
"""Times the film's rate; shuttling goes through them in both directions."""

_RATE_SECONDS = 2.0
"""Span over which the true rate is measured."""
_LONGEST_WAIT = 0.25
_SLACK = 1e-6
"""Seconds by which a frame may be early, as passed time is no exact number."""


class PlaybackClock(QObject):
    """Counts frames from a start by the time that has passed. Lives on the GUI thread.

    Frames are due at the film's own times, counted from the start, so nothing adds up; a window that was busy gets the
    frame of now, not those that it missed.
    """

    frame_due = Signal(int)
    playing_changed = Signal(bool)
    looped = Signal(int)
    """Playback went back, or on, to this frame of the range that it repeats; sound has to follow."""

    def __init__(
        self,
        rate: Fraction,
        frame_count: int,
        parent: QObject | None = None,
        *,
        times: Sequence[Fraction] | None = None,
        now: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Play frames at the rate, or where that is not steady at `times`, in seconds from frame 0 (see `Film`).

        `now` returns seconds, of whatever clock the sound goes by.
        """
        super().__init__(parent)
        self._rate, self._film, self._now = rate, FrameRange(0, frame_count), now
        self._times = FrameTimes(range(frame_count), 1 / rate) if times is None else times
        self._loop: FrameRange | None = None
        self._speed = 0
        self._origin, self._started = 0, 0.0
        self._frame = 0
        self._delivered: deque[float] = deque()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.advance)

    @property
    def speed(self) -> int:
        """-8 to 8; 0 while nothing plays."""
        return self._speed

    @property
    def is_playing(self) -> bool:
        """Whether frames come due by themselves."""
        return self._speed != 0

    @property
    def frame(self) -> int:
        """The frame that was due last."""
        return self._frame

    @property
    def true_rate(self) -> float:
        """Frames a second that were really due during the last two seconds; 0 while unknown."""
        if len(self._delivered) < 2:
            return 0.0
        return (len(self._delivered) - 1) / max(1e-6, self._delivered[-1] - self._delivered[0])

    def set_loop(self, span: FrameRange | None) -> None:
        """Repeat a range of frames; None plays to the end of the film."""
        self._loop = span if span else None
        if self.is_playing:
            self._start_from(self._frame)

    def set_frame(self, frame: int) -> None:
        """Note where the playhead was put; playback goes on from there."""
        frame = min(max(frame, 0), self._film.stop - 1)
        if frame == self._frame:
            return
        self._frame = frame
        if self.is_playing:
            self._start_from(frame)

    def play(self, speed: int = 1) -> None:
        """Play from the present frame, backwards where `speed` is negative; from the other end where none is left."""
        if speed == 0:
            self.stop()
            return
        was_playing = self.is_playing
        self._speed = max(-SPEEDS[-1], min(SPEEDS[-1], speed))
        span = self._loop or self._film
        ends = (span.start, span.stop - 1) if speed > 0 else (span.stop - 1, span.start)
        if self._frame not in span or self._frame == ends[1]:
            self._deliver(ends[0])
        self._start_from(self._frame)
        if not was_playing:
            self.playing_changed.emit(True)

    def shuttle(self, direction: int) -> None:
        """Play in a direction (1 or -1), faster each time; against the present direction slower, then stop."""
        steps = [-speed for speed in reversed(SPEEDS)] + [0, *SPEEDS]
        place = min(max(steps.index(self._speed) + direction, 0), len(steps) - 1)
        self.play(steps[place])

    def stop(self) -> None:
        """Stay at the present frame."""
        if not self.is_playing:
            return
        self._speed = 0
        self._timer.stop()
        self._delivered.clear()
        self.playing_changed.emit(False)

    def step(self, count: int) -> None:
        """Stop, and go that many frames on or back, within the film."""
        self.stop()
        frame = min(max(self._frame + count, 0), self._film.stop - 1)
        if frame != self._frame:
            self._deliver(frame)

    def advance(self) -> None:
        """Let what is due by now come due; the clock's own timer calls this, and whoever waits may call it earlier."""
        if not self.is_playing:
            return
        at, span = self._now_at(), self._loop or self._film
        start, end = float(self.seconds(span.start)), float(self.seconds(span.stop))
        if start <= at < end if self._speed > 0 else start < at <= end:
            frame = self._shown_at(at)
            if frame != self._frame:
                self._deliver(frame)
        elif self._loop is not None:
            ahead = (at - start if self._speed > 0 else end - at) % (end - start)
            frame = self._shown_at(start + ahead if self._speed > 0 else end - ahead)
            self._start_from(frame)
            self._deliver(frame)
            self.looped.emit(frame)
            return
        else:
            last = self._film.stop - 1 if self._speed > 0 else 0
            if self._frame != last:
                self._deliver(last)
            self.stop()
        if self.is_playing:
            self._wait()

    def _start_from(self, frame: int) -> None:
        self._origin, self._started = frame, self._now()
        self._delivered.clear()
        self._wait()

    def seconds(self, frame: int) -> Fraction:
        """Return the time from frame 0 at which a frame is shown; of the number after the last, the film's end."""
        return self._times[frame] if frame < self._film.stop else self._times[-1] + 1 / self._rate

    def frame_at(self, seconds: Fraction | float) -> int:
        """Return the frame that is shown at a time from frame 0, or the one of the film that is nearest to it."""
        return min(max(bisect_right(self._times, seconds) - 1, 0), self._film.stop - 1)

    def _now_at(self) -> float:
        """Return the place in the film in seconds; frames are left at their end forwards, at their start backwards."""
        passed = (self._now() - self._started) * abs(self._speed) + _SLACK
        if self._speed > 0:
            return float(self.seconds(self._origin)) + passed
        return float(self.seconds(self._origin + 1)) - passed

    def _shown_at(self, at: float) -> int:
        return self.frame_at(at) if self._speed > 0 else max(0, bisect_left(self._times, at) - 1)

    def _wait(self) -> None:
        """Sleep until the next frame is due."""
        at = self._now_at()
        shown = self._shown_at(at)
        rest = float(self.seconds(shown + 1)) - at if self._speed > 0 else at - float(self.seconds(shown))
        due = (rest + _SLACK) / abs(self._speed)
        self._timer.start(max(0, math.ceil(1000 * min(due, _LONGEST_WAIT))))

    def _deliver(self, frame: int) -> None:
        self._frame = frame
        now = self._now()
        self._delivered.append(now)
        while now - self._delivered[0] > _RATE_SECONDS:
            self._delivered.popleft()
        self.frame_due.emit(frame)
