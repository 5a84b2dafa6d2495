"""How far references reach: how many of the frames known so far draw from each, in how many shots, and how much.

Free of networks and of Qt. Counted frame by frame as they come, so that another frame costs no walk over the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from remaster_gui.base.timebase import FrameRange

HELPS_FROM = 0.05
"""Share of a frame's colours from which a reference is said to help it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of one reference: of `known` frames that it guides it helps `frames`, which lie in `shots` shots.

    share: mean part of the colours of the frames that it helps, 0 to 1; 0 where it helps none.
    """

    known: int
    frames: int
    shots: int
    share: float


@dataclass(slots=True)
class _Count:
    known: int = 0
    total: float = 0.0
    by_shot: Counter[int] = field(default_factory=Counter)


class ReachCount:
    """Counts what frames draw from references, by any names of these. For one thread."""

    def __init__(self, shots: Sequence[FrameRange]) -> None:
        """Count frames of a film with these shots, none of which is known yet."""
        self._starts = [shot.start for shot in shots]
        self._counts: dict[str, _Count] = {}
        self._noted: dict[int, Mapping[str, float]] = {}

    def note(self, frame: int, shares: Mapping[str, float]) -> None:
        """Count a frame, whatever was known of it before; `shares`: parts of its colours by reference."""
        self._add(frame, self._noted.get(frame, {}), -1)
        self._noted[frame] = shares
        self._add(frame, shares, 1)

    def reaches(self) -> dict[str, Reach]:
        """Return what is known of each reference that guides any known frame."""
        return {name: _reach(count) for name, count in self._counts.items() if count.known}

    def _add(self, frame: int, shares: Mapping[str, float], times: int) -> None:
        shot = bisect_right(self._starts, frame)
        for name, share in shares.items():
            count = self._counts.setdefault(name, _Count())
            count.known += times
            if share >= HELPS_FROM:
                count.total += times * share
                count.by_shot[shot] += times
                if not count.by_shot[shot]:
                    del count.by_shot[shot]


def _reach(count: _Count) -> Reach:
    frames = count.by_shot.total()
    return Reach(count.known, frames, len(count.by_shot), count.total / frames if frames else 0.0)
