"""Finding the cuts of a film, so that nothing is carried from one shot into the next."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from threading import Event
from typing import Any

import cv2
import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Bytes
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.film import Film, Frame

_SEARCH_WIDTH = 256
"""Frames are compared at this width, where grain and scratches have averaged out."""

_LEAST_RATIO = 4.5
"""A single white or torn frame reaches 4 at most, as it differs from both of its neighbours."""
_LEAST_CHANGE = 15.0
"""Mean difference of luma, of 255, below which nothing is a cut."""
_WINDOW = 2
"""Changes to either side that a change is compared with."""
_SHORTEST_SHOT = 6


def find_shots(film: Film, cancel: Event) -> Generator[Progress, None, list[FrameRange]]:
    """Return the shots of ``film`` in order; together they cover every frame once.

    A cut is a frame that differs from the one before it far more than its neighbours differ from each other,
    so flicker and camera moves do not count. Yields after every frame how many have been looked at.
    When ``cancel`` is set the search ends within one frame and what was found so far is returned, the last
    shot reaching to the end.
    """
    count = film.info.frame_count
    search = _CutSearch()
    cuts = [0]
    for frame in _until_cancelled(film, cancel):
        cut = search.add(frame.index, _small(frame))
        if cut is not None:
            cuts.append(cut)
        yield Progress(frame.index + 1, count, doing=tr("Looking for cuts"))
    return [FrameRange(start, stop) for start, stop in zip(cuts, [*cuts[1:], count], strict=True)]


def shots_of_record(value: Any, count: int | None = None) -> list[FrameRange]:
    """Return shots that were written down as pairs of frames; raises `ValueError` unless they follow each other.

    They have to begin with the first frame and, where `count` is given, to cover as many.
    """
    pairs = [plain_data.listed(pair) for pair in plain_data.listed(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("not pairs of frames")
    shots = [FrameRange(plain_data.whole(start), plain_data.whole(stop)) for start, stop in pairs]
    edges = [0, *(shot.stop for shot in shots)]
    if not shots or any(
        shot.start != edge or not len(shot) for shot, edge in zip(shots, edges, strict=False)
    ):
        raise ValueError("shots that do not follow each other")
    if count is not None and edges[-1] != count:
        raise ValueError(f"shots of {edges[-1]} frames, not {count}")
    return shots


class _CutSearch:
    """Finds cuts frame by frame, `_WINDOW` frames late: the adaptive detector of PySceneDetect, on luma alone.

    It is not taken from there, because importing that library runs whatever is called ``ffmpeg`` on the PATH.
    """

    def __init__(self) -> None:
        self._before: Bytes | None = None
        self._changes: deque[tuple[int, float]] = deque(maxlen=2 * _WINDOW + 1)
        self._last_cut: int | None = None

    def add(self, index: int, luma: Bytes) -> int | None:
        """Take the next frame ``(h, w)``; return the cut that is certain now, if there is one."""
        change = 0.0 if self._before is None else float(cv2.norm(luma, self._before, cv2.NORM_L1)) / luma.size
        self._before = luma
        self._last_cut = index if self._last_cut is None else self._last_cut
        self._changes.append((index, change))
        if len(self._changes) < 2 * _WINDOW + 1:
            return None
        middle, change = self._changes[_WINDOW]
        around = (sum(each for _, each in self._changes) - change) / (2 * _WINDOW)
        is_cut = change >= _LEAST_CHANGE and change >= _LEAST_RATIO * around
        if not is_cut or middle - self._last_cut < _SHORTEST_SHOT:
            return None
        self._last_cut = middle
        return middle


def _until_cancelled(film: Film, cancel: Event) -> Iterator[Frame]:
    for frame in film.frames(FrameRange(0, film.info.frame_count)):
        if cancel.is_set():
            return
        yield frame


def _small(frame: Frame) -> Bytes:
    """Return luma ``(h, w)`` of 8 bits at reduced size."""
    luma = frame.pixels if frame.pixels.dtype == np.uint8 else frame.pixels >> 8
    height, width = luma.shape
    small: Bytes = luma.astype(np.uint8, copy=False)
    if width > _SEARCH_WIDTH:
        size = (_SEARCH_WIDTH, max(1, round(height * _SEARCH_WIDTH / width)))
        small = cv2.resize(small, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return small
