"""Where the pixels of frames came from, followed along the motion from the frames that references show.

It depends on the film alone, not on what is painted on a reference. What is kept is at half of the working size, at
which motion is estimated anyway. A trail is always followed from its origin, from frame to frame, so that what it says
of a frame is the same whoever asked for what before. With every step what has come along is registered to the frame
once more: else small errors add up, and soon colours lie beside the edges that they belong to.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from remaster_gui.base.arrays import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import joined_ranges
from remaster_gui.engine.sizes import Size
from remaster_gui.model.motion import dense_flow

_STEPS = 16
"""Fractions of a pixel in which places are kept."""

_AROUND = 2
"""Pixels to either side over which it is judged whether registering has helped."""
_SURE = 30.0
"""Logarithm of odds beyond which nothing changes."""
_LEAST_CONTRAST = 1.0
"""Standard deviation of luminance, of 255, below which contrast is not enlarged further."""
_FITS = 1.0
"""Misfit of luminance, of 255, that makes one place count by a factor of e less than another."""
_LEAST = 4
"""Trails that stay whatever the budget: two lead to a frame, and two to those before it."""

Frames = Callable[[FrameRange], Generator[Float]]
"""Delivers the film's own luminance of a range of frames in order, at working size ``(h, w)`` in [0, 1]."""

Pictures = dict[int, NDArray[np.uint8]]
"""Frames by their number, as motion is looked for in them ``(h, w)``."""


@dataclass
class _Trail:
    """One way from an origin: how far pixels of each frame lie from where they were, ``(h/2, w/2, 2)`` each.

    reached, picture: the farthest frame so far and what it looks like; all: its offsets, not rounded. origin: what the
    frame looks like where the trail begins.
    """

    forward: bool
    reached: int
    offsets: list[NDArray[np.int16]] = field(default_factory=list)
    all: Float | None = None
    picture: NDArray[np.uint8] | None = None
    origin: Float | None = None

    @property
    def nbytes(self) -> int:
        ends = sum(each.nbytes for each in (self.all, self.picture, self.origin) if each is not None)
        return ends + sum(each.nbytes for each in self.offsets)

    @property
    def _step(self) -> int:
        return 1 if self.forward else -1

    def wanted(self, frame: int) -> FrameRange:
        """Return the frames that have to be seen to follow on up to a frame."""
        first = self.reached + (0 if self.picture is None else self._step)
        return FrameRange(min(first, frame), max(first, frame) + 1)

    def extend(self, frame: int, size: Size, pictures: Pictures, check: Callable[[], None]) -> None:
        """Follow on up to a frame."""
        step, wanted = self._step, self.wanted(frame)
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        for index in wanted if self.forward else reversed(tuple(wanted)):
            check()
            here = pictures[index]
            if self.all is None or self.picture is None or self.origin is None:
                self.all = np.zeros((size.height, size.width, 2), np.float32)
                self.origin = here.astype(np.float32)
            elif np.array_equal(here, self.picture):
                self.reached += step
            else:
                flow = dense_flow(search, here, self.picture)
                self.all = registered(search, here, self.origin, flow + fetched(self.all, flow))
                self.reached += step
            self.picture = here
            self.offsets.append(_kept(self.all))


