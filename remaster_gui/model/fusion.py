"""Which of several colours a pixel takes: what the attention carries over, at three sizes, or what was fetched.

The statistics that ride along with the attention's values say how chrominance follows luminance within a cell (the idea
of the guided filter). How well the luminance of each source agrees with the film's tells which of the colours to trust;
a small network learns it.
"""

from __future__ import annotations

from typing import NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.blocks import ConvStack, ConvUnit, pool, upsample
from remaster_gui.model.temporal import TemporalContext, join

GUIDE_EPSILON = 3e-3
"""Luminance variance (network's scale) below which chrominance does not follow luminance."""
CANDIDATES = 5
EVIDENCE = 1 + 2 * CANDIDATES + 1 + 2 * 3
"""Channels of what the fusion looks at, its own features aside."""
FUSION_CHANNELS = 32
GAIN = 8.0
_DOUBT = -2.0
"""Logit of the decoder's own colour at first."""


class Statistics(NamedTuple):
    """What rides along with the values of a reference: means over a cell, chrominance about neutral.

    Of L, of ab, of L², of L times ab, of a² + b²: 1, 2, 1, 2 and 1 channels.
    """

    luminance: Tensor
    color: Tensor
    square: Tensor
    product: Tensor
    energy: Tensor

    @staticmethod
    def of(carried: Tensor, dim: int = 2) -> Statistics:
        """Tell apart what `statistics` has joined in dimension `dim`."""
        return Statistics(*carried.split((1, 2, 1, 2, 1), dim))


def statistics(lab: Tensor, factor: int, weights: Tensor | None = None) -> Tensor:
    """Pool Lab ``(B, T, 3, H, W)`` to the statistics of cells of `factor` pixels ``(B, T, 7, h, w)``.

    weights ``(B, T, 1, H, W)``: how much each pixel counts; where none of a cell does, all do alike.
    """
    luminance, color = lab[:, :, :1], lab[:, :, 1:] - NEUTRAL
    parts = [luminance, color, luminance.square(), luminance * color, color.square().sum(2, keepdim=True)]
    joined = torch.cat(parts, dim=2)
    if weights is None:
        return pool(joined, factor)
    counted = pool(weights, factor)
    return torch.where(
        counted > 0, pool(joined * weights, factor) / counted.clamp(min=1e-6), pool(joined, factor)
    )


def spread(carried: Tensor) -> Tensor:
    """Return how much the colours behind carried statistics differ: standard deviation ``(B, T, 1, h, w)``."""
    known = Statistics.of(carried)
    variance = known.energy - known.color.square().sum(2, keepdim=True)
    return variance.clamp(min=1e-8).sqrt()


def guided_color(carried: Tensor, luminance: Tensor, *, smooth: bool) -> Tensor:
    """Let chrominance follow the luminance ``(B, T, 1, H, W)`` as statistics of cells say: ``(B, T, 2, H, W)``.

    `smooth` fits 3x3 cells together, which is robust; without, colour keeps more contrast between cells.
    """
    factor = luminance.shape[-1] // carried.shape[-1]
    flat = carried.flatten(0, 1)
    if smooth:
        flat = F.avg_pool2d(F.pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mean, color, square, product, _ = Statistics.of(flat, dim=1)
    slope = (product - mean * color) / ((square - mean.square()).clamp(min=0) + GUIDE_EPSILON)
    lines = torch.cat([slope, color - slope * mean], dim=1).unflatten(0, carried.shape[:2])
    slope, offset = upsample(lines, factor).split(2, dim=2)
    return slope * luminance + offset


class ColorEvidence(NamedTuple):
    """What `gather_candidates` says of the colours found, at 1/2 size.

    Luminance, the candidates themselves, the misfit of what was fetched; then for what was carried at 1/8, 1/16 and 1/4
    size how far its luminance is off, and how much its colours differ. All but luminance are `GAIN` times as large.
    """

    luminance: Tensor
    candidates: Tensor
    misfit: Tensor
    fine: Tensor
    coarse: Tensor
    quarter: Tensor

    @staticmethod
    def of(evidence: Tensor, dim: int = 2) -> ColorEvidence:
        """Tell apart what `gather_candidates` has joined in dimension `dim`."""
        return ColorEvidence(*evidence.split((1, 2 * CANDIDATES, 1, 2, 2, 2), dim))


class Fusion(nn.Module):
    """Chooses between colours, pixel by pixel, from how well each explains the source.

    One of them is what the decoder thinks of by itself, which has to do where no reference shows the like.
    """

    def __init__(self, channels: int) -> None:
        """Make a fusion that also sees features of `channels` at 1/2 size.

        At first all colours count alike, and the decoder's own little.
        """
        super().__init__()
        self.layers = ConvStack(
            [
                ConvUnit(EVIDENCE + channels, FUSION_CHANNELS),
                ConvUnit(FUSION_CHANNELS, FUSION_CHANNELS),
                ConvUnit(FUSION_CHANNELS, CANDIDATES + 1, plain=True),
            ]
        )
        last = cast(ConvUnit, self.layers[-1]).conv
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            cast(Tensor, last.bias).copy_(torch.tensor([0.0] * CANDIDATES + [_DOUBT]))

    def forward(self, evidence: Tensor, features: Tensor, context: TemporalContext) -> Tensor:
        """Return how much each candidate and, last, the decoder counts: logits ``(B, T, 6, H/2, W/2)``.

        evidence and features ``(B, T, ., H/2, W/2)``.
        """
        return cast(Tensor, self.layers(join([evidence, features], dim=2), context))

    @staticmethod
    def join(candidates: Tensor, logits: Tensor) -> Tensor:
        """Join `candidates` ``(B, T, 10, H, W)``.

        Returns chrominance about neutral and, as the third channel, the share that is left to the decoder
        ``(B, T, 3, H, W)``.
        """
        weights, left = torch.softmax(upsample(logits), dim=2).split([CANDIDATES, 1], dim=2)
        chosen = (candidates.unflatten(2, (CANDIDATES, 2)) * weights[:, :, :, None]).sum(2)
        return join([chosen, left], dim=2)


def gather_candidates(
    luminance: Tensor, fine: Tensor, coarse: Tensor, quarter: Tensor, warped: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the colours to choose from ``(B, T, 10, H, W)`` and the evidence on them ``(B, T, ., H/2, W/2)``.

    luminance ``(B, T, 1, H, W)``; statistics carried at 1/8, 1/16 and 1/4 size; warped Lab at full size.
    """
    candidates = torch.cat(
        [
            guided_color(fine, luminance, smooth=True),
            guided_color(fine, luminance, smooth=False),
            guided_color(quarter, luminance, smooth=True),
            upsample(Statistics.of(coarse).color, 16),
            warped[:, :, 1:],
        ],
        dim=2,
    )
    misfit = (warped[:, :, :1] - luminance).abs()
    own = pool(torch.cat([luminance, GAIN * candidates, GAIN * misfit], dim=2), 2)
    doubts = [
        upsample(doubt(c, luminance), luminance.shape[-1] // c.shape[-1] // 2)
        for c in (fine, coarse, quarter)
    ]
    return candidates, torch.cat([own, *doubts], dim=2)


def doubt(carried: Tensor, luminance: Tensor) -> Tensor:
    """Return by how much the carried luminance misses the source's, and the spread of the carried colour, enlarged."""
    pooled = pool(luminance, luminance.shape[-1] // carried.shape[-1])
    return torch.cat([GAIN * (Statistics.of(carried).luminance - pooled), GAIN * spread(carried)], dim=2)
