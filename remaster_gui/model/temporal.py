"""How a network meets time: over a whole clip at once, or window after window with nothing computed twice.

Tensors inside the networks are clips ``(B, T, C, H, W)``. A layer that looks at neighbouring frames asks its
`TemporalContext` for them. `WholeClip` pads the clip at both ends, which is what the paper's networks do.
`StreamingState` remembers the last frames that each layer has seen, so that a shot pushed through in windows gives
exactly what the whole shot would have given: each temporal layer holds back the frame whose successor is not there yet
and delivers it with the next window.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Literal, Protocol

import torch
from torch import Tensor, nn

Edge = Literal["zeros", "replicate", "reflect"]
"""What lies beyond the ends of a shot: nothing, the last frame again, or the frames before it in reverse."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a pass of the network may have at hand at a time.

    `frames`: most that are stacked for a convolution; None: all that come. `attention_bytes`: of a piece of attention
    maps, by default about what the processor's cache holds.
    """

    frames: int | None = None
    attention_bytes: int = 16 * 2**20


USUAL_LIMITS = Limits()

Pending = Callable[[], Tensor]
"""Waits for a clip that is still being computed."""


class MoreFramesNeededError(Exception):
    """A layer has too few frames to deliver any; what it has seen is kept for the next window."""


class HeldFrames(Protocol):
    """Frames set aside for a later layer (a skip connection)."""

    def take(self, count: int) -> Tensor:
        """Return the next `count` frames ``(B, count, C, H, W)``."""


class TemporalContext(Protocol):
    """Where a layer finds the frames around the ones at hand, and how much of them it may take."""

    limits: Limits
    brought: Tensor | None
    """What follows the motion to the frames at hand ``(B, T, 10, H, W)``, see `model.followed`; None for nothing."""

    def look(self, clip: Tensor) -> Tensor | None:
        """Return frames of the whole shot ``(B, K, 1, h, w)``, of any size, to judge it by; `clip` is at hand.

        None: nothing is known of it.
        """

    def around(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> Tensor:
        """Return the T' frames that can be delivered with `reach` more at either end: ``T' + 2 * reach`` frames."""

    def pieces(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> list[Tensor]:
        """Return what `around` does as consecutive clips, for those who need not have them joined."""

    def hold(self, layer: nn.Module, name: str, clip: Tensor | Pending) -> HeldFrames:
        """Set frames aside for a skip connection; what is pending is waited for when it is taken."""

    def note(self, drawn: Tensor) -> None:
        """Take note of what the frames at hand draw from the references ``(B, T, ., N)``; no layer uses it."""

    def neighbourhoods(
        self, layer: nn.Module, *parts: Tensor
    ) -> Iterator[tuple[tuple[Tensor, ...], tuple[Tensor, ...]]]:
        """Yield groups of frames and the frames they may attend to, for each of `parts` ``(B, T, ...)``."""


class _SameFrames:
    def __init__(self, clip: Tensor | Pending) -> None:
        self._clip = clip

    def take(self, count: int) -> Tensor:
        clip = _awaited(self._clip)
        assert count == clip.shape[1]
        return clip


def _awaited(clip: Tensor | Pending) -> Tensor:
    return clip if isinstance(clip, Tensor) else clip()


def join(parts: list[Tensor], dim: int) -> Tensor:
    """Concatenate clips ``(B, T, ...)``; a single clip keeps the channels-last memory of its frames."""
    if len(parts) == 1:
        return parts[0]
    if parts[0].shape[0] == 1 and dim > 0:
        return torch.cat([_laid_plainly(part[0]) for part in parts], dim=dim - 1)[None]
    return torch.cat(parts, dim=dim)


def _laid_plainly(frames: Tensor) -> Tensor:
    """Say of a single frame ``(1, C, H, W)`` in channels-last memory that it lies so.

    By the stride of its only place it could lie either way; what it is joined with would be laid anew for it.
    """
    if frames.ndim != 4 or len(frames) != 1 or frames.shape[1] == 1 or frames.stride(1) != 1:
        return frames
    return frames.as_strided(frames.shape, (frames[0].numel(), *frames.stride()[1:]))


def _beyond(clip: Tensor, edge: Edge, reach: int, *, end: bool) -> list[Tensor]:
    """Make up the `reach` frames before (or, at its end, after) a clip, in order of time."""
    count = clip.shape[1]
    away = range(1, reach + 1) if end else range(reach, 0, -1)
    inside = [min(step if edge == "reflect" else 0, count - 1) for step in away]
    frames = [clip[:, count - 1 - i : count - i] if end else clip[:, i : i + 1] for i in inside]
    return [torch.zeros_like(frame) for frame in frames] if edge == "zeros" else frames


class WholeClip:
    """The clip is all there is. With `span` (frames to either side) self-attention slides, else it sees every frame."""

    limits = USUAL_LIMITS
    brought: Tensor | None = None

    def __init__(self, span: int | None = None) -> None:
        self.span = span

    def look(self, clip: Tensor) -> Tensor | None:
        """Return the clip: it is the shot."""
        return clip

    def around(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> Tensor:
        """Pad the clip at either end."""
        return join(self.pieces(layer, clip, edge, reach), dim=1)

    def pieces(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> list[Tensor]:
        """Return the clip between what is made up for either end."""
        before, after = (_beyond(clip, edge, reach, end=end) for end in (False, True))
        return [*before, clip, *after]

    def hold(self, layer: nn.Module, name: str, clip: Tensor | Pending) -> HeldFrames:
        """Keep the clip as it is."""
        return _SameFrames(clip)

    def note(self, drawn: Tensor) -> None:
        """Ignore it."""

    def neighbourhoods(
        self, layer: nn.Module, *parts: Tensor
    ) -> Iterator[tuple[tuple[Tensor, ...], tuple[Tensor, ...]]]:
        """Yield all frames at once, or frame by frame with those within `span`."""
        if self.span is None:
            yield parts, parts
            return
        for t in range(parts[0].shape[1]):
            near = slice(max(0, t - self.span), t + self.span + 1)
            yield tuple(p[:, t : t + 1] for p in parts), tuple(p[:, near] for p in parts)


class _QueuedFrames:
    def __init__(self, waiting: deque[Tensor | Pending]) -> None:
        self._waiting = waiting

    def take(self, count: int) -> Tensor:
        taken = []
        while count:
            clip = _awaited(self._waiting.popleft())
            taken.append(clip[:, :count])
            if clip.shape[1] > count:
                self._waiting.appendleft(clip[:, count:])
            count -= taken[-1].shape[1]
        return taken[0] if len(taken) == 1 else join(taken, dim=1)


class StreamingState:
    """The memory of one shot that passes through in windows.

    Set `last` before pushing the shot's final window, and `brought` before each one. `span` is the reach of
    self-attention in frames to either side: two, the reach of the middle frame of the paper's blocks of five, makes
    every frame see what a frame in the middle of a block saw during training, and makes the result independent of
    where windows begin.
    """

    def __init__(self, span: int = 2, limits: Limits = USUAL_LIMITS, shot: Tensor | None = None) -> None:
        """`shot`: small frames from all over it ``(1, K, 1, h, w)``, for what is judged by the whole of it."""
        self.span, self.limits, self._shot = span, limits, shot
        self.last = False
        self.brought: Tensor | None = None
        self._tails: dict[object, Tensor] = {}
        self._first: dict[object, Tensor] = {}
        self._held: dict[object, deque[Tensor | Pending]] = {}
        self._windows: dict[object, tuple[tuple[Tensor, ...], int]] = {}
        self._notes: list[Tensor] = []

    def look(self, clip: Tensor) -> Tensor | None:
        """Return what was said of the shot when it began: a window does not know what is to come."""
        return self._shot

    def around(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> Tensor:
        """Prepend what this layer saw last; raise `MoreFramesNeededError` when that is not yet enough for one frame."""
        return join(self.pieces(layer, clip, edge, reach), dim=1)

    def pieces(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int = 1) -> list[Tensor]:
        """Put what this layer saw last before the clip; raises as `around` does."""
        tail = self._tails.get(layer)
        if tail is None:
            clip = self._first_frames(layer, clip, edge, reach)
            parts = [*_beyond(clip, edge, reach, end=False), clip]
        else:
            parts = [tail, clip]
        if self.last:
            extended = join(parts, dim=1)
            parts = [extended, *_beyond(extended, edge, reach, end=True)]
        latest = parts[-1] if parts[-1].shape[1] >= 2 * reach else join(parts, dim=1)
        self._tails[layer] = latest[:, -2 * reach :].clone()
        if sum(part.shape[1] for part in parts) <= 2 * reach:
            raise MoreFramesNeededError
        return parts

    def _first_frames(self, layer: nn.Module, clip: Tensor, edge: Edge, reach: int) -> Tensor:
        """Collect a shot's first frames until those before them can be told."""
        waiting = self._first.pop(layer, None)
        clip = clip if waiting is None else join([waiting, clip], dim=1)
        if edge == "reflect" and clip.shape[1] <= reach and not self.last:
            self._first[layer] = clip
            raise MoreFramesNeededError
        return clip

    def hold(self, layer: nn.Module, name: str, clip: Tensor | Pending) -> HeldFrames:
        """Queue frames until the delayed branch catches up."""
        waiting = self._held.setdefault((layer, name), deque())
        waiting.append(clip)
        return _QueuedFrames(waiting)

    def note(self, drawn: Tensor) -> None:
        """Remember it until `take_notes`."""
        self._notes.append(drawn)

    def take_notes(self) -> list[Tensor]:
        """Return what was noted since this was asked last, in the order of the frames that were pushed."""
        taken, self._notes = self._notes, []
        return taken

    def neighbourhoods(
        self, layer: nn.Module, *parts: Tensor
    ) -> Iterator[tuple[tuple[Tensor, ...], tuple[Tensor, ...]]]:
        """Yield each frame whose neighbours within `span` are all there, with them."""
        if layer in self._windows:
            kept, position = self._windows[layer]
            parts = tuple(join(list(pair), dim=1) for pair in zip(kept, parts, strict=True))
        else:
            position = 0
        count = parts[0].shape[1]
        ready = count if self.last else count - self.span
        first = max(0, min(ready, count) - self.span)
        self._windows[layer] = (tuple(p[:, first:].clone() for p in parts), max(position, ready) - first)
        if ready <= position:
            raise MoreFramesNeededError
        for t in range(position, ready):
            near = slice(max(0, t - self.span), t + self.span + 1)
            yield tuple(p[:, t : t + 1] for p in parts), tuple(p[:, near] for p in parts)

    def nbytes(self) -> int:
        """Bytes of memory that the shot's state takes."""
        held = [clip for clip in chain(*self._held.values()) if isinstance(clip, Tensor)]
        tensors = [*self._tails.values(), *self._first.values(), *held]
        tensors += [part for parts, _ in self._windows.values() for part in parts]
        return sum(t.numel() * t.element_size() for t in tensors)
