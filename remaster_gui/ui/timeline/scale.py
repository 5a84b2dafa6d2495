"""Frames against pixels: zooming, scrolling, snapping and the ticks of a ruler, free of Qt."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from remaster_gui.base.timebase import FrameRange, nominal_rate

LARGEST_FRAME = 96.0
"""Pixels of a frame at the highest zoom."""
LABEL_DISTANCE = 96.0
"""Least distance between two labels of the ruler in pixels."""
TICK_DISTANCE = 7.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps the frames of a film to horizontal pixels.

    Frame i takes the pixels from ``x_of(i)`` to ``x_of(i + 1)``; x counts from the left edge of the lanes, which are
    `width` pixels wide. `first` is the (fractional) frame at that edge.
    """

    frame_count: int = 0
    width: float = 1.0
    first: float = 0.0
    frame_width: float = 1.0

    def x_of(self, frame: float) -> float:
        """Return the left edge of a frame."""
        return (frame - self.first) * self.frame_width

    def frame_at(self, x: float) -> int:
        """Return the frame at a place, the nearest one where the film does not reach."""
        return min(max(math.floor(x / self.frame_width + self.first), 0), max(0, self.frame_count - 1))

    @property
    def visible(self) -> FrameRange:
        """Frames of which anything is seen."""
        start = min(max(0, math.floor(self.first)), self.frame_count)
        stop = math.ceil(self.first + self.width / self.frame_width)
        return FrameRange(start, max(start, min(self.frame_count, stop)))

    @property
    def smallest_frame(self) -> float:
        """Pixels of a frame at which the whole film fits."""
        return min(LARGEST_FRAME, self.width / max(1, self.frame_count))

    def resized(self, width: float) -> Scale:
        """Take another width; a film that fitted still fits."""
        fitted = math.isclose(self.frame_width, self.smallest_frame)
        wider = replace(self, width=max(1.0, width))
        return wider.fitted() if fitted else wider._settled()

    def fitted(self) -> Scale:
        """Show the whole film."""
        return replace(self, first=0.0, frame_width=self.smallest_frame)

    def zoomed(self, factor: float, x: float) -> Scale:
        """Zoom by `factor`; what lies at `x` stays there."""
        held = self.first + x / self.frame_width
        width = min(max(self.frame_width * factor, self.smallest_frame), LARGEST_FRAME)
        return replace(self, frame_width=width, first=held - x / width)._settled()

    def scrolled(self, pixels: float) -> Scale:
        """Move on along the film."""
        return replace(self, first=self.first + pixels / self.frame_width)._settled()

    def showing(self, frame: int) -> Scale:
        """Scroll by a page where `frame` is not in sight."""
        seen = self.width / self.frame_width
        if self.first <= frame and frame + 1 <= self.first + seen:
            return self
        return replace(self, first=frame - seen * (0.1 if frame >= self.first else 0.9))._settled()

    def snapped(self, x: float, targets: Sequence[int], tolerance: float) -> int:
        """Return the one of the sorted `targets` that begins within `tolerance` pixels of `x`, else the frame there.

        Nothing snaps where single frames are easily hit.
        """
        frame = self.frame_at(x)
        if self.frame_width >= tolerance:
            return frame
        at = bisect_left(targets, frame)
        near = [
            target for target in targets[max(0, at - 1) : at + 2] if abs(self.x_of(target) - x) <= tolerance
        ]
        return min(near, key=lambda target: abs(self.x_of(target) - x), default=frame)

    def _settled(self) -> Scale:
        last = max(0.0, self.frame_count - self.width / self.frame_width)
        return replace(self, first=min(max(self.first, 0.0), last))


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the ruler at the left edge of `frame`."""

    frame: int
    labelled: bool


def ticks(scale: Scale, rate: Fraction) -> Iterator[Tick]:
    """Yield the lines of a ruler that are in sight, on round numbers of frames, seconds, minutes or hours."""
    steps = _steps(nominal_rate(rate))
    label = _step(steps, LABEL_DISTANCE / scale.frame_width)
    finer = [step for step in steps if label % step == 0 and step * scale.frame_width >= TICK_DISTANCE]
    tick = finer[0] if finer else label
    visible = scale.visible
    # A label reaches to the right of its line, so one that has left the view may still be seen.
    start = max(0, visible.start - label) // tick * tick
    for frame in range(start, visible.stop, tick):
        yield Tick(frame, frame % label == 0)


def thumbnail_step(scale: Scale, width: float) -> int:
    """Return the distance in frames of pictures `width` pixels wide that do not overlap, one of few fixed steps."""
    least = max(1.0, width / scale.frame_width)
    power = 2 ** max(0, math.ceil(math.log2(least)) - 1)
    return next(step for step in (power, power * 3 // 2 or 1, power * 2, power * 3) if step >= least)


def _steps(second: int) -> list[int]:
    """Distances that look round, in frames."""
    frames = [step for step in (1, 2, 5, 10) if step < second and second % step == 0]
    seconds = [second * step for step in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)]
    hours = [second * 3600 * 2**power for power in range(12)]
    return frames + seconds + hours


def _step(steps: Sequence[int], least: float) -> int:
    return next((step for step in steps if step >= least), steps[-1])
