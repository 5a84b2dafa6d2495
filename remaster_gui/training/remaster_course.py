"""Training of the remastering network: films, references, damage (Sec. 4)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.evaluation.contact_sheet import ContactSheet
from remaster_gui.evaluation.measuring import Degrade, Measurement, Report
from remaster_gui.evaluation.methods import Task
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.evaluation.validation import (
    ValidationClips,
    evaluate_colorization,
    evaluate_remastering,
    evaluate_restoration,
)
from remaster_gui.model import ModelConfig, RemasterNetwork, read_network, save_network
from remaster_gui.training.courses import LICENCE, Progress, Request
from remaster_gui.training.damage import Split
from remaster_gui.training.dataset import Batch
from remaster_gui.training.degradation import degrade_clip
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.frame_cache import default_folder
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.losses import TrainingStep
from remaster_gui.training.recipes import Stage
from remaster_gui.training.sources import Batches, Sources

_COMPARISONS = {"colorization": ("grey", "copy"), "restoration": ("input",), "remastering": ()}
_SHEET_CLIPS = 4
"""Held-out clips shown on a contact sheet."""

_log = logging.getLogger(__name__)


class RemasterCourse:
    """Both halves of the remastering network, apart or together."""

    def __init__(self, request: Request, ranks: Ranks, progress: Progress | None) -> None:
        """Open the films; raises `RemasterError` for what cannot be used."""
        if request.data is None:
            raise SettingsError(
                f"Recipe {request.recipe.name} learns from films; name their folder with --data."
            )
        assert isinstance(request.recipe.config, ModelConfig)
        self._config, self._request, self._ranks = request.recipe.config, request, ranks
        self._sources = Sources(
            ClipLibrary.open(request.data, "train", request.cache, progress=progress),
            ranks,
            (request.cache or default_folder()) / "samples",
            request.photos,
            request.damage,
            request.workers,
            progress,
        )
        self._clips = self._validation_clips(request.data) if ranks.leads else None
        self._degrade: Degrade = lambda luminance, seed: degrade_clip(
            luminance, seed, split=Split.EVALUATION, folder=request.damage
        )

    def new_network(self) -> RemasterNetwork:
        """Return a network with random weights, or with those that the request names for it or for a half of it."""
        network = RemasterNetwork(self._config)
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
        if network.config != self._config:
            raise WeightsError(
                f"{path.name} is a {network.config.name} network of another shape than recipe "
                f"{self._request.recipe.name} trains; choose other weights or another recipe."
            )
        return network

    def step(self, network: nn.Module, stage: Stage) -> TrainingStep:
        """Return network and objective as one module."""
        return TrainingStep(cast(RemasterNetwork, network), stage.task, stage.objective)

    def prepare(self, stage: Stage, stop: Callable[[], bool], seconds: float | None) -> None:
        """See that enough samples are stored."""
        self._sources.prepare(stage, stop, seconds)

    def open(self, stage: Stage, seed: int, *, alike: bool = False) -> Batches[Batch]:
        """Return the batches of a stage."""
        return self._sources.open(stage, seed, alike=alike)

    def filling(self, stages: tuple[Stage, ...]) -> AbstractContextManager[None]:
        """Let processes make the samples that are stored."""
        return self._sources.filling(stages)

    def measure(self, network: nn.Module, stage: Stage) -> Mapping[str, float]:
        """Return the PSNR of the network, then that of simpler methods."""
        report = self._measure(cast(RemasterNetwork, network), _judged_as(stage))
        return {method: report.mean(method).psnr for method in report.methods} if report else {}

    def picture(self, network: nn.Module, stage: Stage) -> bytes | None:
        """Return a contact sheet of held-out frames."""
        if self._clips is None:
            return None
        task = _judged_as(stage)
        degrade = None if task == "colorization" else self._degrade
        sheet, method = ContactSheet(), NetworkMethod(cast(RemasterNetwork, network))
        for case in self._clips.cases[:_SHEET_CLIPS]:
            measurement = Measurement(case, task, degrade)
            measurement.run("network", method, sheet.begin(measurement)("network"))
        return sheet.to_png()

    def save(self, network: nn.Module, path: Path, metrics: Mapping[str, Any], dtype: torch.dtype) -> None:
        """Write weights; raises `StorageError`."""
        save_network(cast(RemasterNetwork, network), path, licence=LICENCE, metrics=metrics, dtype=dtype)

    def read(self, path: Path) -> RemasterNetwork:
        """Read weights; raises `WeightsError`."""
        return read_network(path)

    def _validation_clips(self, folder: Path) -> ValidationClips | None:
        try:
            library = ClipLibrary.open(folder, "validation", self._request.cache)
        except SettingsError as error:
            _log.warning("training goes on without validation: %s", error)
            return None
        return ValidationClips(
            ((clip.name, clip.frames) for clip in library.clips), size=self._request.validation_edge
        )

    def _measure(self, network: RemasterNetwork, task: Task) -> Report | None:
        if self._clips is None:
            return None
        names = _COMPARISONS[task]
        if task == "colorization":
            return evaluate_colorization(network, self._clips, names)
        measure: Callable[..., Report] = (
            evaluate_restoration if task == "restoration" else evaluate_remastering
        )
        return measure(network, self._clips, self._degrade, names)


def _judged_as(stage: Stage) -> Task:
    match stage.task:
        case "tones" | "restoration":
            return "restoration"
        case "remastering":
            return "remastering"
        case _:
            return "colorization"
