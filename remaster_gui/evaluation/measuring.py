"""Runs methods over cases and measures what they deliver, frame by frame."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import EllipsisType

import numpy as np

from remaster_gui.base.arrays import Float, Mask
from remaster_gui.base.color import NEUTRAL, lab_to_rgb
from remaster_gui.base.notices import Progress
from remaster_gui.engine.rate_meter import RateMeter
from remaster_gui.evaluation.edges import moving_color_edges
from remaster_gui.evaluation.flow import FlowEstimator, FlowStep
from remaster_gui.evaluation.methods import EvaluationTask, LabPicture, Method, Problem
from remaster_gui.evaluation.metrics import (
    ColorConsistency,
    SquaredError,
    colorfulness,
    detail_kept,
    sharpness,
    ssim,
)
from remaster_gui.evaluation.protocols import Case

Degrade = Callable[[Float, int], Float]
"""Makes an old film of clean luminance ``(T, H, W)`` in [0, 1]; the same seed gives the same damage."""

CHROMINANCE_UNITS = 255.0
LUMINANCE_UNITS = 100.0
"""From the network's scale to units of Lab, in which flicker is given."""


@dataclass(frozen=True)
class Row:
    """What one method reached on one clip.

    ``psnr`` in dB and ``ssim`` over the planes that the task is judged by: chrominance for colourisation,
    luminance for restoration, all three for remastering (Sec. 5.1); where parts of the references are covered,
    PSNR is over what only shows there. ``flicker``: mean absolute change along
    optical flow in units of Lab, of chrominance (of luminance for restoration). ``colorfulness``: Hasler and
    Suesstrunk 2003. ``cdc``: see `ColorConsistency`; 0 for what has no colours. ``detail``: share of the true
    luminance's detail that is left, and ``sharpness``: see `metrics`; both where luminance is judged, else 1.
    ``edges``: PSNR of chrominance around moving edges of colour (`moving_color_edges`), where colours bleed; not a
    number where a film has none, or no colours are judged.
    """

    clip: str
    method: str
    frames: int
    references: int
    psnr: float
    ssim: float
    flicker: float
    colorfulness: float
    ms_per_frame: float
    cdc: float = 0.0
    detail: float = 1.0
    edges: float = math.nan
    sharpness: float = 1.0


class RunCount:
    """How far an evaluation is, in runs of a method over a clip."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._rate = total, 0, 0.0
        self._meter = RateMeter()

    def begins(self, what: str) -> Progress:
        """Return what is to be said before a run; `what` names it."""
        return Progress(self._done, self._total, self._rate, what, "runs")

    def ended(self, count: int = 1) -> None:
        """Count runs that are done, or need not be."""
        self._done += count
        self._rate = self._meter.rate(count)


@dataclass(frozen=True)
class Report:
    """All rows of one run, clip by clip; the measures of the true films; and what is to be said with them."""

    task: EvaluationTask
    rows: tuple[Row, ...]
    truth: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    judged: str = "all pixels of a clip"
    """What PSNR is over."""

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods in the order they were run."""
        return tuple(dict.fromkeys(row.method for row in self.rows))

    @property
    def true_mean(self) -> Row:
        """Mean of the true films themselves: their flicker along the same motion, their colourfulness."""
        return mean_row(self.truth)

    def mean(self, method: str) -> Row:
        """Mean of each measure over the clips; `frames` and `references` are totals."""
        return mean_row([row for row in self.rows if row.method == method])


_MEASURES = (
    "psnr", "ssim", "flicker", "colorfulness", "ms_per_frame", "cdc", "detail", "edges", "sharpness",
)  # fmt: skip


def mean_row(rows: Sequence[Row]) -> Row:
    """Mean over the clips of one method, at least one; `frames` and `references` are totals."""

    def average(name: str) -> float:
        values = [value for row in rows if not math.isnan(value := getattr(row, name))]
        return float(np.mean(values)) if values else math.nan

    return Row(
        "mean",
        rows[0].method,
        sum(row.frames for row in rows),
        sum(row.references for row in rows),
        *(average(name) for name in _MEASURES),
    )


