"""DnCNN: *Beyond a Gaussian Denoiser* (K. Zhang, Zuo, Chen, Meng, L. Zhang, IEEE TIP 2017).

The paper that compares with it calls it "Zhang et al. 2017b". A plain stack of 3x3 convolutions predicts what to take
away from the picture, frame by frame. The *blind* model, for mixed damage of unknown strength, has 20 layers of 64
channels (667 k parameters), the one for a known strength 17 (556 k).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn

from remaster_gui.model.config import MOST_WIDTH, scaled

CHANNELS = 64
BLIND_LAYERS = 20
_MOST_LAYERS = 64


@dataclass(frozen=True, slots=True)
class DnCNNConfig:
    """`width` relative to the paper's channels; `layers`: convolutions in all."""

    width: float = 1.0
    layers: int = BLIND_LAYERS

    def __post_init__(self) -> None:
        if not 0 < self.width <= MOST_WIDTH:
            raise ValueError(f"a width is positive and at most {MOST_WIDTH:g}")
        if not 2 <= self.layers <= _MOST_LAYERS:
            raise ValueError(f"a DnCNN has 2 to {_MOST_LAYERS} layers")


class DnCNN(nn.Module):
    """Convolution and ReLU, then convolution, normalisation and ReLU, then one more convolution (its Fig. 1)."""

    def __init__(self, config: DnCNNConfig | None = None) -> None:
        """Build the network with random weights; the last layer takes nothing away at first."""
        super().__init__()
        self.config = config = config or DnCNNConfig()
        channels = scaled(CHANNELS, config.width)
        layers: list[nn.Module] = [nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(inplace=True)]
        for _ in range(config.layers - 2):
            layers += [
                nn.Conv2d(channels, channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
        layers.append(nn.Conv2d(channels, 1, 3, padding=1))
        self.layers = nn.Sequential(*layers)
        if not layers[0].weight.is_meta:  # there is nothing to begin with
            self._start()

    def forward(self, luminance: Tensor) -> Tensor:
        """Restore ``(B, 1, H, W)`` in [0, 1], any size, to the same shape; not cut to that range."""
        return luminance - cast(Tensor, self.layers(luminance))

    def _start(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        for parameter in self.layers[-1].parameters():
            nn.init.zeros_(parameter)
