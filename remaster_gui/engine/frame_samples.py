"""Frames that stand for a whole film."""

from __future__ import annotations

from collections.abc import Sequence

from remaster_gui.base.timebase import FrameRange

_SECONDS = 0.5
"""How far apart they are in a short film."""


def sample_frames(shots: Sequence[FrameRange], rate: float, most: int) -> list[tuple[int, float]]:
    """Return frames spread evenly within each shot with the number of frames that each stands for, rising.

    At most about `most`: of a film with more shots the longest are taken.
    """
    total = sum(len(shot) for shot in shots)
    longest = sorted(shots, key=len, reverse=True)[:most]
    step = max(rate * _SECONDS, total / max(1, most - len(longest)), 1.0)
    samples = []
    for shot in sorted(longest, key=lambda shot: shot.start):
        count = max(1, int(len(shot) / step))
        spacing = len(shot) / count
        samples += [(shot.start + int((n + 0.5) * spacing), spacing) for n in range(count)]
    return samples
