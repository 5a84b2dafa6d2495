"""A look at a whole shot before its first frame is restored: a few frames all over it, small.

What lasts as long as a shot, such as faded tones, is told from all of it; whichever part of the shot is made, whether
previewed or exported, it gets the same correction.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from contextlib import closing

import torch
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.shot_tones import small_frames, without_borders

Windows = Callable[[FrameRange], Generator[Float]]
"""Delivers luminance of a range of frames in order, window after window ``(T, H, W)`` in [0, 1], T at least 1."""

LOOKED_AT = 12
"""Frames of a shot that are looked at."""


def needs_look(network: RemasterNetwork) -> bool:
    """Whether the restoration of a network asks for a look at the shot; another restorer in its place does not."""
    return getattr(network.restoration, "shot_tones", None) is not None


def looked_at(shot: FrameRange) -> list[int]:
    """Return which frames of a shot are looked at: all of a short one, else some at even distances."""
    count = min(LOOKED_AT, len(shot))
    return [shot.start + (2 * number + 1) * len(shot) // (2 * count) for number in range(count)]


def look_at(shot: FrameRange, windows: Windows) -> Tensor:
    """Look at a shot, whose frames `windows` delivers; returns `look` of some of them."""

    def frames() -> Generator[Float]:
        for index in looked_at(shot):
            with closing(windows(FrameRange(index, index + 1))) as parts:
                yield from parts

    return look(frames())


def look(windows: Iterable[Float]) -> Tensor:
    """Return small frames ``(1, K, 1, 64, 64)`` of windows ``(T, H, W)``, without black borders.

    One of the windows is in memory at a time.
    """
    frames = torch.cat([small_frames(torch.from_numpy(window)) for window in windows])
    return without_borders(frames[None])[:, :, None]
