"""What is known of the attention of a film's frames, and what columns of a lane show of it: free of Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.ui.timeline.scale import Scale

_FAR = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Columns:
    """Shares ``(W, N)`` and certainty ``(W,)`` float32 of each column; certainty is NaN where nothing is known."""

    shares: Float
    certainty: Float


class CertaintyTrack:
    """Shares of N references and certainty of the frames of one film that have been looked at.

    A frame that was looked at may stand for its neighbours too, as long as none nearer to them has been, and no cut
    lies between. Shares are kept once for each frame looked at, so long films with many references stay small.
    """

    def __init__(self, frame_count: int = 0, reference_count: int = 0) -> None:
        self.certainty: Float = np.full(frame_count, np.nan, np.float32)
        """``(frames,)``; NaN where nothing is known."""
        self._row: NDArray[np.int32] = np.full(frame_count, -1, np.int32)
        self._distance: NDArray[np.int32] = np.full(frame_count, _FAR, np.int32)
        self._rows_by_frame: dict[int, int] = {}
        self._shares: Float = np.zeros((16, reference_count), np.float32)
        self._cuts: NDArray[np.int64] = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self.certainty)

    def set_cuts(self, cuts: Sequence[int]) -> None:
        """Keep frames from standing for those of other shots; what they stand for already stays."""
        self._cuts = np.asarray(cuts, np.int64)

    def put(self, frame: int, shares: NDArray[np.float32], certainty: float, reach: int = 0) -> None:
        """Note what is known of a frame, which stands for `reach` frames before and after it as well."""
        if not 0 <= frame < len(self) or len(shares) != self._shares.shape[1]:
            return
        at = int(np.searchsorted(self._cuts, frame, side="right"))
        first = max(frame - reach, int(self._cuts[at - 1]) if at else 0)
        last = min(frame + reach + 1, int(self._cuts[at]) if at < len(self._cuts) else len(self), len(self))
        span = np.arange(first, last)
        distance = np.abs(span - frame)
        # Of two looks the nearer one counts, of equally near ones the later.
        nearer = span[distance <= self._distance[span]]
        row = self._rows_by_frame.setdefault(frame, len(self._rows_by_frame))
        if row == len(self._shares):
            self._shares = np.concatenate([self._shares, np.zeros_like(self._shares)])
        self._shares[row] = shares
        self._row[nearer] = row
        self.certainty[nearer] = certainty
        self._distance[nearer] = np.abs(nearer - frame)

    def forget(self) -> None:
        """Know nothing of any frame: references, weights or settings have changed."""
        self._rows_by_frame.clear()
        self._row[:] = -1
        self.certainty[:] = np.nan
        self._distance[:] = _FAR

    def shares_of(self, frame: int) -> Float | None:
        """Return the shares ``(N,)`` of a frame; None where they are not known."""
        row = int(self._row[frame])
        return None if row < 0 else self._shares[row]

    def columns(self, scale: Scale, width: int, density: float = 1.0) -> Columns:
        """Return what `width` columns show, of which `density` make a pixel of `scale`.

        Certainty is the mean over a column's frames, shares are those of its first known frame.
        """
        edges = scale.first + np.arange(width + 1) / (density * scale.frame_width)
        start = np.floor(edges[:-1]).astype(np.int64).clip(0, len(self))
        stop = np.maximum(start + 1, np.floor(edges[1:]).astype(np.int64)).clip(0, len(self))
        low, high = (int(start.min()), int(stop.max())) if width else (0, 0)
        start, stop = start - low, stop - low
        known = self._row[low:high] >= 0
        counts = np.append(0, np.cumsum(known))
        sums = np.append(0.0, np.cumsum(np.where(known, self.certainty[low:high], 0.0), dtype=np.float64))
        count = counts[stop] - counts[start]
        certainty = np.where(count > 0, (sums[stop] - sums[start]) / np.maximum(count, 1), np.nan)
        first_known = np.append(np.flatnonzero(known), 0)[counts[start].clip(max=max(0, counts[-1] - 1))]
        shares = np.zeros((width, self._shares.shape[1]), np.float32)
        seen = count > 0
        shares[seen] = self._shares[self._row[low:high][first_known[seen]]]
        return Columns(shares, certainty.astype(np.float32))
