"""*Tracking Emerges by Colorizing Videos* (Vondrick, Shrivastava, Fathi, Guadarrama, Murphy, ECCV 2018).

A network learns where in three earlier frames each place of a frame comes from, by having to copy its colour from
there. Every frame passes a ResNet-18 whose strides are reduced so that it ends at 1/8 size; then come five layers over
place and time, and 64 numbers that places are compared by. As in Fig. 3 of the paper that compares with it, it goes
from frame to frame on its own output, which each new reference replaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.config import MOST_WIDTH, scaled
from remaster_gui.model.restoration import LUMINANCE_MEAN

STRIDE = 8
MEMORY = 3
"""Earlier frames that a frame is compared with."""
TEMPERATURE = 0.5
"""What divides similarities in use; in training it is 1."""
CLUSTERS = 16
"""Colours that places are told apart by in training (k-means of ab)."""

_EMBEDDING, _CHANNELS = 64, 256
_DILATIONS = (1, 2, 4, 8, 16)
_STAGES = ((64, 1), (128, 2), (256, 1), (512, 1))
"""Channels and stride of the four parts of the ResNet; stem and pooling reach 1/4 size before them."""


@dataclass(frozen=True, slots=True)
class VondrickConfig:
    """`width` relative to the paper's channels."""

    width: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.width <= MOST_WIDTH:
            raise ValueError(f"a width is positive and at most {MOST_WIDTH:g}")


class _Residual(nn.Module):
    """The basic block of a ResNet (He et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(outputs)
        self.second = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(outputs)
        self.pass_by: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.pass_by = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs)
            )

    def forward(self, x: Tensor) -> Tensor:
        out = torch.relu(self.first_norm(self.first(x)))
        return torch.relu(self.second_norm(self.second(out)) + self.pass_by(x))


class _SpaceTime(nn.Module):
    """A dilated 1x3x3 convolution, then one of 3x1x1 over time, each with normalisation and ReLU.

    Both are written as convolutions of images, the second one over the stacked channels of three frames.
    """

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.space = nn.Conv2d(inputs, outputs, 3, padding=dilation, dilation=dilation, bias=False)
        self.space_norm = nn.BatchNorm2d(outputs)
        self.time = nn.Conv2d(3 * outputs, outputs, 1, bias=False)
        self.time_norm = nn.BatchNorm2d(outputs)

    def forward(self, clip: Tensor) -> Tensor:
        """Map ``(B, T, inputs, h, w)`` to ``(B, T, outputs, h, w)``; beyond the ends there is nothing."""
        x = torch.relu(self.space_norm(self.space(clip.flatten(0, 1)))).unflatten(0, clip.shape[:2])
        nothing = torch.zeros_like(x[:, :1])
        stacked = torch.cat([torch.cat([nothing, x[:, :-1]], 1), x, torch.cat([x[:, 1:], nothing], 1)], dim=2)
        return torch.relu(self.time_norm(self.time(stacked.flatten(0, 1)))).unflatten(0, clip.shape[:2])


class Vondrick(nn.Module):
    """Embeds runs of `MEMORY` + 1 frames so that places with the same colour resemble each other."""

    centres: Tensor
    """Colours ``(CLUSTERS, 2)`` that training tells apart, on the network's scale."""

    def __init__(self, config: VondrickConfig | None = None) -> None:
        """Build the network with random weights."""
        super().__init__()
        self.config = config = config or VondrickConfig()
        self.register_buffer("centres", torch.zeros(CLUSTERS, 2))
        widths = [scaled(channels, config.width) for channels, _ in _STAGES]
        self.stem = nn.Conv2d(1, widths[0], 7, 2, 3, bias=False)
        self.stem_norm = nn.BatchNorm2d(widths[0])
        blocks: list[nn.Module] = []
        before = widths[0]
        for width, (_, stride) in zip(widths, _STAGES, strict=True):
            blocks += [_Residual(before, width, stride), _Residual(width, width, 1)]
            before = width
        self.blocks = nn.Sequential(*blocks)
        channels = scaled(_CHANNELS, config.width)
        self.layers = nn.Sequential(
            *(_SpaceTime(channels if n else before + 2, channels, d) for n, d in enumerate(_DILATIONS))
        )
        self.embedding = nn.Conv2d(channels, _EMBEDDING, 1)

    def features(self, luminance: Tensor) -> Tensor:
        """Look at frames ``(B, 1, H, W)`` in [0, 1], each for itself; returns ``(B, C, H/8, W/8)``.

        H and W are multiples of `STRIDE`. The last two channels are the place, x and y in [-1, 1].
        """
        x = torch.relu(self.stem_norm(self.stem(luminance - LUMINANCE_MEAN)))
        x = self.blocks(F.max_pool2d(x, 3, 2, 1))
        rows = torch.linspace(-1, 1, x.shape[-2], device=x.device, dtype=x.dtype)
        columns = torch.linspace(-1, 1, x.shape[-1], device=x.device, dtype=x.dtype)
        place = torch.stack(torch.meshgrid(rows, columns, indexing="ij")[::-1])
        return torch.cat([x, place.expand(len(x), -1, -1, -1)], dim=1)

    def embed(self, features: Tensor) -> Tensor:
        """Turn features ``(B, T, C, h, w)`` of neighbouring frames into embeddings ``(B, T, 64, h, w)``."""
        clip = self.layers(features)
        return cast(Tensor, self.embedding(clip.flatten(0, 1))).unflatten(0, features.shape[:2])

    def forward(self, luminance: Tensor) -> Tensor:
        """Embed clips ``(B, MEMORY + 1, 1, H, W)``: ``(B, MEMORY + 1, 64, H/8, W/8)``, the frame to colour last."""
        return self.embed(self.features(luminance.flatten(0, 1)).unflatten(0, luminance.shape[:2]))

    def copy(self, embeddings: Tensor, colors: Tensor, temperature: float = TEMPERATURE) -> Tensor:
        """Copy what earlier frames hold, ``(B, MEMORY, c, h, w)``, to the last frame: ``(B, c, h, w)``.

        embeddings ``(B, MEMORY + 1, 64, h, w)``; every place gets the mean under its attention to all places of all
        earlier frames.
        """
        height, width = embeddings.shape[-2:]
        queries = embeddings[:, -1].flatten(2).transpose(1, 2)
        keys = embeddings[:, :-1].permute(0, 1, 3, 4, 2).reshape(len(queries), -1, _EMBEDDING)
        values = colors.permute(0, 1, 3, 4, 2).reshape(len(queries), -1, colors.shape[2])
        attention = torch.softmax(queries @ keys.transpose(1, 2) / temperature, dim=-1)
        found = attention.to(values.dtype) @ values
        return found.transpose(1, 2).unflatten(2, (height, width))


