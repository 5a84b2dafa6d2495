"""What a network is compared with: simple methods, each run on the same input as the network.

A method is a function from a `Problem` to the pictures of its measured frames, in order. What it spends
between two pictures is its time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from remaster_gui.base.arrays import Float, Mask
from remaster_gui.base.color import NEUTRAL, rgb_to_lab
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.flow import FlowEstimator, fetch

EvaluationTask = Literal["colorization", "restoration", "remastering"]


@dataclass(frozen=True, eq=False)
class Problem:
    """What a method is given.

    ``luminance`` ``(T, H, W)`` in [0, 1]: the black-and-white film, damaged unless only colour is missing.
    ``references``: frame index -> clean sRGB ``(H, W, 3)`` in [0, 1]. ``measured``: the ranges to deliver.
    ``covered`` ``(H, W)``: the part that is masked out of all references; None: none.
    """

    task: EvaluationTask
    luminance: Float
    references: Mapping[int, Float]
    measured: tuple[FrameRange, ...]
    covered: Mask | None = None

    def indices(self) -> Iterator[int]:
        """Yield the frames to deliver, in order."""
        for span in self.measured:
            yield from span


@dataclass(frozen=True, eq=False)
class LabPicture:
    """A result on the network's scale: luminance ``(H, W)`` and chrominance ``(H, W, 2)`` (None: grey)."""

    luminance: Float
    chrominance: Float | None = None


Method = Callable[[Problem], Iterator[LabPicture]]

MEDIAN_FRAMES = 3
"""Frames of the temporal median; five blur motion more than they gain (tried on training films)."""

FILTER_STRENGTH = 10.0
"""Strength h of non-local means on the 8-bit scale, the best of 5, 10 and 15 on degraded training films.

An estimate of each film's noise did worse: grain is coarser than the noise that estimators expect.
"""


def unchanged(problem: Problem) -> Iterator[LabPicture]:
    """Deliver the input as it is, in grey."""
    for index in problem.indices():
        yield LabPicture(problem.luminance[index])


def copy(problem: Problem) -> Iterator[LabPicture]:
    """Lay the chrominance of the nearest reference in time over each frame; of two, the earlier one."""
    colors = {index: rgb_to_lab(rgb)[1] for index, rgb in problem.references.items()}
    for index in problem.indices():
        nearest = min(sorted(colors), key=lambda reference: abs(reference - index))
        yield LabPicture(problem.luminance[index], colors[nearest])


def flow(problem: Problem) -> Iterator[LabPicture]:
    """Carry each reference's chrominance along optical flow, both ways, to half-way to the next one."""
    chrominance = _carried(problem.luminance, problem.references)
    for index in problem.indices():
        yield LabPicture(problem.luminance[index], chrominance[index])


def non_local_means(problem: Problem) -> Iterator[LabPicture]:
    """Denoise each frame on its own (Buades et al. 2005)."""
    for index in problem.indices():
        yield LabPicture(_denoised(problem.luminance[index]))


def temporal_median(problem: Problem) -> Iterator[LabPicture]:
    """Take each pixel's median over `MEDIAN_FRAMES` frames of its range: removes what lasts one frame."""
    reach = MEDIAN_FRAMES // 2
    for span in problem.measured:
        for index in span:
            near = np.clip(np.arange(index - reach, index + reach + 1), span.start, span.stop - 1)
            yield LabPicture(np.median(problem.luminance[near], axis=0).astype(np.float32))


def non_local_means_and_flow(problem: Problem) -> Iterator[LabPicture]:
    """Denoise each frame, then carry the references' chrominance along the flow of the denoised film."""
    denoised = np.stack([_denoised(frame) for frame in problem.luminance])
    chrominance = _carried(denoised, problem.references)
    for index in problem.indices():
        yield LabPicture(denoised[index], chrominance[index])


METHODS: Mapping[EvaluationTask, Mapping[str, Method]] = {
    "colorization": {"grey": unchanged, "copy": copy, "flow": flow},
    "restoration": {"input": unchanged, "nlm": non_local_means, "temporal-median": temporal_median},
    "remastering": {"input+grey": unchanged, "nlm+flow": non_local_means_and_flow},
}
"""Comparison methods of each task by the name they have in tables."""

NEED_REFERENCES = frozenset({"copy", "flow", "nlm+flow"})
"""Methods that can do nothing without references."""


def _carried(luminance: Float, references: Mapping[int, Float]) -> Float:
    """Carry chrominance ``(T, H, W, 2)`` from frame to frame, from the nearest reference of each frame."""
    estimator = FlowEstimator()
    count = len(luminance)
    carried = np.full((*luminance.shape, 2), NEUTRAL, np.float32)
    nearest = [min(sorted(references), key=lambda r: abs(r - index)) for index in range(count)]
    for reference, rgb in references.items():
        carried[reference] = rgb_to_lab(rgb)[1]
        for way in (1, -1):
            index = reference + way
            while 0 <= index < count and nearest[index] == reference:
                back = estimator.flow(luminance[index], luminance[index - way])
                carried[index] = fetch(carried[index - way], back)
                index += way
    return carried


def _denoised(luminance: Float) -> Float:
    pixels = np.rint(luminance * 255.0).astype(np.uint8)
    return np.asarray(
        cv2.fastNlMeansDenoising(pixels, None, FILTER_STRENGTH, 7, 21), np.float32
    ) / np.float32(255.0)
