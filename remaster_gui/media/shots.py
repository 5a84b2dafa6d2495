"""Finding the cuts of a film, so that nothing is carried from one shot into the next."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scenedetect.common import FrameTimecode  # type: ignore[import-untyped]
from scenedetect.detectors import AdaptiveDetector  # type: ignore[import-untyped]

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media.film import Film, Frame

_SEARCH_WIDTH = 256
"""Frames are compared at this width, where grain and scratches have averaged out."""

_ADAPTIVE_THRESHOLD = 4.5
"""A single white or torn frame reaches 4 at most, as it differs from both of its neighbours."""
_LEAST_CHANGE = 15.0
_WINDOW = 2
_SHORTEST_SHOT = 6


def detect_shots(
    film: Film,
    progress: Callable[[int, int], None] | None = None,
    cancel: threading.Event | None = None,
) -> list[FrameRange]:
    """Return the shots of ``film`` in order; together they cover every frame once.

    A cut is a frame that differs from the one before it far more than its neighbours differ from each other,
    so flicker and camera moves do not count. ``progress`` gets (frames done, all frames) after every frame.
    When ``cancel`` is set the search ends within one frame and what was found so far is returned, the last
    shot reaching to the end.
    """
    count = film.info.frame_count
    detector = AdaptiveDetector(
        adaptive_threshold=_ADAPTIVE_THRESHOLD,
        min_scene_len=_SHORTEST_SHOT,
        window_width=_WINDOW,
        min_content_val=_LEAST_CHANGE,
        luma_only=True,
    )
    cuts = [0]
    for frame in _until_cancelled(film, cancel):
        time = FrameTimecode(frame.index, film.info.rate)
        cuts.extend(cut.frame_num for cut in detector.process_frame(time, _small(frame)))
        if progress is not None:
            progress(frame.index + 1, count)
    return [FrameRange(start, stop) for start, stop in zip(cuts, [*cuts[1:], count], strict=True)]


def _until_cancelled(film: Film, cancel: threading.Event | None) -> Iterator[Frame]:
    for frame in film.frames(FrameRange(0, film.info.frame_count)):
        if cancel is not None and cancel.is_set():
            return
        yield frame


def _small(frame: Frame) -> NDArray[Any]:
    """Make what the detector takes: 8-bit BGR (h, w, 3) of reduced size."""
    luma: NDArray[Any] = (
        frame.pixels if frame.pixels.dtype == np.uint8 else (frame.pixels >> 8).astype(np.uint8)
    )
    height, width = luma.shape
    if width > _SEARCH_WIDTH:
        size = (_SEARCH_WIDTH, max(1, round(height * _SEARCH_WIDTH / width)))
        luma = cv2.resize(luma, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(luma, cv2.COLOR_GRAY2BGR)
