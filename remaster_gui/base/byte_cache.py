"""What is kept in memory because making it again is dear, within a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ByteCache(Generic[Key, Value]):
    """Values by key, the least recently used of which go first; the newest stays in any case. Not thread-safe."""

    def __init__(self, budget: int, nbytes: Callable[[Value], int]) -> None:
        """Keep `budget` bytes; `nbytes` says how many a value takes."""
        self._budget, self._measure = budget, nbytes
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    @property
    def nbytes(self) -> int:
        """Bytes of all values."""
        return self._bytes

    def get(self, key: Key) -> Value | None:
        """Return a value and count that as use; None where there is none."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Key, value: Value) -> list[Key]:
        """Keep a value, which must not change any more; returns the keys of those that went for it."""
        if key in self._values:
            self._bytes -= self._measure(self._values.pop(key))
        self._values[key] = value
        self._bytes += self._measure(value)
        dropped = []
        while self._bytes > self._budget and len(self._values) > 1:
            gone, old = self._values.popitem(last=False)
            self._bytes -= self._measure(old)
            dropped.append(gone)
        return dropped

    def clear(self) -> None:
        """Forget all values."""
        self._values.clear()
        self._bytes = 0