class Measurement:
    """One case made ready: the problem that methods see, and the truth that they do not see.

    Keeps the damaged luminance and the motion of the truth for all methods.
    """

    def __init__(self, case: Case, task: EvaluationTask, degrade: Degrade | None = None) -> None:
        """`degrade` is needed for restoration and remastering."""
        self.case = case
        luminance = case.shown_luminance
        if task != "colorization":
            if degrade is None:
                raise ValueError(f"{task} needs a degradation")
            luminance = degrade(luminance, case.seed)
        shown = case.references if task != "restoration" else ()
        references = {index: case.reference(index) for index in shown}
        self.problem = Problem(task, luminance, references, case.measured, case.covered)
        self._estimator = FlowEstimator()
        self._steps: dict[int, FlowStep] = {}
        self._unseen: list[Mask] = [] if case.covered is None else [case.covered]

    def run(self, name: str, method: Method, keep: Callable[[int, LabPicture], None] | None = None) -> Row:
        """Run one method and measure it; `keep` is handed each measured frame's index and result."""
        error, at_edges = SquaredError(), SquaredError()
        similarity: list[float] = []
        details: list[tuple[float, float]] = []
        colors: list[float] = []
        changes: list[float] = []
        consistency = ColorConsistency()
        spent = 0.0
        pictures = method(self.problem)
        for span in self.case.measured:
            before: Float | None = None
            consistency.begin_shot()
            for index in span:
                began = time.perf_counter()
                picture = next(pictures)
                spent += time.perf_counter() - began
                for result, truth in zip(
                    self._planes(picture), self._planes(self._truth(index)), strict=True
                ):
                    error.add(*(each[self._judged(index)] for each in (result, truth)))
                    similarity.append(ssim(result, truth))
                if self.problem.task != "colorization":
                    planes = picture.luminance, self._truth(index).luminance
                    details.append((detail_kept(*planes), sharpness(*planes)))
                if picture.chrominance is not None:
                    rgb = lab_to_rgb(picture.luminance, picture.chrominance)
                    consistency.add(rgb)
                colors.append(0.0 if picture.chrominance is None else colorfulness(rgb))
                flickering = self._flickering(picture)
                if before is not None:
                    changes.append(self._step(index).change(before, flickering))
                    self._add_edges(at_edges, index, picture)
                before = flickering
                if keep:
                    keep(index, picture)
        detail, sharp = (float(each) for each in np.mean(details or [(1.0, 1.0)], axis=0))
        return Row(
            self.case.name,
            name,
            self.case.measured_count,
            len(self.problem.references),
            error.psnr,
            float(np.mean(similarity)),
            float(np.mean(changes)) if changes else 0.0,
            float(np.mean(colors)),
            1000.0 * spent / self.case.measured_count,
            consistency.value,
            detail,
            at_edges.psnr if at_edges.count else math.nan,
            sharp,
        )

    def run_truth(self) -> Row:
        """Measure the true film itself: how much it flickers along the same motion, how colourful it is."""
        return self.run("truth", lambda problem: (self._truth(index) for index in problem.indices()))

    def _add_edges(self, error: SquaredError, index: int, picture: LabPicture) -> None:
        """Add what a picture is off around moving edges of colour; its frame follows on the one before."""
        if self.problem.task != "restoration":
            truth = self.case.chrominance(index)
            around = moving_color_edges(truth, self._step(index).speed)
            error.add(_chrominance(picture)[around], truth[around])

    def _truth(self, index: int) -> LabPicture:
        colored = self.problem.task != "restoration"
        return LabPicture(self.case.luminance[index], self.case.chrominance(index) if colored else None)

    def _planes(self, picture: LabPicture) -> Iterator[Float]:
        """Yield the planes ``(H, W)`` that the task is judged by (Sec. 5.1)."""
        if self.problem.task != "colorization":
            yield picture.luminance
        if self.problem.task != "restoration":
            chrominance = _chrominance(picture)
            yield chrominance[..., 0]
            yield chrominance[..., 1]

    def _flickering(self, picture: LabPicture) -> Float:
        """Return what may not change along the motion, in units of Lab."""
        if self.problem.task == "restoration":
            return picture.luminance * np.float32(LUMINANCE_UNITS)
        return _chrominance(picture) * np.float32(CHROMINANCE_UNITS)

    def _judged(self, index: int) -> Mask | EllipsisType:
        """Return the pixels of a frame whose error counts: all, or what only shows where references are covered."""
        if not self._unseen:
            return ...
        while len(self._unseen) <= index:
            self._unseen.append(self._step(len(self._unseen)).followed(self._unseen[-1]))
        return self._unseen[index]

    def _step(self, index: int) -> FlowStep:
        """Motion of the true film from the frame before to frame `index`."""
        if index not in self._steps:
            luminance = self.case.luminance
            self._steps[index] = FlowStep(luminance[index - 1], luminance[index], self._estimator)
        return self._steps[index]


def _chrominance(picture: LabPicture) -> Float:
    if picture.chrominance is None:
        return np.full((*picture.luminance.shape, 2), NEUTRAL, np.float32)
    return picture.chrominance
