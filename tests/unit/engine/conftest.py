"""A tiny network in inference form, and films served from memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from remaster_gui.base.timebase import FrameRange
from remaster_gui.media import Frame
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig

RATE = Fraction(24)
TINY_PAPER = ModelConfig(
    "tiny", RestorationConfig(width=1 / 16), ColorizationConfig(width=1 / 16, key_channels=8)
)


def shots_from_cuts(cuts: Sequence[int], frame_count: int) -> tuple[FrameRange, ...]:
    """Return the shots between `cuts` (first frames of shots, sorted; 0 may be among them); they cover the film."""
    edges = sorted({0, frame_count, *(cut for cut in cuts if 0 < cut < frame_count)})
    return tuple(FrameRange(start, stop) for start, stop in pairwise(edges))


def _reader(luma: NDArray[np.float32]) -> Callable[[FrameRange], Generator[Frame]]:
    """Serve frames from memory as the session reads them from a film."""

    def read(span: FrameRange) -> Generator[Frame]:
        for index in span:
            yield Frame(index, index / RATE, np.rint(luma[index] * 65535).astype(np.uint16))

    return read


@pytest.fixture
def network() -> RemasterNetwork:
    """A tiny network of the paper's kind, in inference form, in which every part has its say."""
    torch.manual_seed(4)
    network = RemasterNetwork(TINY_PAPER)
    for name, tensor in network.named_parameters():
        if name.endswith("gamma"):
            torch.nn.init.constant_(tensor, 0.5)
        elif tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor, nonlinearity="linear")
    return network.fold()


@pytest.fixture(scope="session")
def reader() -> Callable[..., Callable[[FrameRange], Generator[Frame]]]:
    return _reader
