"""Where the colours of a frame come from: painted on that very frame, carried from references, or guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from remaster_gui.base import plain_data
from remaster_gui.base.arrays import Bytes, Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.drawn import Draws
from remaster_gui.engine.mattes import Mattes, NameSums, added
from remaster_gui.engine.messages import Reference, RemasteredFrame

_LARGEST = float(2**40)


@dataclass(frozen=True, slots=True)
class Origin:
    """Shares of a frame's colours, each ``(h, w)`` float32 in [0, 1]; what neither of them has is guessed.

    painted: by strokes on this very frame. carried: from references, of which one may show this frame: pictures that
    came from elsewhere, results that were taken over, and what grew out of strokes. sources ``(h, w, N)``, at 1/8 size:
    which of the references they are carried from; None where that was not traced. draws: the same of the whole frame.
    """

    painted: Float
    carried: Float
    sources: Float | None = None
    draws: Draws | None = None

    @property
    def guessed(self) -> Float:
        """What the colour prior has made up."""
        left: Float = 1 - self.painted - self.carried
        return left


def origin_of(frame: RemasteredFrame, references: Sequence[Reference]) -> Origin | None:
    """Return where a frame's colours come from; None where there are none or the network does not tell.

    references: those of the render, in order.
    """
    if frame.share is None:
        return None
    sources = None if frame.attention is None else frame.attention.shares
    height, width = frame.share.shape
    strokes = np.zeros_like(frame.share)
    for each in references:
        shows_it = each.frame == frame.index and each.validity.holds_at(frame.index)
        if shows_it and each.load_strokes is not None:
            strokes = np.maximum(strokes, stroke_share(each.load_strokes(), (width, height)))
    painted = frame.share * strokes
    return Origin(painted, frame.share - painted, sources, frame.draws)


def stroke_share(strokes: Bytes, size: tuple[int, int]) -> Float:
    """Bring what strokes have painted (H, W) to a size (width, height), as parts of its pixels from 0 to 1."""
    small = cv2.resize(strokes, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * np.float32(1 / 255)


@dataclass(frozen=True, slots=True)
class OriginTotals:
    """The shares of many frames, summed: `frames` of them, and how many of these each origin makes up.

    `by_reference`: of what is carried, in the order of the references; () without any. names: of named colours.
    """

    frames: int = 0
    painted: float = 0.0
    carried: float = 0.0
    by_reference: tuple[float, ...] = ()
    names: Mapping[str, NameSums] = field(default_factory=dict)

    def with_frame(self, origin: Origin, mattes: Mattes | None = None) -> OriginTotals:
        """Count one more frame."""
        return self + OriginTotals(
            1,
            float(origin.painted.mean()),
            float(origin.carried.mean()),
            _by_reference(origin),
            {} if mattes is None else mattes.by_name,
        )

    def __add__(self, other: OriginTotals) -> OriginTotals:
        """Count both."""
        most = max(len(self.by_reference), len(other.by_reference))
        mine, others = (
            (*each.by_reference, *([0.0] * (most - len(each.by_reference)))) for each in (self, other)
        )
        return OriginTotals(
            self.frames + other.frames,
            self.painted + other.painted,
            self.carried + other.carried,
            tuple(one + two for one, two in zip(mine, others, strict=True)),
            added(self.names, other.names),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return plain data for the record of a part."""
        return {
            "frames": self.frames,
            "painted": self.painted,
            "carried": self.carried,
            "by_reference": list(self.by_reference),
            "names": {name: [each.share, each.a, each.b] for name, each in self.names.items()},
        }

    @staticmethod
    def from_dict(data: Any) -> OriginTotals:
        """Read what `as_dict` wrote; raises `ValueError` for anything else."""
        said = plain_data.table(data)
        return OriginTotals(
            plain_data.whole(said["frames"]),
            plain_data.number(said["painted"], 0.0, _LARGEST),
            plain_data.number(said["carried"], 0.0, _LARGEST),
            tuple(plain_data.number(each, 0.0, _LARGEST) for each in plain_data.listed(said["by_reference"])),
            {name: _name_sums(each) for name, each in plain_data.table(said["names"]).items()},
        )

    def shares(self, references: Sequence[Reference]) -> Mapping[str, Any]:
        """Return what a report says of at least one frame: parts of the whole, rounded to three places."""
        painted, carried = self.painted / self.frames, self.carried / self.frames
        said: dict[str, Any] = {
            "painted": round(painted, 3),
            "carried": round(carried, 3),
            "guessed": round(1 - painted - carried, 3),
        }
        if self.by_reference:
            said["carried_from"] = {
                each.name: round(part / self.frames, 3)
                for each, part in zip(references, self.by_reference, strict=False)
            }
        return said


class OriginLog:
    """Adds up where the colours of each shot come from."""

    def __init__(self) -> None:
        """Know nothing."""
        self.shots: dict[FrameRange, OriginTotals] = {}

    def add(self, shot: FrameRange, totals: OriginTotals) -> None:
        """Count frames of a shot."""
        self.shots[shot] = self.shots.get(shot, OriginTotals()) + totals

    def take_up(self, shot: FrameRange, said: Any) -> None:
        """Count what an earlier run has said of frames of a shot, if it can be read."""
        with suppress(ValueError):
            self.add(shot, OriginTotals.from_dict(said))


def _name_sums(value: Any) -> NameSums:
    share, a, b = (plain_data.number(each, -_LARGEST, _LARGEST) for each in plain_data.listed(value))
    return NameSums(share, a, b)


def _by_reference(origin: Origin) -> tuple[float, ...]:
    if origin.draws is None:
        return ()
    carried = float(origin.carried.mean())
    return tuple(carried * float(share) for share in origin.draws.shares)
