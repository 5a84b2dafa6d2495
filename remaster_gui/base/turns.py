"""Taking turns: long works that would only hold each other up go on one after the other, each for its share of time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import Condition, Event
from typing import TypeVar

PATIENCE = 4.0
"""Seconds after which a turn that does not end is waited for no longer; both go on side by side then."""

_AWAY = 0.3
"""Seconds between two turns up to which a work is still going on."""
_SHARED = 3.0
"""Seconds since the other's last turn up to which time is said to be shared."""
_POLL = 0.05

Step = TypeVar("Step")


class FairTurns:
    """Shares time among works by name, in proportion to `shares`. Safe on any thread.

    Whoever has had least for its share comes next. One that was away has saved nothing up: it joins as if it had had as
    much as the others.
    """

    def __init__(self, shares: Mapping[str, float], now: Callable[[], float] = time.monotonic) -> None:
        self._shares, self._now = dict(shares), now
        self._changed = Condition()
        self._had = dict.fromkeys(shares, 0.0)
        self._seen = dict.fromkeys(shares, float("-inf"))
        self._going_on: set[str] = set()
        self._reached = 0.0
        """Virtual time: what the latest holder had had when its turn began (start-time fair queueing [Goyal et al.
        1996])."""
        self._waiting: set[str] = set()
        self._holding: set[str] = set()

    def in_turns(self, name: str, steps: Iterator[Step], cancel: Event) -> Iterator[Step]:
        """Yield what `steps` does, each step made in a turn of its own; not in turns once `cancel` is set."""
        try:
            while True:
                with self.turn(name, cancel):
                    try:
                        step = next(steps)
                    except StopIteration:
                        return
                yield step
        finally:
            self.end(name)

    @property
    def waiting(self) -> frozenset[str]:
        """Names of the works that wait for a turn."""
        with self._changed:
            return frozenset(self._waiting)

    def shares_with(self, name: str) -> bool:
        """Whether another work than `name` goes on, so that it has only a share of the time."""
        with self._changed:
            since = self._now() - _SHARED
            others = self._shares.keys() - {name}
            return any(
                other in self._waiting or other in self._holding or self._seen[other] > since
                for other in others
            )

    @contextmanager
    def turn(self, name: str, cancel: Event) -> Iterator[None]:
        """Wait for one turn and have it; at once where `cancel` is set."""
        with self._changed:
            self._join(name)
            self._going_on.add(name)
            self._waiting.add(name)
            began = self._now()
            while not self._may_go(name, began) and not cancel.is_set():
                self._changed.wait(_POLL)
            self._waiting.discard(name)
            self._holding.add(name)
            self._reached = max(self._reached, self._had[name])
            began = self._now()
        try:
            yield
        finally:
            with self._changed:
                self._holding.discard(name)
                self._seen[name] = self._now()
                self._had[name] += (self._seen[name] - began) / self._shares[name]
                self._changed.notify_all()

    def end(self, name: str) -> None:
        """Note that a work wants no more turns."""
        with self._changed:
            self._going_on.discard(name)
            self._changed.notify_all()

    def _join(self, name: str) -> None:
        """Forget what a work might have saved up while it was away."""
        if name not in self._going_on or self._now() - self._seen[name] > _AWAY:
            self._had[name] = max(self._had[name], self._reached)

    def _others(self, name: str) -> list[str]:
        """Return the other works that go on: that wait, have their turn, or have just had one."""
        since = self._now() - _AWAY
        return [
            other
            for other in self._shares
            if other != name
            and other in self._going_on
            and (other in self._waiting or other in self._holding or self._seen[other] > since)
        ]

    def _may_go(self, name: str, began: float) -> bool:
        if self._now() - began > PATIENCE:
            return True
        return not self._holding and all(self._had[name] <= self._had[o] for o in self._others(name))
