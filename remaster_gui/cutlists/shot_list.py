"""The shots of a film as cut lists are written from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from remaster_gui.base.timebase import FrameRange
from remaster_gui.cutlists.events import Marker, tidy


@dataclass(frozen=True, slots=True)
class ListedShot:
    """One shot, with what was said of it; markers count frames of the film."""

    span: FrameRange
    name: str = ""
    note: str = ""
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class ShotList:
    """All shots of a film, which follow each other from frame 0.

    film: the name of its file. reel: what other programs know it by. timecode: that of frame 0 (None: it has none).
    numbers: those of its pictures.
    """

    film: str
    reel: str
    rate: Fraction
    shots: tuple[ListedShot, ...]
    timecode: str | None = None
    numbers: tuple[int, ...] | None = None

    @property
    def frame_count(self) -> int:
        """Frames of the film."""
        return self.shots[-1].span.stop


def listed_shots(
    cuts: Sequence[int],
    frame_count: int,
    *,
    names: Mapping[int, str] | None = None,
    notes: Mapping[int, str] | None = None,
    markers: Iterable[Marker] = (),
) -> tuple[ListedShot, ...]:
    """Make shots of cuts; names and notes by the first frames of shots, and each marker goes where it lies."""
    names, notes = names or {}, notes or {}
    edges = sorted({0, *(cut for cut in cuts if 0 < cut < frame_count), frame_count})
    spans = [FrameRange(a, b) for a, b in pairwise(edges)]
    ordered = sorted(markers, key=lambda marker: marker.frame)
    shots, at = [], 0
    for span in spans:
        inside = []
        while at < len(ordered) and ordered[at].frame < span.stop:
            marker = ordered[at]
            inside.append(replace(marker, frames=max(1, min(marker.frames, span.stop - marker.frame))))
            at += 1
        note = tidy(notes.get(span.start, ""))
        shots.append(ListedShot(span, tidy(names.get(span.start, "")), note, tuple(inside)))
    return tuple(shots)
