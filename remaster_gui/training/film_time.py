"""Random processes along a film, as functions of the frame index alone.

Each answers for any frame without having seen the ones before it: damage can be laid over a film frame by
frame in constant memory, resumed anywhere, or computed for a clip out of its middle, and it is always the
same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

_MASK = (1 << 64) - 1


def _hash(seed: int, number: int) -> int:
    """Mix two integers into 64 bits (the finaliser of SplitMix64)."""
    z = (seed * 0x9E3779B97F4A7C15 + number * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def _normal(seed: int, number: int) -> float:
    """Return an almost normal number (deviation 1, at most 3.5): four uniform ones added."""
    z = _hash(seed, number)
    total = (z & 0xFFFF) + (z >> 16 & 0xFFFF) + (z >> 32 & 0xFFFF) + (z >> 48)
    return (total / 65536.0 - 2.0) * 1.7320508


@dataclass(frozen=True)
class Wave:
    """A smooth random function of time, mean 0, deviation about 1, with free values every `period` frames."""

    seed: int
    period: float

    def __call__(self, index: float) -> float:
        """Return the value at a frame index."""
        place = index / self.period
        left = int(np.floor(place))
        t = place - left
        before, a, b, after = (_normal(self.seed, left + step) for step in (-1, 0, 1, 2))
        # Catmull-Rom: passes through its free values, smooth in between.
        return a + 0.5 * t * (
            b - before + t * (2 * before - 5 * a + 4 * b - after + t * (3 * (a - b) + after - before))
        )


EventT = TypeVar("EventT")


@dataclass(frozen=True)
class Event(Generic[EventT]):
    """Something that lasts from frame `start` for `length` frames."""

    start: int
    length: int
    what: EventT

    def age(self, index: int) -> float:
        """Return how much of it is over in the middle of a frame, 0 to 1."""
        return (index - self.start + 0.5) / self.length


class Events(Generic[EventT]):
    """Events that begin at random, `rate` of them per frame, and last `mean_length` frames, both on average.

    ``make(rng)`` says what an event is. None lasts longer than `longest` frames, so that those of two blocks
    of this many frames are all that can be under way at any time.
    """

    def __init__(
        self,
        seed: int,
        rate: float,
        mean_length: float,
        longest: int,
        make: Callable[[np.random.Generator], EventT],
    ) -> None:
        self._longest = longest

        @lru_cache(maxsize=4)
        def block(number: int) -> list[tuple[int, int, int]]:
            rng = np.random.default_rng(_hash(seed, number))
            count = int(rng.poisson(rate * longest))
            starts = number * longest + rng.integers(longest, size=count)
            lengths = np.clip(np.rint(rng.exponential(mean_length, count)), 1, longest).astype(int)
            seeds = rng.integers(1 << 62, size=count)
            return list(zip(starts.tolist(), lengths.tolist(), seeds.tolist(), strict=True))

        @lru_cache(maxsize=64)
        def made(seed: int) -> EventT:
            return make(np.random.default_rng(seed))

        self._block, self._made = block, made

    def at(self, index: int) -> list[Event[EventT]]:
        """Return the events under way at a frame."""
        number = index // self._longest
        return [
            Event(start, length, self._made(seed))
            for start, length, seed in (*self._block(number - 1), *self._block(number))
            if start <= index < start + length
        ]


def along(seed: int, first: float, count: int, period: float) -> NDArray[np.float32]:
    """Return a random texture along the strip of film at ``first, first + 1, ...``: ``(count,)`` float32."""
    start = int(np.floor(first / period))
    stop = int(np.floor((first + count - 1) / period)) + 1
    knots = np.array([_normal(seed, number) for number in range(start, stop + 1)], np.float32)
    places = (first + np.arange(count, dtype=np.float64)) / period - start
    return np.interp(places, np.arange(len(knots)), knots).astype(np.float32)
