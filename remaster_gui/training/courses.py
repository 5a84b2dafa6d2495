"""What a recipe trains: a network, where its samples come from, how it is judged. The loop is the same for all."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from remaster_gui.base.notices import Progress, Update
from remaster_gui.model import ModelConfig
from remaster_gui.model.prior import PriorConfig
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.recipes import Recipe, TrainingStage
from remaster_gui.training.sources import Batches

LICENCE = "Trained on footage whose rights are the user's concern"


@dataclass(frozen=True)
class Request:
    """What to train, from what, into which folder, and within which limits."""

    data: Path | None
    """Folder of films; recipes that learn from photographs alone do without."""
    out: Path
    recipe: Recipe
    resume: bool = False
    init: Path | None = None
    init_restoration: Path | None = None
    """Where the restoration network starts from, if not from `init`: halves may have been trained apart."""
    seconds: float | None = None
    """Time for all stages together, which share it as the recipe says; None: as long as their iterations take."""
    learning_only: bool = False
    """`seconds` are seconds of this process on processors, and only learning counts: neither making samples nor
    measuring. So networks can be compared that were trained beside other work."""
    seed: int = 0
    workers: int = 0
    damage: Path | None = None
    photos: tuple[Path, ...] = ()
    """Packs of photographs to learn colours from, beside the films."""
    cache: Path | None = None
    export: Path | None = None
    """Where the best weights are written to ship (fp16), whatever ends the run."""
    validation_edge: int = 160
    contact_sheets: bool = True
    save_every_seconds: float = 300.0


class Course(Protocol):
    """One sort of network, as the training loop needs it."""

    def new_network(self) -> nn.Module:
        """Return the network that training starts from, on the device, in training mode."""
        ...

    def step(self, network: nn.Module, stage: TrainingStage) -> nn.Module:
        """Return network and objective as one module, batch -> losses by name, of which ``total`` is minimised."""
        ...

    def prepare(
        self, stage: TrainingStage, stop: Callable[[], bool], seconds: float | None
    ) -> Generator[Progress]:
        """See that there is enough to learn from, within a share of `seconds`."""
        ...

    def open(self, stage: TrainingStage, seed: int, *, alike: bool = False) -> Batches[Any]:
        """Return the batches of a stage; `alike`: every rank gets the same ones, not each its share."""
        ...

    def filling(self, stages: tuple[TrainingStage, ...]) -> AbstractContextManager[None]:
        """Let processes make samples of `stages` ahead while a block runs."""
        ...

    def measure(self, network: nn.Module, stage: TrainingStage) -> Mapping[str, float]:
        """Measure on what is held out, in dB by name; the first decides. Empty where nothing is held out."""
        ...

    def picture(self, network: nn.Module, stage: TrainingStage) -> bytes | None:
        """Return a PNG that shows what the network makes of held-out pictures, if there are any."""
        ...

    def save(self, network: nn.Module, path: Path, metrics: Mapping[str, Any], dtype: torch.dtype) -> None:
        """Write weights; raises `StorageError`."""
        ...

    def read(self, path: Path) -> nn.Module:
        """Read weights that `save` wrote; raises `WeightsError`."""
        ...


def open_course(request: Request, ranks: Ranks) -> Generator[Update, None, Course]:
    """Open what a recipe needs; raises `RemasterError` for what cannot be used."""
    from remaster_gui.training.prior_course import PriorCourse
    from remaster_gui.training.remaster_course import RemasterCourse
    from remaster_gui.training.rival_course import RivalCourse

    if isinstance(request.recipe.config, ModelConfig):
        return (yield from RemasterCourse.opened(request, ranks))
    if isinstance(request.recipe.config, PriorConfig):
        return (yield from PriorCourse.opened(request, ranks))
    return (yield from RivalCourse.opened(request, ranks))