def small(chrominance: Tensor) -> Tensor:
    """Average chrominance ``(B, 2, H, W)`` over the cells that are compared: ``(B, 2, H/8, W/8)``."""
    return F.avg_pool2d(chrominance, STRIDE)


class Propagation:
    """Colours a shot frame by frame: what it remembers are references and its own last results.

    Not thread-safe. All tensors are on the network's device.
    """

    def __init__(self, network: Vondrick) -> None:
        self._network = network
        self._seen: list[tuple[Tensor, Tensor]] = []  # features and colours of the last frames, latest last

    @torch.no_grad()
    def remember(self, *references: tuple[Tensor, Tensor]) -> None:
        """Take in frames whose colours are known: luminance ``(1, 1, H, W)`` and chrominance ``(1, 2, H, W)`` of each.

        They replace what was made up before: after a reference nothing older counts.
        """
        self._seen = [
            (self._network.features(_padded(luminance)), small(_padded(chrominance)))
            for luminance, chrominance in references
        ]

    @torch.no_grad()
    def color(self, luminance: Tensor) -> Tensor:
        """Return the chrominance ``(1, 2, H, W)`` of the next frame ``(1, 1, H, W)``; neutral if nothing is known."""
        size = (luminance.shape[-2], luminance.shape[-1])
        if not self._seen:
            return luminance.new_full((1, 2, *size), NEUTRAL)
        padded = _padded(luminance)
        features = self._network.features(padded)
        known = [self._seen[0]] * (MEMORY - len(self._seen)) + self._seen
        embeddings = self._network.embed(torch.stack([*(f for f, _ in known), features], dim=1))
        found = self._network.copy(embeddings, torch.stack([colors for _, colors in known], dim=1))
        self._seen = [*self._seen, (features, found)][-MEMORY:]
        enlarged = F.interpolate(found, size=padded.shape[-2:], mode="bilinear", align_corners=False)
        return enlarged[..., : size[0], : size[1]].clamp(0.0, 1.0)


def _padded(planes: Tensor) -> Tensor:
    return F.pad(planes, (0, -planes.shape[-1] % STRIDE, 0, -planes.shape[-2] % STRIDE), mode="replicate")
