"""How fast work goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from remaster_gui.base.notices import Progress

_SETTLING = 20.0
"""Seconds in which nothing but the average so far says anything."""
_SHORTEST_MEMORY = 60.0
_MEMORY = 0.5
"""What is remembered is as long as this part of the time that was taken so far: who has long to go on wants one
estimate, not all the moments' own."""


class RateMeter:
    """Frames, or other things that are counted, a second: steady although they come in bursts and work is shared."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began = self._last = now()
        self._count = 0
        self._rate = 0.0

    def rate(self, count: int) -> float:
        """Count `count` more and return the current rate."""
        now = self._now()
        passed, elapsed = max(1e-6, now - self._last), max(1e-6, now - self._began)
        self._last = now
        self._count += count
        if elapsed < _SETTLING or not self._rate:
            self._rate = self._count / elapsed
        else:
            newest = 1.0 - math.exp(-passed / max(_SHORTEST_MEMORY, _MEMORY * elapsed))
            self._rate += newest * (count / passed - self._rate)
        return self._rate


class PartsMeter:
    """How far parts are that are made one after another, and how fast that goes on."""

    def __init__(self, total: int, now: Callable[[], float] = time.monotonic) -> None:
        """`total`: frames of all parts."""
        self._total, self._now = total, now
        self._done = self._here = 0
        self._meter: RateMeter | None = None

    def tell(self, progress: Progress) -> Progress:
        """Tell how far all are, when the one at hand is so far."""
        if progress.doing:
            return Progress(self._done, self._total, doing=progress.doing)
        rate = 0.0
        if self._meter is not None:
            rate = self._meter.rate(progress.done - self._here)
        elif progress.done > self._here:
            # What comes before the first frames is done once and says nothing of how fast all go on.
            self._meter = RateMeter(self._now)
        self._here = progress.done
        return Progress(self._done + self._here, self._total, rate)

    def begin_next(self, frames: int) -> None:
        """Go on after a part that is finished, of which so many frames were made."""
        self._done, self._here = self._done + frames, 0
