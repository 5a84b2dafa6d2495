"""A tiny network in inference form, and films served from memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine import shipped_weights as places
from remaster_gui.engine.prior_loading import FILLING_NAME
from remaster_gui.engine.shipped_weights import MANIFEST, PRIOR_NAME
from remaster_gui.media import Frame
from remaster_gui.model import (
    COMPACT,
    ColorizationConfig,
    ModelConfig,
    RemasterNetwork,
    RestorationConfig,
    save_network,
    weights_hash,
)
from remaster_gui.model.filling import Confidence
from remaster_gui.model.filling_weights import save_confidence
from remaster_gui.model.prior import ColorPrior, PriorConfig
from remaster_gui.model.prior_weights import PRIOR_FORMAT

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


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Weights of a tiny network that carries colour."""
    torch.manual_seed(0)
    config = COMPACT.changed(["restoration.width=0.03", "colorization.width=0.03"])
    path = tmp_path / "own.safetensors"
    save_network(RemasterNetwork(config), path, licence="", metrics={})
    return path


@pytest.fixture
def shipped(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights that ship: a tiny prior, and what goes with it beside `own`."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    torch.manual_seed(1)
    prior = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (0, 0, 0, 0, 0), (0, 0, 0, 0), 0, bins=2))
    torch.nn.init.normal_(prior.color.weight, std=0.1)
    torch.nn.init.normal_(prior.likely.weight, std=3.0)
    prior.centres.copy_(torch.tensor([[45.0, 20.0], [-30.0, -40.0]]))
    PRIOR_FORMAT.save(prior, folder / PRIOR_NAME, licence="", metrics={})
    save_confidence(Confidence(), folder / FILLING_NAME, weights_hash(own), "")
    monkeypatch.setattr(places, "weights_folder", lambda: folder)
    write_manifest(folder)
    return folder


def write_manifest(folder: Path) -> None:
    entries = {
        path.name: {"sha256": weights_hash(path), "bytes": path.stat().st_size}
        for path in folder.glob("*.safetensors")
    }
    (folder / MANIFEST).write_text(json.dumps(entries))
