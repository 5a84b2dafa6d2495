"""WDSR: *Wide Activation for Efficient and Accurate Image Super-Resolution* (Yu et al. 2018), without up-sampling.

Residual blocks that are wide before the activation and narrow after it, with weight normalisation instead of batch
normalisation, frame by frame. As the authors' own denoiser does at scale 1, the parallel convolution of the input
becomes the input itself and the pixel shuffle is dropped; for luminance that makes 1.185 M parameters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from remaster_gui.model.config import MOST_WIDTH, scaled
from remaster_gui.model.restoration import LUMINANCE_MEAN

FEATURES = 32
EXPANSION = 4
BLOCKS = 16
_MOST_BLOCKS = 64
_GAIN = 2.0
"""What the gains of weight normalisation start at, before the activation; behind it 1/sqrt(blocks)."""


@dataclass(frozen=True, slots=True)
class WDSRConfig:
    """`width` relative to the paper's channels; `blocks`: residual blocks."""

    width: float = 1.0
    blocks: int = BLOCKS

    def __post_init__(self) -> None:
        if not 0 < self.width <= MOST_WIDTH:
            raise ValueError(f"a width is positive and at most {MOST_WIDTH:g}")
        if not 1 <= self.blocks <= _MOST_BLOCKS:
            raise ValueError(f"a WDSR has 1 to {_MOST_BLOCKS} blocks")


class _Block(nn.Module):
    def __init__(self, features: int, blocks: int) -> None:
        super().__init__()
        self.widen = _convolution(features, EXPANSION * features, _GAIN)
        self.narrow = _convolution(EXPANSION * features, features, 1 / math.sqrt(blocks))

    def forward(self, x: Tensor) -> Tensor:
        return x + cast(Tensor, self.narrow(torch.relu(self.widen(x))))


class WDSR(nn.Module):
    """Head, residual blocks, tail, and the input added at the end (WDSR-A)."""

    def __init__(self, config: WDSRConfig | None = None) -> None:
        """Build the network with random weights; the tail adds nothing at first."""
        super().__init__()
        self.config = config = config or WDSRConfig()
        features = scaled(FEATURES, config.width)
        self.head = _convolution(1, features, 1.0)
        self.body = nn.Sequential(*(_Block(features, config.blocks) for _ in range(config.blocks)))
        self.tail = _convolution(features, 1, 0.0)

    def forward(self, luminance: Tensor) -> Tensor:
        """Restore ``(B, 1, H, W)`` in [0, 1], any size, to the same shape; not cut to that range."""
        features = self.body(self.head(luminance - LUMINANCE_MEAN))
        return luminance + cast(Tensor, self.tail(features))


def _convolution(inputs: int, outputs: int, gain: float) -> nn.Module:
    """Return a 3x3 convolution whose weights have a direction each and a gain, which starts at `gain`."""
    convolution = nn.Conv2d(inputs, outputs, 3, padding=1)
    nn.init.zeros_(cast(Tensor, convolution.bias))
    normed = weight_norm(convolution)
    if not convolution.weight.is_meta:
        with torch.no_grad():
            normed.parametrizations.weight.original0.fill_(gain)
    return normed
