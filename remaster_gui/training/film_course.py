"""What the courses share that learn from films: where samples come from, and how a network is judged."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

from torch import nn

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.notices import Notice, Progress, Update
from remaster_gui.evaluation.contact_sheet import ContactSheet
from remaster_gui.evaluation.measuring import Degrade, Measurement
from remaster_gui.evaluation.methods import EvaluationTask, Method
from remaster_gui.evaluation.validation import ValidationClips
from remaster_gui.training.courses import Request
from remaster_gui.training.damage import DamageSplit
from remaster_gui.training.decoded_films import default_folder
from remaster_gui.training.degradation import degrade_clip
from remaster_gui.training.distributed import Ranks
from remaster_gui.training.library import ClipLibrary
from remaster_gui.training.recipes import TrainingStage
from remaster_gui.training.sources import Batches, Sources

_COMPARISONS = {"colorization": ("grey", "copy"), "restoration": ("input",), "remastering": ()}
_SHEET_CLIPS = 4
"""Held-out clips shown on a contact sheet."""

_log = logging.getLogger(__name__)


class FilmCourse:
    """Films to learn from and films to judge by, whatever the network."""

    def __init__(
        self, request: Request, ranks: Ranks, library: ClipLibrary, judging: ValidationClips | None
    ) -> None:
        """Learn from the clips of `library`; None judge where nothing is held out (see `opened`)."""
        self.request, self.ranks, self._clips = request, ranks, judging
        self.sources = Sources(
            library,
            ranks,
            (request.cache or default_folder()) / "samples",
            request.photos,
            request.damage,
            request.workers,
        )
        self._degrade: Degrade = lambda luminance, seed: degrade_clip(
            luminance, seed, split=DamageSplit.EVALUATION, folder=request.damage
        )

    @classmethod
    def opened(cls, request: Request, ranks: Ranks) -> Generator[Update, None, Self]:
        """Open the films; raises `RemasterError` for what cannot be used."""
        if request.data is None:
            raise SettingsError(
                f"Recipe {request.recipe.name} learns from films; name their folder with --data."
            )
        library = yield from ClipLibrary.open(request.data, "train", request.cache)
        judging = (yield from _validation_clips(request.data, request)) if ranks.leads else None
        return cls(request, ranks, library, judging)

    def method(self, network: nn.Module) -> Method:
        """Return the network in training as something that can be measured."""
        raise NotImplementedError

    def prepare(
        self, stage: TrainingStage, stop: Callable[[], bool], seconds: float | None
    ) -> Generator[Progress]:
        """See that there is enough to learn from."""
        yield from self.sources.prepare(stage, stop, seconds)

    def open(self, stage: TrainingStage, seed: int, *, alike: bool = False) -> Batches[Any]:
        """Return the batches of a stage."""
        return self.sources.open(stage, seed, alike=alike)

    def filling(self, stages: tuple[TrainingStage, ...]) -> AbstractContextManager[None]:
        """Let processes make the samples that are stored."""
        return self.sources.filling(stages)

    def measure(self, network: nn.Module, stage: TrainingStage) -> Mapping[str, float]:
        """Return the PSNR of the network, then that of simpler methods."""
        if self._clips is None:
            return {}
        task = _judged_as(stage)
        degrade = None if task == "colorization" else self._degrade
        report = self._clips.report(self.method(network), task, degrade, _COMPARISONS[task])
        return {method: report.mean(method).psnr for method in report.methods}

    def picture(self, network: nn.Module, stage: TrainingStage) -> bytes | None:
        """Return a contact sheet of held-out frames."""
        if self._clips is None:
            return None
        task = _judged_as(stage)
        degrade = None if task == "colorization" else self._degrade
        sheet, method = ContactSheet(), self.method(network)
        for case in self._clips.cases[:_SHEET_CLIPS]:
            measurement = Measurement(case, task, degrade)
            measurement.run("network", method, sheet.begin(measurement)("network"))
        return sheet.to_png()


def _validation_clips(folder: Path, request: Request) -> Generator[Update, None, ValidationClips | None]:
    try:
        library = yield from ClipLibrary.open(folder, "validation", request.cache)
    except SettingsError as error:
        _log.warning("training goes on without validation", exc_info=True)
        yield Notice("warning", f"Training goes on without validation: {error}")
        return None
    return ValidationClips(((clip.name, clip.frames) for clip in library.clips), size=request.validation_edge)


def _judged_as(stage: TrainingStage) -> EvaluationTask:
    match stage.task:
        case "tones" | "restoration":
            return "restoration"
        case "remastering":
            return "remastering"
        case _:
            return "colorization"
