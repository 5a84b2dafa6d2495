"""The training loop: stage after stage, resumable at any iteration with the same losses as an undisturbed run."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any, cast

import torch
from torch import nn
from torch.optim import Optimizer

from remaster_gui.base.errors import SettingsError, StorageError, WeightsError
from remaster_gui.evaluation.measuring import Degrade, Report
from remaster_gui.evaluation.methods import Task
from remaster_gui.evaluation.validation import (
    ValidationClips,
    evaluate_colorization,
    evaluate_remastering,
    evaluate_restoration,
)
from remaster_gui.model import RemasterNetwork, read_network, save_network
from remaster_gui.training.checkpoint import checkpoints, load_checkpoint, save_checkpoint
from remaster_gui.training.damage import Split
from remaster_gui.training.dataset import BatchDataset, load_batches
from remaster_gui.training.degradation import degrade_clip
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.losses import TrainingStep
from remaster_gui.training.recipes import Recipe, Stage
from remaster_gui.training.reports import TrainingReport
from remaster_gui.training.samples import SampleMaker
from remaster_gui.training.stages import (
    WeightAverage,
    choose_weights,
    estimate_statistics,
    make_optimizer,
    set_rate,
)

BEST = "best.safetensors"
"""Best weights of the stage at hand, in a run's folder."""

LICENCE = "Trained on footage whose rights are the user's concern"
_STAGE_SEEDS = 1_000_003
"""Distance between the seeds of neighbouring stages, so that no stage repeats the samples of another."""
_ESTIMATES = 32
"""Batches that statistics are estimated from."""
_COMPARISONS = {"colorization": ("grey", "copy"), "restoration": ("input",), "remastering": ()}

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """What to train, from what, into which folder, and within which limits."""

    data: Path
    out: Path
    recipe: Recipe
    resume: bool = False
    init: Path | None = None
    init_restoration: Path | None = None
    """Where the restoration network starts from, if not from `init`: halves may have been trained apart."""
    seconds: float | None = None
    seed: int = 0
    workers: int = 0
    damage: Path | None = None
    cache: Path | None = None
    validation_edge: int = 160
    contact_sheets: bool = True
    save_every_seconds: float = 300.0


