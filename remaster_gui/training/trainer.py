"""The training loop, whatever the network: stage after stage, resumable at any iteration.

A run that was interrupted has the same losses as an undisturbed one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Generator, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from threading import Event
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import torch
from torch import nn
from torch.optim import Optimizer

from remaster_gui.base import plain_data
from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.notices import Notice, Progress, Update, interruptible
from remaster_gui.engine.rate_meter import RateMeter
from remaster_gui.training.checkpoint import checkpoints, load_checkpoint, save_checkpoint
from remaster_gui.training.courses import Course, Request, open_course
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.optimizer import (
    WeightAverage,
    choose_weights,
    estimate_statistics,
    make_optimizer,
    set_rate,
)
from remaster_gui.training.recipes import TrainingStage
from remaster_gui.training.run_log import COLUMNS, RunLog
from remaster_gui.training.sources import Batches
from remaster_gui.training.stage_clock import StageClock, Stopwatch, shared_time

BatchT = TypeVar("BatchT")

BEST = "best.safetensors"
"""Best weights of the stage at hand, in a run's folder."""

_STAGE_SEEDS = 1_000_003
"""Distance between the seeds of neighbouring stages, so that no stage repeats the samples of another."""
_ESTIMATES = 32
"""Batches that statistics are estimated from."""
_ESTIMATING = 0.1
"""Share of a stage's time that this may take, where the run has a budget."""


def train(request: Request, ranks: Ranks, stop: Event) -> Generator[Update, None, bool]:
    """Train until all stages of the recipe are done (True) or `stop` is set (False); the state is saved.

    Yields how far the stage at hand is, what the network learns and reaches, and what is not as it was asked for.
    Raises `RemasterError` for what cannot be used.
    """
    began = time.monotonic()
    _prepare_folder(request)
    # Films are decoded here, which may take hours.
    course = yield from interruptible(open_course(request, ranks), stop)
    if ranks.agree(course is None) or course is None:
        if not request.resume:
            yield Notice("note", "Stopped before the first iteration; the same command begins anew.")
        return False
    trainer = _Trainer(request, ranks, course, began)
    yield from trainer.resume()
    try:
        return (yield from trainer.run(stop))
    finally:
        trainer.export()


