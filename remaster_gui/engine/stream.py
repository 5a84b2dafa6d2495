"""One shot through both networks, window after window, with nothing computed twice and no seam between windows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.device import to_device, to_host
from remaster_gui.engine.drawn import Draws, of_frame, taken_whole
from remaster_gui.engine.motion_following import LOOKED_AT, Following
from remaster_gui.engine.shot_look import Windows, look_at, needs_look
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stages import Stages
from remaster_gui.engine.tiles import tile_picture
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.colorization import Colorized, ReferenceFeatures
from remaster_gui.model.restoration import SIZE_MULTIPLE
from remaster_gui.model.temporal import USUAL_LIMITS, Limits, MoreFramesNeededError, StreamingState

SELF_ATTENTION_SPAN = 2


@dataclass(frozen=True, slots=True)
class Pass:
    """What a shot goes through: both networks or one of them.

    Luminance comes at `size`; colourisation happens at `working` size (multiples of 16). `tile_edge`: of restoration
    tiles, None for whole pictures.
    """

    network: RemasterNetwork
    references: Sequence[ReferenceFeatures]
    size: Size
    working: Size
    restoration: bool = True
    colorization: bool = True
    tile_edge: int | None = None
    limits: Limits = USUAL_LIMITS
    stages: Stages = field(default_factory=Stages, compare=False)
    guided: Sequence[Guided] = ()
    """Stretches that references of their own guide, rising and covering the shot; () where `references` guide all."""
    following: Following | None = None
    """What follows the motion from references to the frames around; None where attention alone carries colours."""

    def guide(self, frame: int) -> Guided | None:
        """Return the stretch that a frame lies in."""
        return next((each for each in self.guided if frame in each.frames), None)

    @property
    def reach(self) -> int:
        """Frames to either side of a frame that influence its result, inside the shot."""
        return (self.network.restoration.reach if self.restoration else 0) + (
            self.network.colorization.reach(SELF_ATTENTION_SPAN) if self.colorization else 0
        )


@dataclass(frozen=True, slots=True)
class Guided:
    """Frames of a shot and the references that guide them."""

    frames: FrameRange
    references: Sequence[ReferenceFeatures]
    places: Sequence[int] = ()
    """Which of all references of the shot they are."""


@dataclass(frozen=True, slots=True)
class PassedFrame:
    """A frame that has gone through: luminance ``(H, W)`` at the size that came in, chrominance ``(h, w, 2)``.

    Chrominance is at working size, None when colourisation is off; so is `share` ``(h, w)``, how much of a pixel's
    colour references carried (the rest is guessed), None as well where a network does not tell. All are float32 in
    [0, 1]. `draws`: from which of the references; None without any, or where a network does not tell. `mattes`
    ``(K, h, w)`` uint8, of 255: how much of each of the references' labels has come along; None without any.
    """

    index: int
    luminance: Float
    chrominance: Float | None
    share: Float | None = None
    draws: Draws | None = None
    mattes: Bytes | None = None


def walk(
    work: Pass,
    shot: FrameRange,
    span: FrameRange,
    windows: Windows,
    check: Callable[[], None] = lambda: None,
    look: Tensor | None = None,
    window: int | None = None,
) -> Iterator[list[PassedFrame]]:
    """Yield the frames of `span`, which lies inside `shot`, in order, as they become ready.

    Frames around `span` are asked for as far as they influence it, but never beyond the shot's cuts; so a part of a
    shot comes out as it would within the whole, whatever the windows. `check` is called now and then and may raise.
    `look`: what `look_at` has returned for the shot; None: it is looked at here, where that is needed. `window`: how
    long windows are, if frames are to come out the same to the last bit wherever `span` begins; this takes more of the
    frames before it.
    """
    if look is None and work.restoration and needs_look(work.network):
        look = look_at(shot, windows)
    first = span.start - work.reach if window is None else _in_step(span.start - work.reach, shot, window)
    needed = FrameRange(max(shot.start, first), min(shot.stop, span.stop + work.reach))
    steps: Iterable[FrameRange] = [needed]
    if work.following is not None:
        work.following.prepare(needed)
        steps = work.following.steps(needed)
    stream, pushed = ShotStream(work, needed.start, look), needed.start
    for step in steps:
        if work.following is not None:
            with work.stages.working("prepare", 0):
                work.following.look(step, check)
        with closing(windows(step)) as parts:
            for coming in parts:
                check()
                pushed += len(coming)
                for ready in stream.push(torch.from_numpy(coming), pushed == needed.stop, check):
                    if frames := [frame for frame in ready if frame.index in span]:
                        yield frames


def _in_step(first: int, shot: FrameRange, window: int) -> int:
    """Return where to begin, so that from frame `first` on windows are those of a walk through all of a shot.

    How many frames are computed together decides how they are rounded; so a whole window comes before the first one.
    """
    into = first - window - shot.start
    within = into % LOOKED_AT
    return shot.start + into - within + within // window * window


@dataclass(frozen=True, slots=True)
class Begun:
    """A window amid restoration: what ends the work on its whole frames, their number, and whether it is the last."""

    corrected: Callable[[], Tensor]
    frames: int
    last: bool


class _TiledRestoration:
    """The restoration network over a picture in tiles, each with its own memory of the shot."""

    def __init__(self, work: Pass, look: Tensor | None) -> None:
        self._network, size, tile_edge = work.network, work.size, work.tile_edge
        self._below, self._right = -size.height % SIZE_MULTIPLE, -size.width % SIZE_MULTIPLE
        height, width = size.height + self._below, size.width + self._right
        self._size = size
        self._tiles = tile_picture(height, width, tile_edge or max(height, width))
        shot = None if look is None else to_device(look, work.network.device)
        self._whole = StreamingState(limits=work.limits, shot=shot)
        self._states = [StreamingState(limits=work.limits) for _ in self._tiles]

    def begin(self, luminance: Tensor, last: bool) -> Begun | None:
        """Begin with ``(1, T, 1, H, W)``; returns None while the network waits for more frames."""
        padded = F.pad(luminance[0], (0, self._right, 0, self._below), mode="replicate")[None]
        self._whole.last = last
        try:
            corrected = self._network.restoration.begin(padded, self._whole)
        except MoreFramesNeededError:
            return None
        return Begun(corrected, luminance.shape[1], last)

    def end(self, begun: Begun, check: Callable[[], None]) -> Tensor | None:
        """Return what has become of what was begun ``(1, T', 1, H, W)``, or None while more frames are needed."""
        padded = begun.corrected()
        out: Tensor | None = None
        for tile, state in zip(self._tiles, self._states, strict=True):
            check()
            state.last = begun.last
            try:
                part = self._network.restoration.repair(padded[..., tile.outer[0], tile.outer[1]], state)
            except MoreFramesNeededError:
                continue
            if out is None:
                out = part.new_empty(1, part.shape[1], 1, *padded.shape[-2:])
            out[..., tile.inner[0], tile.inner[1]] = part[..., tile.kept[0], tile.kept[1]]
        return None if out is None else out[..., : self._size.height, : self._size.width]


class ShotStream:
    """Both networks over one shot (or any run of neighbouring frames).

    Push luminance windows of any length in order, the final one with ``last=True``; each push yields the frames that
    have become ready, and has to be gone through. However the shot is cut into windows, the result is the same.
    """

    def __init__(self, work: Pass, first: int = 0, look: Tensor | None = None) -> None:
        """Prepare for frames from index `first` on; `look`: what is known of the whole shot (see `look_at`)."""
        self._work, self._network = work, work.network
        self._restoration = _TiledRestoration(work, look) if work.restoration else None
        self._coming = first
        self._guide = work.guide(first)
        self._state = StreamingState(SELF_ATTENTION_SPAN, work.limits) if work.colorization else None
        self._begun: Begun | None = None
        self._luminance: list[Tensor] = []  # restored frames whose colours are not there yet
        self._next = first
        self._reach = self._network.colorization.reach(SELF_ATTENTION_SPAN)
        self._drawn = [
            _DrawnAround(first, self._reach)
        ]  # of the stretches whose frames are not all delivered

    @torch.inference_mode()
    def push(
        self, luminance: Tensor, last: bool, check: Callable[[], None] = lambda: None
    ) -> Iterator[list[PassedFrame]]:
        """Take luminance ``(T, H, W)`` in [0, 1], T at least 1; yield what is ready, of the window before as a rule.

        `check` is called every now and then meanwhile and may raise, which ends this stream: the end of a shot sets
        many frames free at once, and large pictures have many tiles.
        """
        clip = to_device(luminance, self._network.device)[None, :, None]
        if self._restoration is None:
            yield self._color(clip, luminance, len(luminance), last, check)
            return
        # Motion in this window is looked for while the networks end their work on the one before.
        with self._work.stages.working("restoration network", len(luminance)):
            begun = self._restoration.begin(clip, last)
        before, self._begun = self._begun, begun
        if before is not None:
            yield self._end(before, check)
        if last and begun is not None:
            yield self._end(begun, check)

    def _end(self, begun: Begun, check: Callable[[], None]) -> list[PassedFrame]:
        """End the restoration of a window, and colour what has become ready."""
        assert self._restoration is not None
        # What a device has begun is done once its result is here.
        with self._work.stages.working("restoration network", 0):
            restored = self._restoration.end(begun, check)
            if restored is None:
                return []
            luminance = to_host(restored[0, :, 0])
        return self._color(restored, luminance, begun.frames, begun.last, check)

    def _color(
        self, clip: Tensor, luminance: Tensor, window: int, last: bool, check: Callable[[], None]
    ) -> list[PassedFrame]:
        """Colour restored frames ``(1, T, 1, H, W)``, which are `luminance` in ordinary memory."""
        if self._state is None:
            return self._deliver(luminance, None)
        self._luminance.append(luminance)
        stages, colored = self._work.stages, list[Colorized]()
        left = clip.shape[1]
        while left:
            check()
            state, references = self._next_state(), self._work.references
            # Restored frames that were set free at once go on in windows of the usual length.
            count, ends = min(window, left), False
            if self._guide is not None:
                references = self._guide.references
                count = min(count, self._guide.frames.stop - self._coming)
                ends = self._coming + count == self._guide.frames.stop
            at = clip.shape[1] - left
            if self._work.following is not None:
                brought = self._work.following.brought(self._coming, count)
                state.brought = None if brought is None else to_device(brought, self._network.device)
            left, self._coming = left - count, self._coming + count
            state.last = ends or (last and not left)
            with stages.working("colour network", count), suppress(MoreFramesNeededError):
                piece = self._at_working_size(clip[:, at : at + count])
                colored.append(self._network.colorization(piece, references, state))
            self._drawn[-1].add(state.take_notes())
        if not colored:
            return []
        with stages.working("colour network", 0):
            chrominance = torch.cat([to_host(result.chrominance[0]) for result in colored])
            shares = [to_host(result.share[0, :, 0]) for result in colored if result.share is not None]
            mattes = [to_host(_bytes(result.mattes[0])) for result in colored if result.mattes is not None]
        waiting = torch.cat(self._luminance)
        self._luminance = [waiting[len(chrominance) :]]
        return self._deliver(
            waiting[: len(chrominance)],
            chrominance,
            torch.cat(shares) if shares else None,
            torch.cat(mattes) if mattes else None,
        )

    def _next_state(self) -> StreamingState:
        """Return what is remembered of the frames before the next one: nothing where other references begin."""
        assert self._state is not None
        if self._guide is not None and self._coming not in self._guide.frames:
            self._guide = self._work.guide(self._coming)
            self._state = StreamingState(SELF_ATTENTION_SPAN, self._work.limits)
            self._drawn.append(_DrawnAround(self._coming, self._reach))
        return self._state

    def _at_working_size(self, clip: Tensor) -> Tensor:
        size = (self._work.working.height, self._work.working.width)
        if clip.shape[-2:] == size:
            return clip
        flat = clip[0]
        scaled = F.interpolate(flat, size, mode="bilinear", antialias=True, align_corners=False)
        return scaled.clamp_(0.0, 1.0)[None]

    def _deliver(
        self,
        luminance: Tensor,
        chrominance: Tensor | None,
        shares: Tensor | None = None,
        mattes: Tensor | None = None,
    ) -> list[PassedFrame]:
        first = self._next
        self._next += len(luminance)
        if chrominance is None:
            return [PassedFrame(first + t, picture.numpy(), None) for t, picture in enumerate(luminance)]
        colors = np.ascontiguousarray(chrominance.permute(0, 2, 3, 1).numpy())
        return [
            PassedFrame(
                first + t,
                picture.numpy(),
                color,
                None if shares is None else shares[t].numpy(),
                self._take_drawn(first + t),
                None if mattes is None else mattes[t].numpy(),
            )
            for t, (picture, color) in enumerate(zip(luminance, colors, strict=True))
        ]

    def _take_drawn(self, frame: int) -> Draws | None:
        while len(self._drawn) > 1 and self._drawn[1].begins <= frame:
            del self._drawn[0]
        draws, following = self._drawn[0].take(frame), self._work.following
        if draws is None or following is None:
            return draws
        guide = self._work.guide(frame)
        near = range(frame - self._reach, frame + self._reach + 1)
        followed = {place for each in near for place in following.places(each)}
        places = range(len(draws.shares)) if guide is None else guide.places
        return taken_whole(draws, [number for number, place in enumerate(places) if place in followed])


def _bytes(values: Tensor) -> Tensor:
    return (255 * values.float()).round_().to(torch.uint8)


class _DrawnAround:
    """What frames draw from the references, kept until all frames that they influence are delivered."""

    def __init__(self, first: int, reach: int) -> None:
        self.begins = first
        self._first, self._reach = first, reach
        self._noted: list[Float] = []

    def add(self, notes: Sequence[Tensor]) -> None:
        """Take what was noted of the next frames ``(1, T, ., N)``."""
        for note in notes:
            self._noted += list(to_host(note[0]).numpy())

    def take(self, frame: int) -> Draws | None:
        """Return what a frame draws; frames are asked for in order."""
        if not self._noted:
            return None
        past = max(0, frame - self._reach - self._first)
        del self._noted[:past]
        self._first += past
        here = frame - self._first
        return of_frame(self._noted, here, range(min(len(self._noted), here + self._reach + 1)))
