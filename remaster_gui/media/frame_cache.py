"""Decoded frames kept in memory within a budget of bytes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Pixels
from remaster_gui.base.byte_cache import ByteCache

DEFAULT_BUDGET = 384 * 2**20
"""A minute of 432x320 in 8 bits at 24 frames a second takes a fifth of it, 185 frames of 1920x1080 all."""


class FrameCache:
    """Frames by index, the least recently used of which go first. Not thread-safe: one thread owns it."""

    def __init__(self, frame_count: int, budget: int = DEFAULT_BUDGET) -> None:
        """Serve a film of `frame_count` frames within `budget` bytes; the newest frame is kept in any case."""
        self._frames: ByteCache[int, Pixels] = ByteCache(budget, lambda pixels: pixels.nbytes)
        self._held = np.zeros(frame_count, np.bool_)

    def __contains__(self, index: object) -> bool:
        return index in self._frames

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def nbytes(self) -> int:
        """Bytes of all frames kept."""
        return self._frames.nbytes

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which frames are kept ``(frame_count,)``; not to be written."""
        return self._held

    def get(self, index: int) -> Pixels | None:
        """Return a frame and count that as use."""
        return self._frames.get(index)

    def put(self, index: int, pixels: Pixels) -> None:
        """Keep a frame, which must not change any more."""
        self._held[self._frames.put(index, pixels)] = False
        self._held[index] = True

    def clear(self) -> None:
        """Forget all frames."""
        self._frames.clear()
        self._held[:] = False
