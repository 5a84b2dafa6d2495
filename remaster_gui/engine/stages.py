"""How fast each stage of a render is: what one would have to buy more of."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Literal, TypeVar

RenderStage = Literal["decode", "prepare", "restoration network", "colour network", "compose", "encode"]
STAGES: tuple[RenderStage, ...] = (
    "decode",
    "prepare",
    "restoration network",
    "colour network",
    "compose",
    "encode",
)
"""In the order in which a frame passes through them; on several threads, so that they overlap."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage has done: on how many frames, also those that only lie around what was asked for, and how long."""

    frames: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Frames a second while at work; 0 where there was none."""
        return self.frames / self.seconds if self.seconds > 0 else 0.0

    def share(self, seconds: float) -> float:
        """Part of `seconds` in which the stage was at work: near 1 for the one that all others wait for."""
        return self.seconds / seconds if seconds > 0 else 0.0


class Stages:
    """Counts what each stage does. Any thread may add to it."""

    def __init__(self) -> None:
        """Begin with nothing done."""
        self._lock = Lock()
        self._work: dict[RenderStage, Work] = {}

    def add(self, stage: RenderStage, frames: int, seconds: float) -> None:
        """Count work that is done."""
        with self._lock:
            before = self._work.get(stage, Work())
            self._work[stage] = Work(before.frames + frames, before.seconds + seconds)

    @contextmanager
    def working(self, stage: RenderStage, frames: int = 1, threads: int = 1) -> Iterator[None]:
        """Count what is done within as work on `frames` frames; `threads` do as much at the same time."""
        began = time.perf_counter()
        yield
        self.add(stage, frames, (time.perf_counter() - began) / threads)

    def each(self, stage: RenderStage, frames: Iterator[Item]) -> Generator[Item]:
        """Pass on frames, each of which is the work of a stage."""
        while True:
            began = time.perf_counter()
            try:
                frame = next(frames)
            except StopIteration:
                return
            self.add(stage, 1, time.perf_counter() - began)
            yield frame

    def done(self) -> dict[RenderStage, Work]:
        """Return what the stages that had anything to do have done, in order."""
        with self._lock:
            return self._in_order()

    def taken(self) -> dict[RenderStage, Work]:
        """Return what has been done, and count from nothing again."""
        with self._lock:
            done = self._in_order()
            self._work.clear()
        return done

    def _in_order(self) -> dict[RenderStage, Work]:
        return {stage: self._work[stage] for stage in STAGES if stage in self._work}
