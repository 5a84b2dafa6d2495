"""Results by frame and key within a budget of bytes: those of earlier keys are dropped first, then the farthest."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from threading import Lock
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from remaster_gui.base.timebase import FrameRange

NONE, DECODED, CURRENT, STALE, DRAFT = range(5)
"""States of a frame: nothing there, decoded in memory, remastered and up to date, remastered but stale, and a draft of
what is being remastered."""


class Sized(Protocol):
    """Something that takes memory."""

    @property
    def nbytes(self) -> int:
        """Bytes taken."""


Value = TypeVar("Value", bound=Sized)
Key = TypeVar("Key", bound=Hashable)


class FrameStore(Generic[Key, Value]):
    """Keeps values of the frames of one film, several for a frame where their keys differ. Safe on any thread.

    A key stands for all that a value depends on besides its frame and shot; so a value is never wrong, and one whose
    key comes back (an undone stroke, a reference switched on again) is there at once. Values must not change any more.
    """

    def __init__(self, frame_count: int, budget: int) -> None:
        """Serve a film of `frame_count` frames within `budget` bytes."""
        self._count, self._budget = frame_count, budget
        self._lock = Lock()
        self._values: dict[Key, dict[int, Value]] = {}
        self._bytes = 0
        self._focus = 0
        self._wanted: frozenset[Key] = frozenset()

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return self._bytes

    @property
    def frame_count(self) -> int:
        """Frames of the film."""
        return self._count

    def focus(self, frame: int, wanted: frozenset[Key] = frozenset()) -> None:
        """Say where the playhead is, and which keys are wanted: what is of these and lies near it stays longest."""
        with self._lock:
            self._focus, self._wanted = frame, wanted

    def put(self, frame: int, key: Key, value: Value) -> bool:
        """Keep a value; False when there is no room because everything kept is nearer and of keys that are wanted."""
        with self._lock:
            # The key used last stands last, so that the others are dropped before it, oldest first.
            held = self._values[key] = self._values.pop(key, {})
            before = held.get(frame)
            self._bytes += value.nbytes - (before.nbytes if before is not None else 0)
            held[frame] = value
            while self._bytes > self._budget and self._drop_one():
                pass
            return frame in held

    def get(self, frame: int, key: Key) -> Value | None:
        """Return the value of a frame for just this key."""
        with self._lock:
            held = self._values.get(key)
            return held.get(frame) if held is not None else None

    def has(self, frame: int, key: Key) -> bool:
        """Whether there is a value of a frame for just this key."""
        with self._lock:
            return frame in self._values.get(key, ())

    def latest(self, frame: int) -> Value | None:
        """Return the value of a frame for the key used last, stale or not."""
        with self._lock:
            return next((v[frame] for v in reversed(self._values.values()) if frame in v), None)

    def known_keys(self) -> tuple[Key, ...]:
        """Return all keys that values are kept under, the one used last first."""
        with self._lock:
            return tuple(reversed(self._values))

    def held(self, key: Key) -> NDArray[np.bool_]:
        """Return which frames have a value for this key ``(frames,)``."""
        marks = np.zeros(self._count, np.bool_)
        with self._lock:
            marks[list(self._values.get(key, ()))] = True
        return marks

    def states(self, key: Key | None, decoded: NDArray[np.bool_] | None = None) -> NDArray[np.uint8]:
        """Return the state of every frame ``(frames,)`` as seen from `key`; with None everything kept is stale."""
        states = np.zeros(self._count, np.uint8)
        if decoded is not None:
            states[: len(decoded)][decoded[: self._count]] = DECODED
        with self._lock:
            for held in self._values.values():
                states[list(held)] = STALE
            if key is not None:
                states[list(self._values.get(key, ()))] = CURRENT
        return states

    def forget(self, frames: Iterable[int]) -> None:
        """Drop all values of these frames."""
        with self._lock:
            gone = set(frames)
            for held in self._values.values():
                for frame in gone & held.keys():
                    self._bytes -= held.pop(frame).nbytes

    def _drop_one(self) -> bool:
        """Drop the value that is missed least; False when only one is left."""
        latest = next(reversed(self._values))
        for key in [key for key, held in self._values.items() if not held and key != latest]:
            del self._values[key]
        if sum(map(len, self._values.values())) <= 1:
            return False
        # What is of no wanted key goes first, of the key that was used longest ago.
        wanted = [key for key in self._values if key in self._wanted or key == latest]
        old = next((key for key, held in self._values.items() if held and key not in wanted), None)
        candidates = wanted if old is None else [old]
        _, frame, place = max(
            (abs(frame - self._focus), frame, number)
            for number, each in enumerate(candidates)
            for frame in self._values[each]
        )
        self._bytes -= self._values[candidates[place]].pop(frame).nbytes
        return True


def frames_of_other_shots(before: Iterable[FrameRange], after: Iterable[FrameRange]) -> list[int]:
    """Return the frames whose shot has changed when cuts were found or moved."""
    kept = set(after)
    return [frame for shot in before if shot not in kept for frame in shot]
