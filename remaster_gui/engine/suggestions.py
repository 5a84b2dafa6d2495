"""Which frames are worth colouring: one for each look of the film, also where several shots show the same thing.

Small pictures of the film are described by the directions of their edges, their layout of light and dark and their
histogram; frames that resemble each other enough would be coloured by one reference. Greedily, the frame that stands
for most of what no reference stands for yet is suggested next.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from threading import Event

import cv2
import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import luma_to_lightness
from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_samples import sample_frames
from remaster_gui.media import Film

SAME_LOOK = 0.6
"""Similarity from which one reference serves both frames: on real film 0.67 or more within a shot, 0.52 or less between
shots of different things."""
COVERED = 0.98
"""Part of the film that the suggestions stand for when there are no more."""
MOST = 24
MOST_SAMPLES = 600
"""Frames that are looked at, at most: a minute's work for a long film in full HD."""

_SIZE = (64, 48)
_CELLS = 4
_DIRECTIONS = 8
_LEVELS = 16
_BLANK = 0.02
"""Standard deviation of luminance below which a frame shows nothing: leader, fades."""
_USUAL_EDGES = 0.7
"""Similarity of edges that any two pictures have."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A frame worth colouring and the part of the film (0 to 1) that it stands for beside those before it."""

    frame: int
    share: float


@dataclass(frozen=True, slots=True)
class FrameDescriptor:
    """What a frame looks like, as three unit vectors."""

    edges: Float
    layout: Float
    levels: Float


def suggest_frames(
    film: Film,
    shots: Sequence[FrameRange],
    colored: Sequence[int] = (),
    *,
    cancel: Event,
    most: int = MOST,
) -> Generator[Progress, None, tuple[Suggestion, ...]]:
    """Return frames worth colouring, those that stand for most of the film first; () once `cancel` is set.

    `colored` frames have references already, so what they stand for needs none. Yields how many frames of how many have
    been looked at.
    """

    def read(frame: int) -> Float:
        return luma_to_lightness(film.read(frame).pixels)

    return suggest_among(read, shots, colored, rate=float(film.info.rate), most=most, cancel=cancel)


def suggest_among(
    read: Callable[[int], Float],
    shots: Sequence[FrameRange],
    colored: Sequence[int] = (),
    *,
    rate: float,
    cancel: Event,
    most: int = MOST,
) -> Generator[Progress, None, tuple[Suggestion, ...]]:
    """Do the same for frames that `read` delivers, luminance ``(H, W)`` in [0, 1], at `rate` frames a second."""
    samples = sample_frames(shots, rate, MOST_SAMPLES)
    wanted = [*((frame, 0.0) for frame in colored), *samples]
    frames, weights, looks = [], [], []
    for number, (frame, weight) in enumerate(wanted):
        if cancel.is_set():
            return ()
        look = describe(read(frame))
        if look is not None:
            frames.append(frame)
            weights.append(weight)
            looks.append(look)
        yield Progress(number + 1, len(wanted))
    if not looks:
        return ()
    given = np.isin(frames, colored) & (np.array(weights) == 0)
    return _cover(np.array(frames), np.array(weights), similarities(looks) >= SAME_LOOK, given, most)


def describe(luminance: Float) -> FrameDescriptor | None:
    """Describe a frame's luminance ``(H, W)`` in [0, 1]; None where it shows nothing."""
    small = cv2.resize(luminance, _SIZE, interpolation=cv2.INTER_AREA)
    if float(small.std()) < _BLANK:
        return None
    small = cv2.GaussianBlur(small, (0, 0), 1.0)
    right, down = (cv2.Sobel(small, cv2.CV_32F, dx, 1 - dx) for dx in (1, 0))
    strength = np.hypot(right, down)
    direction = (np.arctan2(down, right) % np.pi / np.pi * _DIRECTIONS).astype(np.int64) % _DIRECTIONS
    y, x = (n * _CELLS // n.size for n in (np.arange(_SIZE[1]), np.arange(_SIZE[0])))
    bins = (y[:, None] * _CELLS + x) * _DIRECTIONS + direction
    edges = np.bincount(bins.ravel(), strength.ravel(), _CELLS * _CELLS * _DIRECTIONS)
    layout = cv2.resize(small, (8, 6), interpolation=cv2.INTER_AREA).ravel()
    levels = np.histogram(small, _LEVELS, (0.0, 1.0))[0].astype(np.float32)
    smooth = np.convolve(np.sqrt(levels), [0.25, 0.5, 0.25], "same")
    return FrameDescriptor(_unit(np.sqrt(edges)), _unit(layout - layout.mean()), _unit(smooth))


def similarities(looks: Sequence[FrameDescriptor]) -> NDArray[np.float32]:
    """Return how alike frames are ``(N, N)``, 1 for equal ones."""
    edges, layout, levels = (
        np.stack([getattr(look, part) for look in looks]) for part in ("edges", "layout", "levels")
    )
    by_edges = ((edges @ edges.T - _USUAL_EDGES) / (1 - _USUAL_EDGES)).clip(0, 1)
    alike: NDArray[np.float32] = (
        0.45 * by_edges + 0.45 * (layout @ layout.T).clip(0, 1) + 0.1 * (levels @ levels.T)
    )
    return alike


def _unit(vector: NDArray[np.floating]) -> Float:
    return (vector / max(1e-6, float(np.linalg.norm(vector)))).astype(np.float32)


def _cover(
    frames: NDArray[np.int64],
    weights: NDArray[np.float64],
    serves: NDArray[np.bool_],
    given: NDArray[np.bool_],
    most: int,
) -> tuple[Suggestion, ...]:
    """Choose frames until what they and those `given` serve makes up enough of the film."""
    total = weights.sum()
    open_ = weights * ~serves[given].any(0)
    chosen: list[Suggestion] = []
    while open_.sum() > (1 - COVERED) * total and len(chosen) < most:
        gains = serves @ open_
        # Of frames that stand for equally much the one in the middle of its like is the most typical.
        best = np.flatnonzero(gains >= gains.max() - 1e-9)
        pick = int(best[len(best) // 2])
        chosen.append(Suggestion(int(frames[pick]), float(gains[pick] / total)))
        open_ = open_ * ~serves[pick]
    return tuple(chosen)
