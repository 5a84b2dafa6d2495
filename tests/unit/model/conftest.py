from __future__ import annotations

import dataclasses

import pytest
import torch

from remaster_gui.model import COMPACT, ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig


def build(config: ModelConfig) -> RemasterNetwork:
    """A network whose every branch matters: random weights and statistics, attention switched on."""
    torch.manual_seed(3)
    network = RemasterNetwork(config)
    for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
        if name.endswith("gamma"):
            torch.nn.init.constant_(tensor, 0.5)
        elif name.endswith("running_mean"):
            torch.nn.init.normal_(tensor, std=0.1)
        elif name.endswith("running_var"):
            torch.nn.init.uniform_(tensor, 0.5, 1.5)
        elif tensor.ndim == 4:
            torch.nn.init.kaiming_normal_(tensor, nonlinearity="linear")
    return network.eval()


TINY_PAPER = ModelConfig(
    "tiny", RestorationConfig(width=1 / 16), ColorizationConfig(width=1 / 16, key_channels=8)
)

TINY_COMPACT = dataclasses.replace(
    COMPACT,
    restoration=dataclasses.replace(COMPACT.restoration, width=1 / 16, shot_tones=False),
    colorization=dataclasses.replace(COMPACT.colorization, width=1 / 16, key_channels=8),
)
CONFIGS = {"paper": TINY_PAPER, "compact": TINY_COMPACT}


@pytest.fixture(params=CONFIGS)
def network(request: pytest.FixtureRequest) -> RemasterNetwork:
    """The topology of the paper at a sixteenth of its width, and the compact one; in the training form."""
    return build(CONFIGS[request.param])


@pytest.fixture
def paper() -> RemasterNetwork:
    return build(TINY_PAPER)


@pytest.fixture
def frames() -> torch.Tensor:
    """Film ``(1, 1, 21, 48, 64)``, of which no place matches two others so equally that rounding chooses."""
    return torch.rand(1, 1, 21, 48, 64, generator=torch.Generator().manual_seed(7))


@pytest.fixture
def references() -> torch.Tensor:
    """Three references ``(1, 3, 3, 64, 48)``."""
    return torch.rand(1, 3, 3, 64, 48, generator=torch.Generator().manual_seed(6))