class Trails:
    """Trails through a film; those that were asked for last stay, as many as a budget allows. For one thread."""

    def __init__(self, budget: int | None = None) -> None:
        """Keep at most `budget` bytes, or all."""
        self._budget = budget
        self._known: OrderedDict[tuple[int, bool, Size], _Trail] = OrderedDict()

    def follow(
        self, origin: int, frame: int, size: Size, frames: Frames, check: Callable[[], None] = lambda: None
    ) -> None:
        """Know the way from the frame `origin` to another one; `check` is called now and then and may raise."""
        self.follow_all([(origin, frame)], size, frames, check)

    def follow_all(
        self,
        ways: Iterable[tuple[int, int]],
        size: Size,
        frames: Frames,
        check: Callable[[], None] = lambda: None,
    ) -> None:
        """Know the ways from origins to frames, given as pairs, on as many threads as PyTorch has.

        `check` is called now and then, on any of them, and may raise.
        """
        missing: list[tuple[_Trail, int]] = []
        for origin, frame in ways:
            key = (origin, frame >= origin, size)
            trail = self._known.setdefault(key, _Trail(frame >= origin, origin))
            self._known.move_to_end(key)
            if len(trail.offsets) <= abs(frame - origin):
                missing.append((trail, frame))
        if not missing:
            return
        pictures = _read((trail.wanted(frame) for trail, frame in missing), frames, check)
        with ThreadPoolExecutor(min(len(missing), torch.get_num_threads()), "trail") as pool:
            begun = [pool.submit(trail.extend, frame, size, pictures, check) for trail, frame in missing]
        for each in begun:
            each.result()
        self._let_go()

    def offsets(self, origin: int, frame: int, size: Size) -> Float | None:
        """Return where the pixels of a frame were in `origin`, as offsets ``(h, w, 2)``; None where that is unknown."""
        trail, distance = self._known.get((origin, frame >= origin, size)), abs(frame - origin)
        if trail is None or len(trail.offsets) <= distance:
            return None
        small = trail.offsets[distance] * np.float32(1 / _STEPS)
        return np.asarray(
            cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.float32
        )

    def keep(self, ways: Iterable[tuple[int, int]], size: Size) -> None:
        """Forget all but the ways from origins to frames, given as pairs."""
        wanted = {(origin, frame >= origin, size) for origin, frame in ways}
        for key in self._known.keys() - wanted:
            del self._known[key]

    def _let_go(self) -> None:
        kept = sum(trail.nbytes for trail in self._known.values())
        while self._budget is not None and kept > self._budget and len(self._known) > _LEAST:
            kept -= self._known.popitem(last=False)[1].nbytes


def _read(ranges: Iterable[FrameRange], frames: Frames, check: Callable[[], None]) -> Pictures:
    """Read ranges of frames, each frame once."""
    pictures: Pictures = {}
    for span in joined_ranges(ranges):
        with closing(frames(span)) as luminance:
            for index, each in zip(span, luminance, strict=True):
                check()
                pictures[index] = np.rint(each * np.float32(255)).astype(np.uint8)
    return pictures


def registered(search: cv2.DISOpticalFlow, here: NDArray[np.uint8], origin: Float, offsets: Float) -> Float:
    """Move offsets ``(h, w, 2)`` to where the origin fits a frame better, as far as it does; luminance is of 255."""
    seen = here.astype(np.float32)
    brought = _in_tones_of(seen, fetched(origin, offsets))
    flow = dense_flow(search, here, np.rint(brought).clip(0, 255).astype(np.uint8))
    moved = flow + fetched(offsets, flow)
    worse = _misfit(seen, _in_tones_of(seen, fetched(origin, moved))) - _misfit(seen, brought)
    share = 1 / (1 + np.exp((worse / _FITS).clip(-_SURE, _SURE)))
    return np.asarray(offsets + share[..., None] * (moved - offsets), np.float32)


def _in_tones_of(seen: Float, picture: Float) -> Float:
    """Give a picture the brightness and contrast of what is seen: films fade."""
    gain = seen.std() / max(float(picture.std()), _LEAST_CONTRAST)
    return np.asarray((picture - picture.mean()) * gain + seen.mean(), np.float32)


def _misfit(seen: Float, picture: Float) -> Float:
    edge = 2 * _AROUND + 1
    blurred = cv2.blur(np.abs(picture - seen), (edge, edge), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, np.float32)


def fetched(picture: Float, offsets: Float) -> Float:
    """Fetch pixels of ``(h, w, C)`` from where offsets lead; borders are repeated."""
    height, width = offsets.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    found = cv2.remap(picture, grid + offsets, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(found, np.float32)


def _kept(offsets: Float) -> NDArray[np.int16]:
    height, width = offsets.shape[:2]
    small = cv2.resize(offsets, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.rint(small * _STEPS).clip(-32768, 32767).astype(np.int16)
