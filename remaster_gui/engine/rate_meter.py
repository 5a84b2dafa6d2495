"""How fast work goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

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
