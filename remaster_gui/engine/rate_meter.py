"""How fast frames are made."""

from __future__ import annotations

import time
from collections import deque

_RATE_WINDOW = 30.0


class RateMeter:
    """Frames a second over the last half minute."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque([(time.monotonic(), 0)])
        self._count = 0

    def rate(self, frames: int) -> float:
        """Count `frames` more and return the current rate."""
        now = time.monotonic()
        self._count += frames
        self._marks.append((now, self._count))
        while len(self._marks) > 2 and now - self._marks[0][0] > _RATE_WINDOW:
            self._marks.popleft()
        then, count = self._marks[0]
        return (self._count - count) / max(1e-6, now - then)
