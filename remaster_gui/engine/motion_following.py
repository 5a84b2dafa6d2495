"""The colours of references carried along the motion, from the frames that they show to those around them.

Only references that are tied to a frame can be followed, within the shot of that frame and not far. What is kept of it
is where each pixel came from, at half of the working size, at which the motion is estimated anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, rgb_to_lab
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.references import partial_picture, scaled_picture
from remaster_gui.engine.sizes import Size
from remaster_gui.model.followed import BROUGHT, SIDES
from remaster_gui.model.motion import dense_flow
from remaster_gui.painting.region import unpack_region

REACH = 60
"""Frames to either side of a reference to which its colours are followed."""
_NEAR = 3
"""Frames that are added to the distance before it counts against a reference."""
_SHAPES_ALIKE = 0.02
"""By which share the shapes of a reference and the film may differ, if it is to be one of its frames."""
_STEPS = 16
"""Fractions of a pixel in which places are kept."""

Frames = Callable[[FrameRange], Generator[Float]]
"""Delivers the film's own luminance of a range of frames in order, at working size ``(h, w)`` in [0, 1]."""


@dataclass(frozen=True)
class Tied:
    """A reference that shows a frame of the film; `place`: which of all that guide it."""

    reference: Reference
    place: int
    size: Size

    @property
    def frame(self) -> int:
        """The frame that it shows."""
        assert self.reference.frame is not None
        return self.reference.frame

    @property
    def validity(self) -> Validity:
        """Where it counts, and how much."""
        return self.reference.validity

    @cached_property
    def planes(self) -> Float | None:
        """Its Lab at working size, chrominance about neutral, and its strength ``(h, w, 4)``.

        None where it has not the shape of the film, so that it is no frame of it.
        """
        picture, region = self.reference.load(), self.validity.region
        height, width = picture.shape[:2]
        if abs(width * self.size.height / (height * self.size.width) - 1) > _SHAPES_ALIKE:
            return None
        if region:
            rgb, within = partial_picture(picture, unpack_region(region), self.size)
        else:
            rgb, within = (
                scaled_picture(picture, self.size),
                np.ones((self.size.height, self.size.width), np.float32),
            )
        luminance, color = rgb_to_lab(rgb)
        strength = np.float32(self.validity.strength)
        return np.dstack([luminance, color - np.float32(NEUTRAL), strength * within]).astype(np.float32)


@dataclass(frozen=True)
class _Way:
    """How a frame was followed from a reference: where its pixels came from, as offsets ``(h/2, w/2, 2)``."""

    tied: Tied
    offsets: NDArray[np.int16]
    distance: int

    def fetched(self) -> Float:
        """Return what comes along ``(h, w, 5)``, the last being how near it is."""
        planes, size = self.tied.planes, self.tied.size
        assert planes is not None
        offsets = _enlarged(self.offsets * np.float32(1 / _STEPS), size)
        brought = _fetch(planes, offsets)
        brought[..., 3] *= _seen(offsets)
        return np.dstack([brought, np.full_like(brought[..., 0], 1 / (self.distance + _NEAR))])


@dataclass
class Following:
    """Colours on their way through one shot; `prepare` says for which frames, before any of them is asked for."""

    references: Sequence[Reference]
    shot: FrameRange
    size: Size
    frames: Frames
    _ways: dict[int, list[_Way]] = field(default_factory=dict)

    def prepare(self, span: FrameRange, check: Callable[[], None] = lambda: None) -> None:
        """Follow all references to the frames of `span`, which lies inside the shot; `check` may raise meanwhile."""
        self._ways.clear()
        tied = self._tied()
        for before, after in zip((None, *tied), (*tied, None), strict=True):
            start = self.shot.start if before is None else before.frame
            stop = self.shot.stop if after is None else after.frame
            gap = FrameRange(start, stop).intersection(span)
            if not len(gap):
                continue
            if before is not None:
                self._follow(before, FrameRange(start, min(gap.stop, start + REACH + 1)), gap, check)
            if after is not None:
                self._follow(after, FrameRange(max(gap.start, stop - REACH), stop + 1), gap, check)

    def brought(self, first: int, count: int) -> Tensor | None:
        """Return what comes to frames from `first` on ``(1, count, 10, h, w)``; None where nothing does."""
        frames = range(first, first + count)
        if not any(self._ways.get(frame) for frame in frames):
            return None
        planes = torch.zeros(1, count, SIDES * BROUGHT, self.size.height, self.size.width)
        for number, frame in enumerate(frames):
            for side, way in enumerate(self._ways.get(frame, ())):
                fetched = torch.from_numpy(way.fetched()).permute(2, 0, 1)
                planes[0, number, BROUGHT * side : BROUGHT * (side + 1)] = fetched
        return planes

    def places(self, frame: int) -> set[int]:
        """Return which of the references come to a frame."""
        return {way.tied.place for way in self._ways.get(frame, ())}

    def _tied(self) -> list[Tied]:
        """Return the references of the shot's frames in the order of these; of several of one frame the first."""
        found: dict[int, Tied] = {}
        for place, reference in enumerate(self.references):
            if reference.frame is not None and reference.frame in self.shot and not reference.is_guessed:
                tied = found.get(reference.frame) or Tied(reference, place, self.size)
                if tied.planes is not None:
                    found[reference.frame] = tied
        return [found[frame] for frame in sorted(found)]

    def _follow(self, tied: Tied, read: FrameRange, wanted: FrameRange, check: Callable[[], None]) -> None:
        """Follow a reference through frames `read`, at one end of which its own lies, to those that are `wanted`."""
        if not len(read.intersection(wanted)):
            return  # all of them are too far away
        pictures = []
        with closing(self.frames(read)) as luminance:
            for picture in luminance:
                check()
                pictures.append(np.rint(picture * np.float32(255)).astype(np.uint8))
        forward = tied.frame == read.start
        order = list(read) if forward else list(read)[::-1]
        if not forward:
            pictures.reverse()
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        offsets = np.zeros((self.size.height, self.size.width, 2), np.float32)
        for number, frame in enumerate(order):
            if number:
                check()
                here, nearer = pictures[number], pictures[number - 1]
                step = (
                    np.zeros_like(offsets)
                    if np.array_equal(here, nearer)
                    else dense_flow(search, here, nearer)
                )
                offsets = step + _fetch(offsets, step)
            if frame in wanted and tied.validity.holds_at(frame):
                self._ways.setdefault(frame, []).append(_Way(tied, _kept(offsets), number))


def _fetch(picture: Float, offsets: Float) -> Float:
    """Fetch pixels of ``(h, w, C)`` from where offsets lead; borders are repeated."""
    height, width = offsets.shape[:2]
    grid = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    fetched = cv2.remap(picture, grid + offsets, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(fetched, np.float32)


def _seen(offsets: Float) -> Float:
    """Return where offsets lead into the picture ``(h, w)``: 1 there, else 0."""
    height, width = offsets.shape[:2]
    x = np.arange(width, dtype=np.float32) + offsets[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + offsets[..., 1]
    inside = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
    return np.asarray(inside, np.float32)


def _kept(offsets: Float) -> NDArray[np.int16]:
    height, width = offsets.shape[:2]
    small = cv2.resize(offsets, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    return np.rint(small * _STEPS).clip(-32768, 32767).astype(np.int16)


def _enlarged(offsets: Float, size: Size) -> Float:
    return np.asarray(
        cv2.resize(offsets, (size.width, size.height), interpolation=cv2.INTER_LINEAR), np.float32
    )
