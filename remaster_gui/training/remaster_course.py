"""Training of the remastering network: films, references, damage (Sec. 4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from remaster_gui.base.errors import WeightsError
from remaster_gui.evaluation.methods import Method
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.model import ModelConfig, RemasterNetwork, read_network, save_network
from remaster_gui.training.courses import LICENCE
from remaster_gui.training.film_course import FilmCourse
from remaster_gui.training.losses import TrainingStep
from remaster_gui.training.recipes import TrainingStage


class RemasterCourse(FilmCourse):
    """Both halves of the remastering network, apart or together."""

    @property
    def _config(self) -> ModelConfig:
        assert isinstance(self.request.recipe.config, ModelConfig)
        return self.request.recipe.config

    def new_network(self) -> RemasterNetwork:
        """Return a network with random weights, or with those that the request names for it or for a half of it."""
        network = RemasterNetwork(self._config)
        if self.request.init is not None:
            network = self._read_start(self.request.init)
        if self.request.init_restoration is not None:
            half = self._read_start(self.request.init_restoration).restoration
            network.restoration.load_state_dict(half.state_dict())
        network.to(self.ranks.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.ranks.device.type == "cuda" and self.ranks.count > 1:
            network = cast(RemasterNetwork, nn.SyncBatchNorm.convert_sync_batchnorm(network))
        return network.train()

    def _read_start(self, path: Path) -> RemasterNetwork:
        network = read_network(path)
        if network.config != self._config:
            raise WeightsError(
                f"{path.name} is a {network.config.name} network of another shape than recipe "
                f"{self.request.recipe.name} trains; choose other weights or another recipe."
            )
        return network

    def step(self, network: nn.Module, stage: TrainingStage) -> TrainingStep:
        """Return network and objective as one module."""
        return TrainingStep(cast(RemasterNetwork, network), stage.task, stage.objective)

    def method(self, network: nn.Module) -> Method:
        """Return the network as films are remastered with it."""
        return NetworkMethod(cast(RemasterNetwork, network))

    def save(self, network: nn.Module, path: Path, metrics: Mapping[str, Any], dtype: torch.dtype) -> None:
        """Write weights; raises `StorageError`."""
        save_network(cast(RemasterNetwork, network), path, licence=LICENCE, metrics=metrics, dtype=dtype)

    def read(self, path: Path) -> RemasterNetwork:
        """Read weights; raises `WeightsError`."""
        return read_network(path)
