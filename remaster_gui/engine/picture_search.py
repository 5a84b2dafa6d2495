"""Which frame of the film coloured pictures show, found by what they show, and how they lie over it.

Frames all over the film are compared by the points that they share with the pictures; around the likeliest every frame
is, and there the picture is registered to it (`painting.registration`). Pictures may be cropped, padded, scaled, a
little turned, toned, restored.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import RemasterError
from remaster_gui.base.language import tr
from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.frame_samples import sample_frames
from remaster_gui.media import Film
from remaster_gui.painting.features import Features, find_features, movement
from remaster_gui.painting.raster import luminance_of
from remaster_gui.painting.registration import Registration, register, roughly_registered

MOST_SAMPLES = 1200
"""Frames that are looked at all over the film: two minutes' work for a long film in full HD."""

_POINTS = 300
_FEW = 60
"""Points of a picture so soft or so plain that it is also compared as a whole."""
_TRIED = 4
"""Likeliest frames of a picture that it is registered to."""
_PROMISING = 0.2
"""Fit from which the frames around are looked at: nothing but chance reaches 0.3, and what moves drops that far."""
_AT_ONCE = 12
"""Frames around a likely one that are compared at a time."""
_SETTLED = 0.97
"""Fit from which a frame that a picture is named after, or dropped on, is taken without looking at others."""
_WHOLE = 0.8
"""Overlap from which that holds."""
_TIE = 0.005
_BY_OVERLAP = 0.3
"""Where the camera pans a picture fits many frames; it is that with which it shares most."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a picture belongs, `number` among those that were searched for; `registration` says how well it fits."""

    number: int
    frame: int
    registration: Registration


@dataclass(slots=True)
class _Wanted:
    """A picture that is looked for, with its likeliest frames: what speaks for each, and the frame."""

    number: int
    luminance: Bytes
    features: Features
    hints: Sequence[int]
    likely: list[tuple[float, int]] = field(default_factory=list)

    def note(self, frame: int, worth: float) -> None:
        """Remember a frame if it is among the likeliest."""
        self.likely = sorted([*self.likely, (worth, frame)], reverse=True)[:_TRIED]


class FrameSearch:
    """Looks for frames of one film. Not thread-safe: it reads the film."""

    def __init__(self, film: Film, shots: Sequence[FrameRange]) -> None:
        """`shots` cover the film."""
        self._film, self._shots = film, shots

    def find(
        self, pictures: Sequence[Bytes], hints: Sequence[Sequence[int]], cancel: Event
    ) -> Generator[Progress | Placed]:
        """Look for pictures, each a luminance ``(h, w)`` (see `Raster`); yields a `Placed` for each, the best there is.

        `hints`: frames for each that are tried first, such as one that the picture is named after. Progress counts
        frames that are looked at, then pictures. Ends early once `cancel` is set.
        """
        wanted = [
            _Wanted(number, picture, find_features(picture, _POINTS), hint)
            for number, (picture, hint) in enumerate(zip(pictures, hints, strict=True))
        ]
        left: list[_Wanted] = []
        for each in wanted:
            placed = self._by_hint(each)
            if placed is None:
                left.append(each)
            else:
                yield placed
        if not left:
            return
        samples = sample_frames(self._shots, float(self._film.info.rate), MOST_SAMPLES)
        for done, (frame, _) in enumerate(samples):
            if cancel.is_set():
                return
            yield Progress(done, len(samples))
            self._compare(frame, left)
        for done, each in enumerate(left):
            if cancel.is_set():
                return
            yield Progress(done, len(left), doing=tr("Fitting pictures"), unit="pictures")
            yield self._settle(each, [frame for frame, _ in samples])

    def place(self, picture: Bytes, frame: int) -> Registration:
        """Register a picture to a frame."""
        return register(picture, self._read(frame))

    def _read(self, frame: int) -> Bytes:
        return luminance_of(self._film.read(frame).pixels)

    def _by_hint(self, wanted: _Wanted) -> Placed | None:
        """Register a picture to the frames that it is said to be of; None where that is not clear enough."""
        for frame in wanted.hints:
            found = self.place(wanted.luminance, frame)
            if found.fit >= _SETTLED and found.overlap >= _WHOLE:
                return Placed(wanted.number, frame, found)
        return None

    def _compare(self, frame: int, pictures: Sequence[_Wanted]) -> None:
        """Note how likely it is that pictures show a frame."""
        try:
            luminance = self._read(frame)
        except RemasterError:
            return  # a damaged frame; the viewer says so where it is shown
        features = find_features(luminance, _POINTS)
        for each in pictures:
            moved = movement(features, each.features)
            if moved is not None:
                each.note(frame, float(moved[1]))
            elif len(each.features.points) < _FEW:
                each.note(frame, roughly_registered(each.luminance, luminance).fit)

    def _settle(self, wanted: _Wanted, samples: Sequence[int]) -> Placed:
        """Register a picture to its likeliest frames and to those around, and take the best."""
        tried = {frame: self.place(wanted.luminance, frame) for _, frame in wanted.likely}
        named = [frame for frame in wanted.hints if frame not in tried]
        tried |= {frame: self.place(wanted.luminance, frame) for frame in named or samples[: not tried]}
        worth = {frame: _worth(found) for frame, found in tried.items()}
        best = max(tried, key=worth.__getitem__)
        if tried[best].fit >= _PROMISING:
            for frame in self._around(wanted, best, tried[best], samples):
                tried[frame] = self.place(wanted.luminance, frame)
                worth[frame] = _worth(tried[frame])
        top = max(worth.values())
        # Where nothing moves many frames fit as well: the one that was named is meant.
        meant = [f for f in wanted.hints if worth[f] >= top - _TIE]
        frame = meant[0] if meant else max(tried, key=worth.__getitem__)
        return Placed(wanted.number, frame, tried[frame])

    def _around(
        self, wanted: _Wanted, start: int, known: Registration, samples: Sequence[int]
    ) -> Iterator[int]:
        """Yield the best frames between the neighbours of a sample, looked at more and more closely."""
        shot = next((shot for shot in self._shots if start in shot), FrameRange(start, start + 1))
        before = max((each for each in samples if each < start), default=shot.start)
        after = min((each for each in samples if each > start), default=shot.stop - 1)
        span = FrameRange(max(shot.start, before), min(shot.stop, after + 1))
        fits: dict[int, float] = {}
        best, step = start, max(1, len(span) // _AT_ONCE)
        while True:
            near = range(best - step * _AT_ONCE, best + step * _AT_ONCE + 1, step)
            for frame in near:
                if frame in span and frame not in fits:
                    fits[frame] = self._fit(wanted, frame, known)
            best = max(fits, key=lambda frame: (fits[frame], -abs(frame - start)))
            if step == 1:
                break
            step = max(1, step // _AT_ONCE)
        yield from sorted(fits, key=lambda frame: fits[frame], reverse=True)[:3]

    def _fit(self, wanted: _Wanted, frame: int, known: Registration) -> float:
        """Return roughly what a frame near one that a picture is registered to is worth."""
        try:
            return _worth(roughly_registered(wanted.luminance, self._read(frame), known, wanted.features))
        except RemasterError:
            return -1.0


def _worth(found: Registration) -> float:
    """Return how much speaks for a frame, to compare frames by."""
    return found.fit + _BY_OVERLAP * found.overlap
