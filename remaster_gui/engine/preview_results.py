"""What a preview keeps, and the keys that say what it was made from; free of networks, so that any thread can ask."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.choices import ShotSettings, effective_settings
from remaster_gui.base.named_colors import identity_of
from remaster_gui.base.spot_marks import FrameMarks
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.drawn import Drawn
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.frame_store import CURRENT, DRAFT, STALE, FrameStore
from remaster_gui.engine.mattes import Mattes
from remaster_gui.engine.messages import Reference, Settings, guiding
from remaster_gui.engine.preview_plan import Guidance, proxy_size
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stretches import stretches
from remaster_gui.painting.painted_hints import CarriedColors

RESULT_BUDGET = 768 * 2**20
LUMINANCE_BUDGET = 384 * 2**20

Stored = NDArray[np.uint16]
"""Luminance ``(H, W)``, L*/100 over 0..65535, read-only."""
_SCALE = np.float32(65535.0)


def to_float(stored: Stored) -> Float:
    """Return what is stored in 16 bits as float32 in [0, 1]."""
    return np.multiply(stored, np.float32(1.0) / _SCALE, dtype=np.float32)


def to_stored(values: Float) -> Stored:
    """Return luminance or chrominance in [0, 1] as it is stored."""
    stored: Stored = np.rint(values * _SCALE).astype(np.uint16)
    stored.flags.writeable = False
    return stored


def eight_bits(values: Float) -> Bytes:
    """Return values in [0, 1] over 0..255, read-only."""
    numbers: Bytes = np.rint(values * np.float32(255)).astype(np.uint8)
    numbers.flags.writeable = False
    return numbers


@dataclass(frozen=True, slots=True)
class LuminanceKey:
    """What a frame's luminance depends on besides frame and shot; `weights` is '' for the film's own luminance."""

    working: Size
    weights: str = ""

    @property
    def restored(self) -> bool:
        """Whether the network has restored it."""
        return bool(self.weights)


@dataclass(frozen=True, slots=True)
class ResultKey:
    """What a remastered frame depends on besides frame and shot.

    `references` are the digests of those that the network was given, in their order; () also without colourisation.
    `finish`: of the luminance that is shown; colours are made for the restored one all the same. `draft`: made
    from its nearest neighbours alone, to be seen until the frame itself is there. `stretch`: the frames that these
    references guide, where that is not all of the shot. `names`: what mattes depend on of named colours; their colours
    themselves are no part of it, being put in when frames are shown.
    """

    luminance: LuminanceKey
    weights: str
    references: tuple[str, ...]
    colored: bool
    finish: Finish
    saturation: float
    draft: bool = False
    stretch: FrameRange | None = None
    names: str = ""
    tied: tuple[int | None, ...] | None = None
    """The frames that the references show; None where that is of no account, since no colours follow the motion."""


class ResultKeys:
    """Under which key the result of each frame is kept: that of the film, or another one in shots or parts of them."""

    def __init__(
        self, film: ResultKey, own: Sequence[tuple[FrameRange, ResultKey]] = (), marks: FrameMarks = ()
    ) -> None:
        """`own`: frames with another key than `film`, rising. `marks`: what is decided about spots of single frames."""
        self.film = film
        self._own = own
        self._starts = [frames.start for frames, _ in own]
        self._places: dict[ResultKey, list[slice]] = {}
        for frames, key in own:
            self._places.setdefault(key, []).append(slice(frames.start, frames.stop))
        keys = [(frame, self._unmarked(frame), of_frame) for frame, of_frame in marks]
        self._marked = {
            frame: replace(key, finish=replace(key.finish, marks=of_frame))
            for frame, key, of_frame in keys
            if key.finish.share > 0
        }

    def at(self, frame: int) -> ResultKey:
        """Return the key of a frame."""
        return self._marked.get(frame) or self._unmarked(frame)

    def _unmarked(self, frame: int) -> ResultKey:
        place = bisect_right(self._starts, frame) - 1
        if place >= 0 and frame in self._own[place][0]:
            return self._own[place][1]
        return self.film

    @property
    def distinct(self) -> frozenset[ResultKey]:
        """All keys that any frame has, and the film's."""
        return frozenset({self.film, *self._places, *self._marked.values()})

    def chosen(
        self, held: Callable[[ResultKey], NDArray[np.bool_]], is_held: Callable[[int, ResultKey], bool]
    ) -> NDArray[np.bool_]:
        """Return which frames are held under the key that they have ``(frames,)``.

        `held` says it of all frames and is asked once for each key; `is_held` says it of a frame that has marks.
        """
        chosen = held(self.film)
        for key, places in self._places.items():
            found = held(key)
            for place in places:
                chosen[place] = found[place]
        for frame, key in self._marked.items():
            chosen[frame] = is_held(frame, key)
        return chosen

    def where(self, key: ResultKey, frame_count: int) -> NDArray[np.bool_]:
        """Return which frames of the film have this key ``(frames,)``."""
        marks = np.full(frame_count, key == self.film, np.bool_)
        for own, places in self._places.items():
            for place in places if own == key or key == self.film else ():
                marks[place] = own == key
        for frame, own in self._marked.items():
            marks[frame] = own == key
        return marks


