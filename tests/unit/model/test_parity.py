"""The paper configuration computes what the authors' released network computes."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.model import PAPER, RemasterNetwork, load_model
from remaster_gui.model.attention import attention_mass, untokens

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def official(shared: Path) -> Path:
    return shared / "official"


@pytest.fixture(scope="module")
def network(authors_checkpoint: Path) -> RemasterNetwork:
    return load_model(authors_checkpoint, device="cpu")


@pytest.fixture(scope="module")
def golden(official: Path) -> dict[str, np.ndarray]:
    with np.load(official / "golden.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def inputs(official: Path) -> tuple[torch.Tensor, torch.Tensor]:
    frames, references = runpy.run_path(str(official / "make_checkpoint.py"))["golden_inputs"]()
    return torch.from_numpy(frames), torch.from_numpy(references)


@pytest.fixture(scope="module")
def luminance(network: RemasterNetwork, inputs: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    return network.restore(inputs[0])


def _difference(ours: torch.Tensor, theirs: np.ndarray) -> float:
    assert ours.shape == theirs.shape
    return float((ours - torch.from_numpy(theirs)).abs().max())


def test_has_the_size_of_the_paper(network: RemasterNetwork) -> None:
    millions = [
        sum(p.numel() for p in part.parameters()) / 1e6
        for part in (network.restoration, network.colorization)
    ]
    assert network.config == PAPER
    assert millions == pytest.approx([9.88, 54.28], abs=0.03)  # folded: without the normalisations' numbers


def test_restores_like_the_authors(luminance: torch.Tensor, golden: dict[str, np.ndarray]) -> None:
    assert _difference(luminance, golden["luminance"]) < TOLERANCE


@pytest.mark.parametrize(
    ("count", "name"),
    [(0, "chrominance_no_reference"), (1, "chrominance_1_reference"), (3, "chrominance_3_references")],
)
def test_colorizes_like_the_authors(
    network: RemasterNetwork,
    inputs: tuple[torch.Tensor, torch.Tensor],
    luminance: torch.Tensor,
    golden: dict[str, np.ndarray],
    count: int,
    name: str,
) -> None:
    references = inputs[1][:, :count] if count else None
    assert _difference(network.colorize(luminance, references), golden[name]) < TOLERANCE


def test_attends_like_the_authors(
    network: RemasterNetwork,
    inputs: tuple[torch.Tensor, torch.Tensor],
    luminance: torch.Tensor,
    golden: dict[str, np.ndarray],
) -> None:
    features = [network.encode_references(picture) for picture in inputs[1].split(1, dim=1)]
    asked = network.colorization.queries_of(luminance.transpose(1, 2), features, "fine")
    mass = untokens(attention_mass(asked.queries.vectors, asked.sources), asked.features).movedim(2, -1)
    assert _difference(mass, golden["attention_mass_per_reference"]) < TOLERANCE
