"""The way of a pen: smoothed between the places that were reported, and walked in even steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

_PIECE = 4.0
"""Length in pixels of the straight pieces that stand for a curve."""
_MOST_PIECES = 64


class Place(NamedTuple):
    """Where the pen is, in pixels of the raster, and how hard it presses."""

    x: float
    y: float
    pressure: float


class PenPath:
    """Turns reported places into evenly spaced ones along a smooth curve.

    The curve passes through the middles between reported places, bent towards the places themselves (quadratic
    Bézier), so how the motion was cut into events hardly matters. It lags half an event behind; `end` makes up for it.
    """

    def __init__(self, spacing: Callable[[float], float]) -> None:
        """`spacing` says how far apart places are at a pressure."""
        self._spacing = spacing
        self._last: Place | None = None
        self._middle: Place | None = None
        self._walked = Place(0.0, 0.0, 0.0)
        self._until_next = 0.0

    def to(self, place: Place) -> Iterator[Place]:
        """Go on to a place; yields the even places on the way there, of the first one that place itself."""
        last, self._last = self._last, place
        if last is None:
            self._walked = self._middle = place
            self._until_next = self._spacing(place.pressure)
            yield place
            return
        assert self._middle is not None
        start, self._middle = self._middle, _between(last, place, 0.5)
        yield from self._curve(start, last, self._middle)

    def end(self) -> Iterator[Place]:
        """Go on to the last reported place."""
        if self._last is not None:
            yield from self._line(self._last)

    def _curve(self, start: Place, bend: Place, end: Place) -> Iterator[Place]:
        length = _distance(start, bend) + _distance(bend, end)
        pieces = min(_MOST_PIECES, max(1, math.ceil(length / _PIECE)))
        for number in range(1, pieces + 1):
            share = number / pieces
            inner = _between(_between(start, bend, share), _between(bend, end, share), share)
            yield from self._line(inner)

    def _line(self, end: Place) -> Iterator[Place]:
        start, length = self._walked, _distance(self._walked, end)
        done = 0.0
        while length - done >= self._until_next:
            done += self._until_next
            place = _between(start, end, done / length)
            self._until_next = self._spacing(place.pressure)
            yield place
        self._until_next -= length - done
        self._walked = end


def _distance(start: Place, end: Place) -> float:
    return math.hypot(end.x - start.x, end.y - start.y)


def _between(start: Place, end: Place, share: float) -> Place:
    return Place(
        start.x + (end.x - start.x) * share,
        start.y + (end.y - start.y) * share,
        start.pressure + (end.pressure - start.pressure) * share,
    )