@dataclass(frozen=True, slots=True, eq=False)
class PreviewedFrame:
    """A remastered frame at working size, arrays read-only.

    rgb: ``(h, w, 3)`` uint8 sRGB. chrominance: ``(h, w, 2)`` uint16, (ab + 128) / 255 over 0..65535, as the network has
    it, whatever the saturation; None when the film stays black and white. share: ``(h, w)`` uint8, how much of a
    pixel's colour references carried, of 255; None where that is not known. restored: ``(h, w)``, luminance as the
    network has it, which `finish` makes that of the picture; all of it is the film's own where
    nothing is restored. drawn: which references the colours come from, with the digests of those that the network was
    given when it made them; None without any, or where a network does not tell.
    """

    index: int
    rgb: Bytes
    chrominance: Stored | None
    share: Bytes | None
    restored: Stored
    finish: Finish
    saturation: float
    drawn: Drawn | None = None
    mattes: Mattes | None = None
    """Of named colours, which have their references' colours in the rest; None without any."""

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (self.rgb, self.chrominance, self.share, self.restored)
        told = sum(each.nbytes for each in (self.drawn, self.mattes) if each is not None)
        return told + sum(array.nbytes for array in arrays if array is not None)

    @property
    def carried(self) -> CarriedColors | None:
        """What references carried to the frame; None without colour. What is not known to be theirs counts half."""
        if self.chrominance is None:
            return None
        colors = self.chrominance * np.float32(255 / 65535) - np.float32(128.0)
        if self.share is None:
            return CarriedColors(colors, np.full(colors.shape[:2], 0.5, np.float32))
        return CarriedColors(colors, self.share * np.float32(1 / 255))


class PreviewStores:
    """The two stores of a film's preview: finished frames, and restored luminance that outlives a change of colours."""

    def __init__(
        self, frame_count: int, *, results: int = RESULT_BUDGET, luminance: int = LUMINANCE_BUDGET
    ) -> None:
        """Serve a film of `frame_count` frames; budgets in bytes."""
        self.results: FrameStore[ResultKey, PreviewedFrame] = FrameStore(frame_count, results)
        self.luminance: FrameStore[LuminanceKey, Stored] = FrameStore(frame_count, luminance)

    def focus(self, frame: int, keys: ResultKeys) -> None:
        """Keep longest what is of these keys, and of that what lies near a frame."""
        self.results.focus(frame, keys.distinct)
        self.luminance.focus(frame, frozenset(key.luminance for key in keys.distinct))

    def result(self, frame: int, keys: ResultKeys | None) -> tuple[PreviewedFrame, int] | None:
        """Return a frame as it was remastered last and its state as seen from `keys`; None where there is nothing."""
        if keys is not None:
            key = keys.at(frame)
            for name, state in ((key, CURRENT), (replace(key, draft=True), DRAFT)):
                found = self.results.get(frame, name)
                if found is not None:
                    return found, state
        latest = self.results.latest(frame)
        return None if latest is None else (latest, STALE)

    def held(self, keys: ResultKeys) -> NDArray[np.bool_]:
        """Return which frames have a result of their key ``(frames,)``."""
        return keys.chosen(self.results.held, self.results.has)

    def states(self, keys: ResultKeys | None, decoded: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the state of every frame ``(frames,)`` as seen from `keys`; with None everything kept is stale."""
        states = self.results.states(None, decoded)
        if keys is not None:
            drafts = keys.chosen(
                lambda key: self.results.held(replace(key, draft=True)),
                lambda frame, key: self.results.has(frame, replace(key, draft=True)),
            )
            states[drafts] = DRAFT
            states[self.held(keys)] = CURRENT
        return states

    def forget(self, frames: list[int]) -> None:
        """Drop what is kept of frames whose shot has changed."""
        self.results.forget(frames)
        self.luminance.forget(frames)


def result_keys(guidance: Guidance, film: Size, weights: str) -> ResultKeys:
    """Return what results depend on that are made by `guidance`, for weights with the hash `weights`."""
    working = proxy_size(film, guidance.settings.edge, guidance.proxy)
    of_film = _result_key(guidance.settings, guidance.references, working, weights)
    changes, own = dict(guidance.own), list[tuple[FrameRange, ResultKey]]()
    keys: dict[tuple[ShotSettings | None, tuple[int, ...], FrameRange | None], ResultKey] = {}
    for each in stretches(guidance.shots, [reference.validity for reference in guidance.references]):
        changed = changes.get(each.shot.start)
        name = changed, each.places, None if each.frames == each.shot else each.frames
        if name not in keys:
            settings = guidance.settings
            if changed is not None:
                settings = effective_settings(settings, ((each.shot.start, changed),), each.shot.start)
            key = _result_key(settings, each.of(guidance.references), working, weights)
            keys[name] = replace(key, stretch=name[2]) if settings.colorization else key
        if keys[name] != of_film:
            own.append((each.frames, keys[name]))
    return ResultKeys(of_film, own, guidance.marks)


def _result_key(
    settings: Settings, references: Sequence[Reference], working: Size, weights: str
) -> ResultKey:
    guides = guiding(references, settings)
    return ResultKey(
        LuminanceKey(working, weights if settings.restoration else ""),
        weights,
        tuple(each.digest for each in guides),
        settings.colorization,
        Finish.of(settings) if settings.restoration else Finish(0.0),
        settings.saturation if settings.colorization else 1.0,
        names=identity_of([each.named for each in guides]),
        tied=tuple(each.frame for each in guides) if settings.follows else None,
    )
