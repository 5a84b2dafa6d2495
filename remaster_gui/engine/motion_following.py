"""The colours of references carried along the motion, from the frames that they show to those around them.

Only references that are tied to a frame can be followed, within the shot of that frame and not far: to the frames that
they guide, up to the next one that guides these frames as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import NEUTRAL, rgb_to_lab
from remaster_gui.base.packed_regions import unpack_region
from remaster_gui.base.timebase import FrameRange
from remaster_gui.base.validity import Validity
from remaster_gui.engine.messages import Reference
from remaster_gui.engine.references import partial_picture, scaled_picture
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stretches import stretches
from remaster_gui.engine.trails import Frames, Trails, fetched
from remaster_gui.model.followed import BROUGHT, SIDES

REACH = 60
"""Frames to either side of a reference to which its colours are followed."""
LOOKED_AT = 120
"""Frames to which motion is looked for in one go."""
_STILL_ASKED = 60
"""Frames that may be asked for yet when the ones after them are looked at: restoration runs ahead of colours."""
_NEAR = 3
"""Frames that are added to the distance before it counts against a reference."""
_SHAPES_ALIKE = 0.02
"""By which share the shapes of a reference and the film may differ, if it is to be one of its frames."""


@dataclass(frozen=True)
class Tied:
    """A reference that shows a frame of the film; `place`: which of all that guide it. `film`: the film's own size."""

    reference: Reference
    place: int
    size: Size
    film: Size

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
        # Not of the working size, which is rounded.
        if abs(width * self.film.height / (height * self.film.width) - 1) > _SHAPES_ALIKE:
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
    """Frames to which a reference is followed."""

    tied: Tied
    frames: FrameRange


@dataclass
class Following:
    """Colours on their way through one shot; `prepare` says for which frames, before any of them is asked for.

    size, film: the working size, and the film's own. frames: delivers the film's own luminance; None: what `trails` do
    not know yet is left out. looks_ahead: whether motion is looked for by `look` alone, since frames may not be read at
    other times; else when it is asked for.
    """

    references: Sequence[Reference]
    shot: FrameRange
    size: Size
    film: Size
    frames: Frames | None
    trails: Trails = field(default_factory=Trails)
    looks_ahead: bool = True
    _ways: list[_Way] = field(default_factory=list)

    def prepare(self, span: FrameRange) -> None:
        """Find out from where each frame of `span` is followed, which lies inside the shot."""
        self._ways = list(self._planned(span))

    def steps(self, span: FrameRange) -> Iterator[FrameRange]:
        """Cut a range into what is looked at together, at fixed places in the shot: only so much motion is known."""
        edges = range(self.shot.start, span.stop, LOOKED_AT) if self._looks else ()
        inside = [edge for edge in edges if edge > span.start]
        for start, stop in pairwise((span.start, *inside, span.stop)):
            yield FrameRange(start, stop)

    def look(self, span: FrameRange, check: Callable[[], None] = lambda: None) -> None:
        """Look for the motion to the frames of `span`, a step of what is prepared; `check` may raise meanwhile."""
        if self.frames is None or not self._looks:
            return
        around = FrameRange(max(0, span.start - _STILL_ASKED), span.stop)
        near = [
            (way.tied.frame, frames) for way in self._ways if len(frames := way.frames.intersection(around))
        ]
        self.trails.keep(((origin, frames.start) for origin, frames in near), self.size)
        ways = (
            (origin, max(frames.start, frames.stop - 1, key=lambda frame: abs(frame - origin)))
            for origin, frames in near
        )
        self.trails.follow_all(ways, self.size, self.frames, check)

    @property
    def _looks(self) -> bool:
        return self.looks_ahead and self.frames is not None

    def brought(self, first: int, count: int) -> Tensor | None:
        """Return what comes to frames from `first` on ``(1, count, 10, h, w)``; None where nothing does anywhere.

        A network that has begun with it goes on with it: it says nothing where nothing comes.
        """
        if not self._ways:
            return None
        planes = torch.zeros(1, count, SIDES * BROUGHT, self.size.height, self.size.width)
        for number, frame in enumerate(range(first, first + count)):
            for side, way in enumerate(self._ways_to(frame)):
                come = self._fetched(way.tied, frame)
                if come is not None:
                    come_here = torch.from_numpy(come).permute(2, 0, 1)
                    planes[0, number, BROUGHT * side : BROUGHT * (side + 1)] = come_here
        return planes

    def places(self, frame: int) -> set[int]:
        """Return which of the references come to a frame."""
        return {way.tied.place for way in self._ways_to(frame)}

    def _ways_to(self, frame: int) -> list[_Way]:
        return [way for way in self._ways if frame in way.frames]

    def _fetched(self, tied: Tied, frame: int) -> Float | None:
        """Return what comes from a reference ``(h, w, 5)``, the last being how near it is."""
        if self.frames is not None and not self.looks_ahead:
            self.trails.follow(tied.frame, frame, self.size, self.frames)
        offsets = self.trails.offsets(tied.frame, frame, self.size)
        if offsets is None:
            return None
        assert tied.planes is not None
        brought = fetched(tied.planes, offsets)
        brought[..., 3] *= _seen(offsets)
        return np.dstack([brought, np.full_like(brought[..., 0], 1 / (abs(frame - tied.frame) + _NEAR))])

    def _planned(self, span: FrameRange) -> Iterator[_Way]:
        """Yield the ways to frames of `span`, of at most one reference before a frame and one after it."""
        known = [self._tied(place) for place in range(len(self.references))]
        for stretch in stretches([self.shot], [each.validity for each in self.references]):
            guided = stretch.frames.intersection(span)
            tied = _by_frame(found for place in stretch.places if (found := known[place]) is not None)
            for before, after in zip((None, *tied), (*tied, None), strict=True):
                start = self.shot.start if before is None else before.frame
                stop = self.shot.stop if after is None else after.frame
                gap = FrameRange(start, stop).intersection(guided)
                for each in (before, after):
                    if each is not None:
                        near = FrameRange(max(start, each.frame - REACH), min(stop, each.frame + REACH + 1))
                        if len(frames := near.intersection(gap)):
                            yield _Way(each, frames)

    def _tied(self, place: int) -> Tied | None:
        """Return a reference that shows a frame of the shot, and has the shape of one."""
        reference = self.references[place]
        if reference.frame is None or reference.frame not in self.shot or reference.is_guessed:
            return None
        tied = Tied(reference, place, self.size, self.film)
        return None if tied.planes is None else tied


def _by_frame(tied: Iterator[Tied]) -> list[Tied]:
    """Return references in the order of the frames that they show; of several of one frame the first."""
    found: dict[int, Tied] = {}
    for each in tied:
        found.setdefault(each.frame, each)
    return [found[frame] for frame in sorted(found)]


def _seen(offsets: Float) -> Float:
    """Return where offsets lead into the picture ``(h, w)``: 1 there, else 0."""
    height, width = offsets.shape[:2]
    x = np.arange(width, dtype=np.float32) + offsets[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + offsets[..., 1]
    inside = (x >= -1) & (x <= width) & (y >= -1) & (y <= height)
    return np.asarray(inside, np.float32)
