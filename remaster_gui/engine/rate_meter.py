"""How fast work goes on."""

from __future__ import annotations

import time
from collections import deque

_RATE_WINDOW = 30.0


class RateMeter:
    """Frames, or other things that are counted, a second over the last half minute."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._count = 0

    def rate(self, count: int) -> float:
        """Count `count` more and return the current rate."""
        now = time.monotonic()
        self._count += count
        self._marks.append((now, self._count))
        while len(self._marks) > 2 and now - self._marks[0][0] > _RATE_WINDOW:
            self._marks.popleft()
        then, before = self._marks[0]
        return (self._count - before) / max(1e-6, now - then)
