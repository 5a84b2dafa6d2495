"""Training of the systems that the paper compares with, on the same films, damage and photographs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any, Self, cast

import numpy as np
import torch
from torch import Tensor, nn

from remaster_gui.base.errors import WeightsError
from remaster_gui.base.notices import Progress, Update
from remaster_gui.evaluation.methods import Method
from remaster_gui.evaluation.rival_methods import method_of
from remaster_gui.model.config import ModelConfig
from remaster_gui.model.lab import rgb_to_lab
from remaster_gui.model.prior import PriorConfig
from remaster_gui.model.rivals.systems import (
    RIVAL_FORMAT,
    RivalConfig,
    RivalNetwork,
    build,
    in_channels_last,
    system_of,
)
from remaster_gui.model.rivals.vondrick import CLUSTERS, Vondrick, VondrickConfig
from remaster_gui.training.courses import LICENCE, Request
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.film_course import FilmCourse
from remaster_gui.training.hint_samples import HintSettings, view_of
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.recipes import TrainingStage
from remaster_gui.training.rival_samples import TrackMaker, TrackSettings, UserHintSettings, UserMaker
from remaster_gui.training.rival_steps import ClassificationStep, GuidedStep, RestorationStep, TrackingStep
from remaster_gui.training.sources import Batches

_LOOKS = 200
"""Pictures whose colours are clustered."""
_COLORS_OF_EACH = 100
_ROUNDS = 20


class RivalCourse(FilmCourse):
    """One system: which it is says the recipe's configuration."""

    @classmethod
    def opened(cls, request: Request, ranks: Ranks) -> Generator[Update, None, Self]:
        """Open the films; raises `RemasterError` for what cannot be used."""
        course = yield from super().opened(request, ranks)
        if isinstance(course._config, VondrickConfig) and request.init is None:
            yield from course.sources.read_pictures()  # a new network knows their colours
        return course

    @property
    def _config(self) -> RivalConfig:
        config = self.request.recipe.config
        assert not isinstance(config, ModelConfig | PriorConfig)
        return config

    def new_network(self) -> RivalNetwork:
        """Return a network with random weights, or with those that the request names."""
        if self.request.init is None:
            network = build(self._config)
            if isinstance(network, Vondrick):
                network.centres.copy_(common_colors(self.sources.pictures))
        else:
            network = RIVAL_FORMAT.read(self.request.init)
            if network.config != self._config:
                raise WeightsError(
                    f"{self.request.init.name} holds another network than recipe {self.request.recipe.name} trains; "
                    "choose other weights or another recipe."
                )
        network.to(self.ranks.device)
        return in_channels_last(network).train()

    def step(self, network: nn.Module, stage: TrainingStage) -> nn.Module:
        """Return network and objective as one module."""
        match stage.task:
            case "tracking":
                return TrackingStep(network)
            case "classification":
                return ClassificationStep(network)
            case "guided":
                return GuidedStep(network)
            case _:
                return RestorationStep(network, squared=system_of(self._config).name == "dncnn")

    def prepare(
        self, stage: TrainingStage, stop: Callable[[], bool], seconds: float | None
    ) -> Generator[Progress]:
        """See that there is enough to learn from."""
        if isinstance(stage.samples, TrackSettings | UserHintSettings):
            yield from self.sources.read_pictures()
        yield from super().prepare(stage, stop, seconds)

    def open(self, stage: TrainingStage, seed: int, *, alike: bool = False) -> Batches[Any]:
        """Return the batches of a stage."""
        rank, ranks = (0, 1) if alike else (self.ranks.rank, self.ranks.count)
        if isinstance(stage.samples, TrackSettings):
            return TrackMaker(self.sources.pictures, stage.samples, stage.batch, seed, rank, ranks)
        if isinstance(stage.samples, UserHintSettings):
            return UserMaker(self.sources.pictures, stage.samples, stage.batch, seed, rank, ranks)
        return super().open(stage, seed, alike=alike)

    def method(self, network: nn.Module) -> Method:
        """Return the network as a method."""
        return method_of(cast(RivalNetwork, network))

    def save(self, network: nn.Module, path: Path, metrics: Mapping[str, Any], dtype: torch.dtype) -> None:
        """Write weights; raises `StorageError`."""
        RIVAL_FORMAT.save(cast(RivalNetwork, network), path, licence=LICENCE, metrics=metrics, dtype=dtype)

    def read(self, path: Path) -> RivalNetwork:
        """Read weights; raises `WeightsError`."""
        return RIVAL_FORMAT.read(path)


def common_colors(store: PictureStore, count: int = CLUSTERS) -> Tensor:
    """Return the centres ``(count, 2)`` of the clusters (k-means) of the chrominance that pictures hold."""
    rng = np.random.default_rng(21)
    views = HintSettings(64, (64, 96))
    found = []
    for _ in range(_LOOKS):
        chrominance = rgb_to_lab(view_of(store, views, rng))[1:].flatten(1).T
        found.append(chrominance[torch.from_numpy(rng.integers(len(chrominance), size=_COLORS_OF_EACH))])
    colors = torch.cat(found).double().cpu()
    centres = colors[torch.from_numpy(rng.choice(len(colors), count, replace=False))]
    for _ in range(_ROUNDS):
        nearest = torch.cdist(colors, centres).argmin(1)
        for number in range(count):
            if len(members := colors[nearest == number]):
                centres[number] = members.mean(0)
    return centres.float()
