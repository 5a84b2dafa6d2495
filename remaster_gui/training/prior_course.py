"""Training of the colour prior from photographs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, cast

import torch
from torch import nn

from remaster_gui.base.arrays import Bytes
from remaster_gui.base.errors import SettingsError, WeightsError
from remaster_gui.base.notices import Progress, complete
from remaster_gui.evaluation.hints import measure_hints
from remaster_gui.media.photo_packs import PhotoPack
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT
from remaster_gui.training.courses import LICENCE, Request
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.hint_samples import (
    HintBatch,
    HintMaker,
    HintSettings,
    HintStep,
    likely_colors,
)
from remaster_gui.training.losses import multiplies_bfloat16
from remaster_gui.training.picture_store import PictureStore
from remaster_gui.training.recipes import TrainingStage
from remaster_gui.training.sources import Batches

HELD_OUT = 60
"""Photographs of the last pack that are measured on, and never learned from."""
_JUDGES = ("none", "palette", "5 strokes", "carried")
"""Trials whose mean decides which weights are kept."""


class PriorCourse:
    """The prior learns from photographs alone."""

    def __init__(self, request: Request, ranks: Ranks, store: PictureStore, held_out: list[Bytes]) -> None:
        """Learn from the photographs of `store`; those `held_out` judge (see `opened`)."""
        self._request, self._ranks, self._store, self._held_out = request, ranks, store, held_out
        self._network: ColorPrior | None = None

    @classmethod
    def opened(cls, request: Request, ranks: Ranks) -> Generator[Progress, None, Self]:
        """Read the photographs; raises `RemasterError` for what cannot be used."""
        if not request.photos:
            raise SettingsError("The prior learns from photographs; name packs of them with --photos.")
        packs = [PhotoPack(path) for path in request.photos]
        first = len(packs[-1]) - min(HELD_OUT, len(packs[-1]) // 4)
        held_out = list(packs[-1].pictures(range(first, len(packs[-1]))))
        store = yield from PictureStore.read((), packs, ranks.device, last=first)
        return cls(request, ranks, store, held_out)

    def new_network(self) -> ColorPrior:
        """Return a prior with random weights and the colours of these photographs, or the one to start from."""
        config = self._request.recipe.config
        assert isinstance(config, PriorConfig)
        if self._request.init is not None:
            prior = PRIOR_FORMAT.read(self._request.init)
            if replace(prior.config, bins=config.bins) != config:
                raise WeightsError(
                    f"{self._request.init.name} is a prior of another shape than recipe "
                    f"{self._request.recipe.name} trains; choose other weights."
                )
        else:
            colors = likely_colors(self._store)
            prior = ColorPrior(replace(config, bins=len(colors)))
            prior.centres.copy_(colors)
        prior.to(self._ranks.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network = prior.train()
        return prior

    def step(self, network: nn.Module, stage: TrainingStage) -> HintStep:
        """Return prior and objective as one module."""
        mixed = multiplies_bfloat16(self._ranks.device.type)
        return HintStep(cast(ColorPrior, network), self._store, _settings(stage), mixed=mixed)

    def prepare(
        self, stage: TrainingStage, stop: Callable[[], bool], seconds: float | None
    ) -> Generator[Progress]:
        """Nothing has to be made ahead."""
        yield from ()

    def open(self, stage: TrainingStage, seed: int, *, alike: bool = False) -> Batches[HintBatch]:
        """Return the batches of a stage."""
        assert self._network is not None
        rank, ranks = (0, 1) if alike else (self._ranks.rank, self._ranks.count)
        return HintMaker(self._store, self._network, _settings(stage), stage.batch, seed, rank, ranks)

    def filling(self, stages: tuple[TrainingStage, ...]) -> AbstractContextManager[None]:
        """Let nothing be made ahead."""
        return nullcontext()

    def measure(self, network: nn.Module, stage: TrainingStage) -> Mapping[str, float]:
        """Return the mean PSNR over the trials that decide, then that of every trial of the prior alone."""
        prior = cast(ColorPrior, network)
        was_training = prior.training
        count = len(self._held_out)
        report, _ = complete(measure_hints(prior.eval(), self._held_out, count, as_painted=False))
        prior.train(was_training)
        reached = {row.hints: row.psnr for row in report.rows}
        return {"prior": sum(reached[name] for name in _JUDGES) / len(_JUDGES), **reached}

    def picture(self, network: nn.Module, stage: TrainingStage) -> bytes | None:
        """Show nothing: `evaluate --task hints` does."""
        return None

    def save(self, network: nn.Module, path: Path, metrics: Mapping[str, Any], dtype: torch.dtype) -> None:
        """Write weights; raises `StorageError`."""
        PRIOR_FORMAT.save(cast(ColorPrior, network), path, licence=LICENCE, metrics=metrics, dtype=dtype)

    def read(self, path: Path) -> ColorPrior:
        """Read weights; raises `WeightsError`."""
        return PRIOR_FORMAT.read(path)


def _settings(stage: TrainingStage) -> HintSettings:
    assert isinstance(stage.samples, HintSettings)
    return stage.samples
