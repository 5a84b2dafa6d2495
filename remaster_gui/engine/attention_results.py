"""What is shown of the source-reference attention; free of networks, so that any thread can hold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.choices import Layer
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.sizes import Size

STRIDES: dict[Layer, int] = {"fine": 8, "coarse": 16}


@dataclass(frozen=True, slots=True)
class AttentionMap:
    """Which reference each region of a frame draws from; arrays are read-only.

    references: digests, in the order of the last axis of `shares` ``(h, w, N)`` float32, which sum to one.
    certainty: ``(h, w)`` float32 in [0, 1] (see `AttentionReader`). working: 8 or 16 times ``(h, w)``.
    restored: whether the luminance looked at was restored; where the preview has not been it is the film's own.
    """

    frame: int
    references: tuple[str, ...]
    shares: Float
    certainty: Float
    layer: Layer
    working: Size
    restored: bool


@dataclass(frozen=True, slots=True)
class FrameShares:
    """An attention map in a few numbers: the share of each reference ``(N,)`` float32 and the mean certainty."""

    frame: int
    references: tuple[str, ...]
    shares: Float
    certainty: float

    @property
    def nbytes(self) -> int:
        """Bytes taken, about."""
        return self.shares.nbytes + 200


@dataclass(frozen=True, slots=True)
class PointHeat:
    """Where in the references one position of a frame draws from; arrays are read-only.

    x, y: pixels of the film; cell: the rectangle of film pixels ``(x, y, width, height)`` that the position stands for.
    heat: for each reference ``(h, w)`` float32, over the whole picture of the reference; all together sum to one.
    """

    frame: int
    x: float
    y: float
    cell: tuple[float, float, float, float]
    layer: Layer
    references: tuple[str, ...]
    heat: tuple[Float, ...]

    @property
    def shares(self) -> Float:
        """Share of each reference ``(N,)``."""
        return np.array([each.sum() for each in self.heat], np.float32)


def least_certain(certainty: NDArray[np.float32], playhead: int, length: int) -> int | None:
    """Return the frame where the next reference helps most: the middle of the least certain stretch.

    certainty ``(frames,)``, NaN where it is not known. Stretches are `length` frames long; of equal ones the nearest to
    the playhead counts. None where nothing is known.
    """
    known = np.flatnonzero(~np.isnan(certainty))
    if not known.size:
        return None
    means = []
    for frame in known:
        near = certainty[max(0, frame - length // 2) : frame + length // 2 + 1]
        means.append(float(np.nanmean(near)))
    lowest = np.flatnonzero(np.array(means) <= min(means) + 1e-6)
    return int(min((known[i] for i in lowest), key=lambda frame: abs(int(frame) - playhead)))


def lane_frames(shots: Sequence[FrameRange], visible: FrameRange, most: int = 200) -> list[int]:
    """Choose at most `most` frames of `visible` at which shares are computed, coarsely everywhere first, then between.

    The middles of the shots in sight come first, then evenly spaced frames, so that the lane fills in from a sketch.
    """
    middles = [(part.start + part.stop) // 2 for shot in shots if len(part := shot.intersection(visible))]
    finest = max(1, -(-len(visible) // max(1, most - len(middles))))
    step = finest
    while 2 * step < len(visible):
        step *= 2
    frames = dict.fromkeys(middles)
    while step >= finest:
        frames.update(dict.fromkeys(range(visible.start, visible.stop, step)))
        step //= 2
    return list(frames)[:most]
