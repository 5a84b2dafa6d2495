"""How far a stage is, by its iterations or by its share of a run's time, and what its time went into."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from remaster_gui.training.dataset import Batch
from remaster_gui.training.recipes import TrainingStage


@dataclass
class StageClock:
    """Tells how far a stage is. `seconds`: the time that it has; None: its iterations tell.

    With time, the rate falls and the network is measured as if the stage had just as many iterations as fit. `now`
    tells the time: the wall's, or the processor's (`time.process_time`), which other work does not shorten.
    """

    stage: TrainingStage
    seconds: float | None = None
    iteration: int = 0
    spent: float = 0.0
    """Seconds of this stage in earlier runs, before this one began."""
    now: Callable[[], float] = time.monotonic
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._begun = self.now()

    @property
    def elapsed(self) -> float:
        """Seconds that this stage has taken in all."""
        return self.spent + self.now() - self._begun

    @contextmanager
    def standing(self) -> Iterator[None]:
        """Let a block take no time."""
        stood = self.now()
        try:
            yield
        finally:
            self._begun += self.now() - stood

    def progress(self) -> float:
        """Return how far the stage is, in [0, 1]."""
        if self.seconds is None:
            return min(1.0, self.iteration / self.stage.iterations)
        return min(1.0, self.elapsed / self.seconds) if self.seconds > 0 else 1.0

    def expected(self) -> int:
        """Return how many iterations the stage will have had at its end, as things go."""
        progress = self.progress()
        if self.seconds is None or not self.iteration or not progress:
            return self.stage.iterations
        return round(self.iteration / progress)

    def within(self, share: float, batches: Iterable[Batch]) -> Iterator[Batch]:
        """Yield the first of `batches`, and the others for as long as no more than `share` of the time is over."""
        for number, batch in enumerate(batches):
            if number and self.seconds is not None and self.progress() > share:
                return
            yield batch

    def milestone(self, progress: float) -> int:
        """Return how many measurements are due until `progress`; the last one falls on the end."""
        if progress >= 1.0:
            return -(-self.stage.iterations // self.stage.validate_every)
        return int(progress * self.stage.iterations + 1e-9) // self.stage.validate_every


class Stopwatch:
    """Adds up, by name, what time goes into."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.monotonic()

    @contextmanager
    def measuring(self, name: str) -> Iterator[None]:
        """Count the time of a block under `name`."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.monotonic() - begun

    def lap(self) -> tuple[float, dict[str, float]]:
        """Return the seconds since the last call and the share of them that went into each name; begin anew."""
        passed = max(1e-9, time.monotonic() - self._since)
        shares = {name: seconds / passed for name, seconds in self.seconds.items()}
        self.seconds, self._since = {}, time.monotonic()
        return passed, shares


def shared_time(seconds: float | None, stages: tuple[TrainingStage, ...]) -> float | None:
    """Return what the first of `stages` gets of `seconds`, by the stages' shares."""
    if seconds is None:
        return None
    return max(0.0, seconds) * stages[0].share / sum(stage.share for stage in stages)