class Trainer:
    """Trains the network of a recipe. Use once: `run`, then `export`."""

    def __init__(self, request: Request, ranks: Ranks, report: TrainingReport | None) -> None:
        """Open data and checkpoint; raises `RemasterError` for what cannot be used.

        `report` belongs to the leading rank; the others pass None.
        """
        self._request, self._ranks, self._report = request, ranks, report
        self._recipe = request.recipe
        self._prepare_folder()
        progress = report.preparing if report else None
        self._library = ClipLibrary.open(request.data, "train", request.cache, progress=progress)
        self._clips = self._validation_clips() if ranks.leads else None
        folder = request.damage
        self._degrade: Degrade = lambda luminance, seed: degrade_clip(
            luminance, seed, split=Split.EVALUATION, folder=folder
        )
        torch.manual_seed(request.seed)
        self._network = self._initial_network()
        self._stage, self._iteration, self._score = 0, 0, float("-inf")
        self._under_way: dict[str, Any] | None = None
        self._average: WeightAverage | None = None
        self._fresh_stage = True
        if request.resume:
            self._restore(load_checkpoint(request.out))

    def run(self, stop: Event) -> bool:
        """Train until all stages are done (True), or `stop` is set or the time is up (False); the state is saved."""
        deadline = None if self._request.seconds is None else time.monotonic() + self._request.seconds
        while self._stage < len(self._recipe.stages):
            if not self._run_stage(self._recipe.stages[self._stage], stop, deadline):
                return False
        return True

    def export(self, path: Path, metrics: dict[str, Any] | None = None) -> None:
        """Write the best weights so far as a file to ship (fp16)."""
        save_network(read_network(self._request.out / BEST), path, licence=LICENCE, metrics=metrics or {})

    def _prepare_folder(self) -> None:
        out = self._request.out
        if not self._request.resume and checkpoints(out):
            raise SettingsError(f"{out} holds a run already; go on with --resume or choose another folder.")
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                f"The folder {out} cannot be made ({error.strerror}); choose another."
            ) from error

    def _initial_network(self) -> RemasterNetwork:
        network = RemasterNetwork(self._recipe.config)
        if self._request.init is not None:
            network = self._read_start(self._request.init)
        if self._request.init_restoration is not None:
            half = self._read_start(self._request.init_restoration).restoration
            network.restoration.load_state_dict(half.state_dict())
        network.to(self._ranks.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self._ranks.device.type == "cuda" and self._ranks.count > 1:
            network = cast(RemasterNetwork, nn.SyncBatchNorm.convert_sync_batchnorm(network))
        return network.train()

    def _read_start(self, path: Path) -> RemasterNetwork:
        network = read_network(path)
        if network.config != self._recipe.config:
            raise WeightsError(
                f"{path.name} is a {network.config.name} network of another shape than recipe "
                f"{self._recipe.name} trains; choose other weights or another recipe."
            )
        return network

    def _validation_clips(self) -> ValidationClips | None:
        try:
            library = ClipLibrary.open(self._request.data, "validation", self._request.cache)
        except SettingsError as error:
            _log.warning("training goes on without validation: %s", error)
            return None
        return ValidationClips(
            ((clip.name, clip.frames) for clip in library.clips), size=self._request.validation_edge
        )

    def _run_stage(self, stage: Stage, stop: Event, deadline: float | None) -> bool:
        weights = choose_weights(self._network, stage)
        optimizer = make_optimizer(weights, stage.optimization)
        average = self._average = WeightAverage(weights, stage.optimization.averaging)
        if self._under_way is not None:
            optimizer.load_state_dict(self._under_way["optimizer"])
            average.restore(self._under_way["average"])
            self._under_way = None
        module: nn.Module = TrainingStep(self._network, stage.task, stage.objective)
        if self._ranks.device.type == "cuda":
            module.compile()
        module = self._ranks.wrap(cast(TrainingStep, module))
        passed = sum(s.iterations for s in self._recipe.stages[: self._stage])
        if self._report:
            self._report.begin(stage.name, self._iteration, stage.iterations, passed)
        self._network.train(stage.statistics == "batch")
        if self._fresh_stage:
            if stage.statistics == "estimated":
                self._estimate_statistics(stage, module)
            self._validate(stage)
            self._fresh_stage = False
            self._save(optimizer)
        saved = time.monotonic()
        batches = load_batches(
            self._dataset(stage),
            range(self._iteration, stage.iterations),
            self._request.workers,
            pinned=self._ranks.device.type == "cuda",
        )
        for batch in batches:
            rate = set_rate(optimizer, stage.optimization, self._iteration, stage.iterations)
            losses = self._step(module, optimizer, stage, batch.to(self._ranks.device))
            average.update()
            self._iteration += 1
            if self._report:
                self._report.iteration(stage.name, self._iteration, rate, losses)
            over = deadline is not None and time.monotonic() > deadline
            leaving = self._ranks.agree(stop.is_set() or over)
            last = self._iteration == stage.iterations
            if self._iteration % stage.validate_every == 0 or last:
                with average.in_place():
                    self._validate(stage)
            if last:
                self._next_stage(passed + self._iteration)
                return not leaving or self._stage == len(self._recipe.stages)
            if leaving or time.monotonic() - saved > self._request.save_every_seconds:
                self._save(optimizer)
                saved = time.monotonic()
            if leaving:
                return False
        return True

    def _estimate_statistics(self, stage: Stage, module: nn.Module) -> None:
        """Measure on the same batches in every rank, so that no rank has statistics of its own."""
        dataset = BatchDataset(self._sample_maker(stage), stage.batch, self._request.seed)
        batches = load_batches(dataset, range(min(_ESTIMATES, stage.iterations)), self._request.workers)
        estimate_statistics(self._network, module, (batch.to(self._ranks.device) for batch in batches))

    def _step(self, module: nn.Module, optimizer: Optimizer, stage: Stage, batch: object) -> dict[str, float]:
        optimizer.zero_grad(set_to_none=True)
        losses = module(batch)
        if losses["total"].requires_grad:  # a batch without references teaches attention nothing
            losses["total"].backward()
            if stage.optimization.clip:
                learning = [p for group in optimizer.param_groups for p in group["params"]]
                nn.utils.clip_grad_norm_(learning, stage.optimization.clip)
            optimizer.step()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _dataset(self, stage: Stage) -> BatchDataset:
        seed = self._request.seed * _STAGE_SEEDS + self._stage
        return BatchDataset(self._sample_maker(stage), stage.batch, seed, self._ranks.rank, self._ranks.count)

    def _sample_maker(self, stage: Stage) -> SampleMaker:
        return SampleMaker(self._library, replace(stage.samples, damage_folder=self._request.damage))

    def _validate(self, stage: Stage) -> None:
        """Measure on the held-out clips; keep the weights if they are the best of this stage."""
        if self._ranks.leads:
            report = self._measure(stage)
            score = report.mean("network").psnr if report else float(self._iteration)
            best = score > self._score
            if best:
                self._score = score
                self._save_best(stage)
            if report and self._report and self._clips:
                self._report.validation(stage.name, self._iteration, report, best)
                if self._request.contact_sheets:
                    task = _judged_as(stage)
                    degrade = None if task == "colorization" else self._degrade
                    self._report.contact_sheet(
                        stage.name, self._iteration, self._network, self._clips, task, degrade
                    )
        self._ranks.wait()

    def _measure(self, stage: Stage) -> Report | None:
        if self._clips is None:
            return None
        task = _judged_as(stage)
        names = _COMPARISONS[task]
        if task == "colorization":
            return evaluate_colorization(self._network, self._clips, names)
        measure: Callable[..., Report] = (
            evaluate_restoration if task == "restoration" else evaluate_remastering
        )
        return measure(self._network, self._clips, self._degrade, names)

    def _save_best(self, stage: Stage) -> None:
        metrics = {"stage": stage.name, "iteration": self._iteration, "validation": self._score}
        path = self._request.out / BEST
        try:
            save_network(self._network, path, licence=LICENCE, metrics=metrics, dtype=torch.float32)
        except (OSError, RuntimeError) as error:
            raise StorageError(f"The weights {path} cannot be written ({error}); make room.") from error

    def _next_stage(self, number: int) -> None:
        """Go on from the best weights of the stage that ends."""
        self._ranks.wait()
        best = read_network(self._request.out / BEST)
        self._network.load_state_dict(best.state_dict())
        self._stage, self._iteration, self._score = self._stage + 1, 0, float("-inf")
        self._fresh_stage = True
        self._save(None, number)

    def _save(self, optimizer: Optimizer | None, number: int | None = None) -> None:
        if not self._ranks.leads:
            return
        if number is None:
            number = sum(s.iterations for s in self._recipe.stages[: self._stage]) + self._iteration
        state = {
            "recipe": self._fingerprint(),
            "stage": self._stage,
            "iteration": self._iteration,
            "score": self._score,
            "fresh": self._fresh_stage,
            "network": self._network.state_dict(),
            "under way": self._state_of(optimizer),
            "random": torch.get_rng_state(),
        }
        save_checkpoint(self._request.out, number, state)

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
        self._network.load_state_dict(state["network"])
        self._stage, self._iteration, self._score = state["stage"], state["iteration"], state["score"]
        self._fresh_stage, self._under_way = state["fresh"], state["under way"]
        torch.set_rng_state(state["random"])

    def _fingerprint(self) -> str:
        """Return what has to be the same for a run to go on."""
        return repr((self._recipe, self._request.seed, self._ranks.count))


def _judged_as(stage: Stage) -> Task:
    if stage.task == "tones":
        return "restoration"
    return "colorization" if stage.task == "matching" else stage.task
