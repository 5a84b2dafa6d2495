"""The systems that the paper compares with as methods: restorers, colourers, and one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from remaster_gui.base.arrays import Float
from remaster_gui.base.color import rgb_to_lab
from remaster_gui.evaluation.methods import LabPicture, Method, Problem
from remaster_gui.model.rivals.dncnn import DnCNN
from remaster_gui.model.rivals.systems import RivalNetwork
from remaster_gui.model.rivals.vondrick import Propagation, Vondrick
from remaster_gui.model.rivals.wdsr import WDSR
from remaster_gui.model.rivals.zhang import Zhang, global_hints


def method_of(network: RivalNetwork) -> Method:
    """Return a system as a method for the task that it does; in training or not, its mode is as before afterwards."""
    if isinstance(network, Vondrick):
        return _Colorer(network, lambda problem: _propagated(network, problem))
    if isinstance(network, Zhang):
        return _Colorer(network, lambda problem: _guided(network, problem))
    return _Restorer(network)


class Remembering:
    """A method that keeps what it made of the last film, for several others that go on from it."""

    def __init__(self, method: Method) -> None:
        self._method = method
        self._film: Float | None = None
        self._pictures: list[LabPicture] = []

    def __call__(self, problem: Problem) -> Iterator[LabPicture]:
        """Yield the pictures of a film; it is the same film if its luminance is the same array."""
        if self._film is not problem.luminance:
            self._pictures = list(self._method(problem))
            self._film = problem.luminance
        yield from self._pictures


def one_after_the_other(restorer: Method, colorer: Method) -> Method:
    """Restore the frames of a problem, then colour what was restored (Table 4 of the paper)."""

    def run(problem: Problem) -> Iterator[LabPicture]:
        restored = np.array(problem.luminance)
        pictures = restorer(replace(problem, task="restoration"))
        for index, picture in zip(problem.indices(), pictures, strict=True):
            restored[index] = picture.luminance
        return colorer(replace(problem, task="colorization", luminance=restored))

    return run


class _Restorer:
    def __init__(self, network: DnCNN | WDSR) -> None:
        self._network = network

    def __call__(self, problem: Problem) -> Iterator[LabPicture]:
        device = _device(self._network)
        for index in problem.indices():
            with _in_use(self._network):
                restored = self._network(_plane(problem.luminance[index], device))
            yield LabPicture(restored[0, 0].clamp(0.0, 1.0).float().cpu().numpy())


class _Colorer:
    def __init__(self, network: nn.Module, colors: Callable[[Problem], Iterable[Tensor]]) -> None:
        self._network, self._colors = network, colors

    def __call__(self, problem: Problem) -> Iterator[LabPicture]:
        colors = iter(self._colors(problem))
        for index in problem.indices():
            with _in_use(self._network):
                chrominance = next(colors)
            plane = np.ascontiguousarray(chrominance[0].permute(1, 2, 0).float().cpu().numpy())
            yield LabPicture(problem.luminance[index], plane)


def _propagated(network: Vondrick, problem: Problem) -> Iterator[Tensor]:
    """Colour each range from frame to frame, from the reference next to its beginning; references replace results."""
    device = _device(network)
    for span in problem.measured:
        propagation = Propagation(network)
        first = problem.references.get(_nearest(problem, span.start))
        if first is not None:
            propagation.remember(_lab(first, device))
        for index in span:
            if index not in problem.references:
                yield propagation.color(_plane(problem.luminance[index], device))
                continue
            luminance, chrominance = _lab(problem.references[index], device)
            propagation.remember((luminance, chrominance))
            yield chrominance


def _guided(network: Zhang, problem: Problem) -> Iterator[Tensor]:
    """Colour each frame for itself, with the histogram and the saturation of the reference next in time."""
    device = _device(network)
    hints = {index: global_hints(*_lab(rgb, device)) for index, rgb in problem.references.items()}
    for index in problem.indices():
        overall = hints[_nearest(problem, index)] if hints else None
        yield network.color_of(_plane(problem.luminance[index], device), overall)


def _nearest(problem: Problem, index: int) -> int:
    """Return the reference next in time, of two the earlier one; -1 where there is none."""
    return min(sorted(problem.references), key=lambda reference: abs(reference - index), default=-1)


def _plane(luminance: Float, device: torch.device) -> Tensor:
    return torch.from_numpy(luminance)[None, None].to(device)


def _lab(rgb: Float, device: torch.device) -> tuple[Tensor, Tensor]:
    luminance, chrominance = rgb_to_lab(rgb)
    return _plane(luminance, device), torch.from_numpy(chrominance).permute(2, 0, 1)[None].to(device)


def _device(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


@contextmanager
def _in_use(network: nn.Module) -> Iterator[None]:
    """Let a network compute as in use; afterwards its mode is as before."""
    training = network.training
    network.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        network.train(training)
