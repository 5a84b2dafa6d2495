"""Decoded frames kept in memory within a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from remaster_gui.media.film import Pixels

DEFAULT_BUDGET = 384 * 2**20
"""A minute of 432x320 in 8 bits at 24 frames a second takes a fifth of it, 185 frames of 1920x1080 all."""


class FrameCache:
    """Frames by index, the least recently used of which go first. Not thread-safe: one thread owns it."""

    def __init__(self, frame_count: int, budget: int = DEFAULT_BUDGET) -> None:
        """Serve a film of `frame_count` frames within `budget` bytes; the newest frame is kept in any case."""
        self._budget = budget
        self._frames: OrderedDict[int, Pixels] = OrderedDict()
        self._bytes = 0
        self._held = np.zeros(frame_count, np.bool_)

    def __contains__(self, index: object) -> bool:
        return index in self._frames

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def nbytes(self) -> int:
        """Bytes of all frames kept."""
        return self._bytes

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which frames are kept ``(frame_count,)``; not to be written."""
        return self._held

    def get(self, index: int) -> Pixels | None:
        """Return a frame and count that as use."""
        pixels = self._frames.get(index)
        if pixels is not None:
            self._frames.move_to_end(index)
        return pixels

    def put(self, index: int, pixels: Pixels) -> None:
        """Keep a frame, which must not change any more."""
        old = self._frames.pop(index, None)
        self._bytes += pixels.nbytes - (old.nbytes if old is not None else 0)
        self._frames[index] = pixels
        self._held[index] = True
        while self._bytes > self._budget and len(self._frames) > 1:
            dropped, gone = self._frames.popitem(last=False)
            self._bytes -= gone.nbytes
            self._held[dropped] = False

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self._bytes = 0
        self._held[:] = False