def _prepare_folder(request: Request) -> None:
    out = request.out
    if not request.resume and checkpoints(out):
        raise SettingsError(f"{out} holds a run already; go on with --resume or choose another folder.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"The folder {out} cannot be made ({error.strerror}); choose another.") from error


class _Learning(NamedTuple):
    """What a stage learns with: its clock, network and objective as one module, optimiser and averaged weights."""

    clock: StageClock
    module: nn.Module
    optimizer: Optimizer
    average: WeightAverage


class _Trainer:
    """Trains the network of a recipe. Use once: `run`, then `export`, whatever ended the run."""

    def __init__(self, request: Request, ranks: Ranks, course: Course, began: float) -> None:
        """Begin anew; `began`: when that was, on the monotonic clock, before the course was opened."""
        self._request, self._ranks, self._course, self._began = request, ranks, course, began
        self._recipe = request.recipe
        torch.manual_seed(request.seed)
        self._network = course.new_network()
        self._stage, self._iteration, self._score = 0, 0, float("-inf")
        self._passed = 0  # iterations of the stages before
        self._spent = self._stage_spent = 0.0  # seconds, in all and in the stage at hand
        self._watch, self._speed_since = Stopwatch(), 0
        self._under_way: dict[str, Any] | None = None
        self._average: WeightAverage | None = None
        self._fresh_stage = True
        self._log: RunLog | None = None

    def resume(self) -> Generator[Notice]:
        """Take up the state that the run was left in, if the request says so."""
        if self._request.resume:
            yield from load_checkpoint(self._request.out, self._restore)
        if not self._request.learning_only:
            self._spent += time.monotonic() - self._began

    def run(self, stop: Event) -> Generator[Update, None, bool]:
        """Go through the stages that are left."""
        stages = self._recipe.stages
        with ExitStack() as stack:
            stack.enter_context(self._course.filling(stages[self._stage :]))
            if self._ranks.leads:
                self._log = stack.enter_context(RunLog(self._request.out, self._done))
            while self._stage < len(stages):
                if not (yield from self._run_stage(stages[self._stage], stop)):
                    return False
        return True

    def export(self) -> None:
        """Write the best weights so far as a file to ship, if there are some and the request names one."""
        request, best = self._request, self._request.out / BEST
        if request.export is None or not self._ranks.leads or not best.is_file():
            return
        minutes = request.seconds / 60 if request.learning_only and request.seconds is not None else None
        metrics = {} if minutes is None else {"processor_minutes": minutes}
        self._course.save(self._course.read(best), request.export, metrics, torch.float16)

    def _run_stage(self, stage: TrainingStage, stop: Event) -> Generator[Update, None, bool]:
        """Learn until a stage is done (True) or the run has to stop (False); the state is saved."""
        clock = self._clock(stage)
        with self._uncounted(clock):
            limit = None if self._request.learning_only else clock.seconds
            yield from self._course.prepare(stage, stop.is_set, limit)
        if self._ranks.agree(stop.is_set()):
            if self._under_way is None:
                self._save(None)
            return False
        optimizer, self._average = self._tools(stage, self._under_way)
        self._under_way = None
        with self._uncounted(clock):
            batches = self._course.open(stage, self._request.seed * _STAGE_SEEDS + self._stage)
            module = self._ranks.wrap(self._course.step(self._network, stage))
        learning = _Learning(clock, module, optimizer, self._average)
        self._speed_since = self._iteration
        self._network.train(stage.statistics == "batch")
        yield self._progress(stage, clock)
        if self._fresh_stage:
            yield from self._begin_stage(stage, learning)
        return (yield from self._learn(stage, learning, batches, stop))

    def _learn(
        self, stage: TrainingStage, learning: _Learning, batches: Batches[Any], stop: Event
    ) -> Generator[Update, None, bool]:
        """Go through the iterations of a stage that are left; see `_run_stage`."""
        clock, _, optimizer, average = learning
        saved, meter = time.monotonic(), RateMeter()
        for batch in self._timed(batches.batches(itertools.count(self._iteration))):
            progress = clock.progress()
            losses = self._iterate(stage, learning, batch, progress)
            leaving = self._ranks.agree(stop.is_set())
            now = clock.progress()
            yield self._progress(stage, clock, meter.rate(1), losses)
            last = self._ranks.agree(now >= 1.0)
            if last or self._ranks.agree(clock.milestone(now) > clock.milestone(progress)):
                with average.in_place(), self._watch.measuring("validation"), self._uncounted(clock):
                    yield from self._validate(stage)
                yield self._speed(stage)
            if last:
                self._note_time(clock)
                self._next_stage()
                return not leaving or self._stage == len(self._recipe.stages)
            if leaving or time.monotonic() - saved > self._request.save_every_seconds:
                self._note_time(clock)
                self._save(optimizer)
                saved = time.monotonic()
            if leaving:
                return False
        return True

    def _iterate(
        self, stage: TrainingStage, learning: _Learning, batch: object, progress: float
    ) -> dict[str, float]:
        """Take one step, at the rate of this `progress` of the stage, and log what it cost."""
        rate = set_rate(learning.optimizer, stage.optimization, self._iteration, progress)
        losses = self._step(learning.module, learning.optimizer, stage, batch)
        learning.average.update()
        self._iteration += 1
        learning.clock.iteration = self._iteration
        if self._log:
            self._log.losses(stage.name, self._iteration, self._done, rate, losses)
        return losses

    @property
    def _done(self) -> int:
        """Iterations of the run, over all stages."""
        return self._passed + self._iteration

    def _clock(self, stage: TrainingStage) -> StageClock:
        seconds = self._request.seconds
        left = None if seconds is None else seconds - (self._spent - self._stage_spent)
        own = shared_time(left, self._recipe.stages[self._stage :])
        now = time.process_time if self._request.learning_only else time.monotonic
        return StageClock(stage, own, self._iteration, self._stage_spent, now)

    def _uncounted(self, clock: StageClock) -> AbstractContextManager[None]:
        """Let a block take none of the budget where that is for learning only."""
        return clock.standing() if self._request.learning_only else nullcontext()

    def _note_time(self, clock: StageClock) -> None:
        elapsed = clock.elapsed
        self._spent += elapsed - self._stage_spent
        self._stage_spent = elapsed

    def _progress(
        self,
        stage: TrainingStage,
        clock: StageClock,
        rate: float = 0.0,
        losses: Mapping[str, float] = MappingProxyType({}),
    ) -> Progress:
        """Say how far a stage is, and its losses."""
        values = "  ".join(f"{name} {value:.4f}" for name, value in losses.items() if name in COLUMNS)
        doing = f"{stage.name} {self._iteration}{': ' if values else ''}{values}"
        return Progress(self._iteration, clock.expected(), rate, doing, "iterations")

    def _speed(self, stage: TrainingStage) -> Notice:
        """Say how fast the network learns, and what it waited for, since the last time."""
        done, self._speed_since = self._iteration - self._speed_since, self._iteration
        seconds, waits = self._watch.lap()
        rate = done * stage.batch * self._ranks.count / seconds
        if self._log:
            self._log.speed(self._done, rate, waits)
        shares = ", ".join(f"{name} {share:.0%}" for name, share in waits.items())
        return self._said(stage, f"{rate:.2f} samples/s; waited for {shares}")

    def _said(self, stage: TrainingStage, text: str) -> Notice:
        return Notice("note", f"{stage.name} {self._iteration}: {text}")

    def _begin_stage(self, stage: TrainingStage, learning: _Learning) -> Generator[Notice]:
        """Estimate statistics, measure what the stage begins with, and save that."""
        clock = learning.clock
        if stage.statistics == "estimated":
            # On the same batches in every rank, so that no rank has statistics of its own.
            source = self._course.open(stage, self._request.seed, alike=True)
            batches = source.batches(range(min(_ESTIMATES, stage.iterations)))
            estimate_statistics(self._network, learning.module, clock.within(_ESTIMATING, batches))
        with self._uncounted(clock):
            yield from self._validate(stage)
        self._watch.lap()
        self._fresh_stage = False
        self._save(learning.optimizer)

    def _timed(self, batches: Iterator[BatchT]) -> Iterator[BatchT]:
        """Yield the same batches, and note the time that they are waited for."""
        while True:
            with self._watch.measuring("samples"):
                batch = next(batches, None)
            if batch is None:
                return
            yield batch

    def _step(
        self, module: nn.Module, optimizer: Optimizer, stage: TrainingStage, batch: object
    ) -> dict[str, float]:
        optimizer.zero_grad(set_to_none=True)
        losses = module(batch)
        if losses["total"].requires_grad:  # a batch without references teaches attention nothing
            losses["total"].backward()
            if stage.optimization.clip:
                learning = [p for group in optimizer.param_groups for p in group["params"]]
                nn.utils.clip_grad_norm_(learning, stage.optimization.clip)
            optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _validate(self, stage: TrainingStage) -> Generator[Notice]:
        """Measure on the held-out clips; keep the weights if they are the best of this stage."""
        if self._ranks.leads:
            reached = self._course.measure(self._network, stage)
            score = next(iter(reached.values()), float(self._iteration))
            best = score > self._score
            if best:
                self._score = score
                self._save_best(stage)
            if reached and self._log:
                self._log.validation(self._done, reached)
                values = ", ".join(f"{name} {value:.2f}" for name, value in reached.items())
                yield self._said(stage, f"{values} dB{' (best)' if best else ''}")
                picture = self._course.picture(self._network, stage) if self._request.contact_sheets else None
                if picture:
                    self._log.contact_sheet(stage.name, self._iteration, picture)
        self._ranks.wait()

    def _save_best(self, stage: TrainingStage) -> None:
        metrics = {"stage": stage.name, "iteration": self._iteration, "validation": self._score}
        path = self._request.out / BEST
        try:
            self._course.save(self._network, path, metrics, torch.float32)
        except (OSError, RuntimeError) as error:
            raise StorageError(f"The weights {path} cannot be written ({error}); make room.") from error

    def _next_stage(self) -> None:
        """Go on from the best weights of the stage that ends."""
        self._ranks.wait()
        best = self._course.read(self._request.out / BEST)
        self._network.load_state_dict(best.state_dict())
        self._passed += self._iteration
        self._stage, self._iteration, self._score = self._stage + 1, 0, float("-inf")
        self._fresh_stage, self._stage_spent = True, 0.0
        self._save(None)

    def _save(self, optimizer: Optimizer | None) -> None:
        if not self._ranks.leads:
            return
        state = {
            "recipe": self._fingerprint(),
            "stage": self._stage,
            "iteration": self._iteration,
            "passed": self._passed,
            "score": self._score,
            "spent": (self._spent, self._stage_spent),
            "fresh": self._fresh_stage,
            "network": self._network.state_dict(),
            "under way": self._state_of(optimizer),
            "random": torch.get_rng_state(),
        }
        with self._watch.measuring("saving"):
            save_checkpoint(self._request.out, self._done, state)

    def _state_of(self, optimizer: Optimizer | None) -> dict[str, Any] | None:
        if optimizer is None or self._average is None:
            return None
        return {"optimizer": optimizer.state_dict(), "average": self._average.state()}

    def _restore(self, state: dict[str, Any]) -> None:
        if state["recipe"] != self._fingerprint():
            raise SettingsError(
                f"The run in {self._request.out} was started with another recipe or seed; give the same options, "
                "or choose another folder."
            )
        stage = plain_data.whole(state["stage"], 0, len(self._recipe.stages))
        self._network.load_state_dict(state["network"])
        self._stage, self._iteration = stage, plain_data.whole(state["iteration"])
        self._passed = plain_data.whole(state["passed"])
        self._score = plain_data.number(state["score"], float("-inf"), float("inf"))
        self._spent, self._stage_spent = (plain_data.number(each, 0, float("inf")) for each in state["spent"])
        self._fresh_stage, self._under_way = plain_data.switch(state["fresh"]), state["under way"]
        if self._under_way is not None:
            self._tools(self._recipe.stages[stage], self._under_way)  # it tells what does not fit
        torch.set_rng_state(state["random"])

    def _tools(
        self, stage: TrainingStage, under_way: dict[str, Any] | None
    ) -> tuple[Optimizer, WeightAverage]:
        """Make what a stage works with, new or as it was when the stage was interrupted."""
        weights = choose_weights(self._network, stage)
        optimizer = make_optimizer(weights, stage.optimization)
        average = WeightAverage(weights, stage.optimization.averaging)
        if under_way is not None:
            optimizer.load_state_dict(under_way["optimizer"])
            average.restore(under_way["average"])
        return optimizer, average

    def _fingerprint(self) -> str:
        """Return what has to be the same for a run to go on."""
        return repr((self._recipe, self._request.seed, self._ranks.count))
