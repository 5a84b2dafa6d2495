"""Labels of regions of references, which ride along with their colours by the same matches: mattes by name.

A label is 1 within a region and 0 elsewhere. What a pixel gets of it is what it would get of that region's colour: the
same attention, refined matches, fetched pixels, choice among them, and averaging along the motion. Nothing is learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.blocks import pool, upsample
from remaster_gui.model.fusion import CANDIDATES, GUIDE_EPSILON, Statistics
from remaster_gui.model.precision import in_full_precision

_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class FoundLabels:
    """What was carried of K labels: with statistics at 1/8, 1/16 and 1/4 size ``(B, T, 7 + 2K, h, w)``, and fetched.

    fetched ``(B, T, K, H, W)``.
    """

    fine: Tensor
    coarse: Tensor
    quarter: Tensor
    fetched: Tensor

    @property
    def parts(self) -> tuple[Tensor, ...]:
        """All of them, as the other frames' are joined."""
        return self.fine, self.coarse, self.quarter, self.fetched


@in_full_precision
def label_statistics(labels: Tensor, luminance: Tensor, factor: int, counted: Tensor | None) -> Tensor:
    """Pool labels ``(B, n, K, H, W)`` to cells of `factor` pixels: means and, behind, those of L times them.

    counted ``(B, n, 1, h, w)``: how much of each cell counts, outside of which no label is above 0; None: all.
    """
    pooled = pool(torch.cat([labels, labels * luminance], dim=2), factor)
    if counted is None:
        return pooled
    return torch.where(counted > 0, pooled / counted.clamp(min=_LEAST), torch.zeros_like(pooled)).clamp(
        max=1.0
    )


@in_full_precision
def joined_labels(found: FoundLabels, luminance: Tensor, logits: Tensor) -> Tensor:
    """Return labels ``(B, T, K, H, W)`` in [0, 1], by the shares that the candidates have in the colour.

    luminance ``(B, T, 1, H, W)``, in the references' tones; logits ``(B, T, 6, H/2, W/2)`` of the fusion.
    """
    shares = torch.softmax(upsample(logits)[:, :, :CANDIDATES], dim=2)
    smooth, sharp, quarter, coarse, fetched = shares.split(1, dim=2)
    total = fetched * found.fetched
    total += smooth * _guided(found.fine, luminance, smooth=True)
    total += sharp * _guided(found.fine, luminance, smooth=False)
    total += quarter * _guided(found.quarter, luminance, smooth=True)
    total += coarse * upsample(_split(found.coarse)[1], 16)
    return total.clamp(0.0, 1.0)


def _guided(carried: Tensor, luminance: Tensor, *, smooth: bool) -> Tensor:
    """Let labels follow the luminance as chrominance does, see `fusion.guided_color`."""
    factor = luminance.shape[-1] // carried.shape[-1]
    flat = carried.flatten(0, 1)
    if smooth:
        flat = F.avg_pool2d(F.pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1)
    known, label, product = _split(flat, dim=1)
    mean = known.luminance
    slope = (product - mean * label) / ((known.square - mean.square()).clamp(min=0) + GUIDE_EPSILON)
    lines = torch.cat([slope, label - slope * mean], dim=1).unflatten(0, carried.shape[:2])
    slope, offset = upsample(lines, factor).chunk(2, dim=2)
    return (slope * luminance + offset).clamp(0.0, 1.0)


def _split(carried: Tensor, dim: int = 2) -> tuple[Statistics, Tensor, Tensor]:
    """Tell statistics, labels and their products with luminance apart."""
    known = carried.narrow(dim, 0, 7)
    label, product = carried.narrow(dim, 7, carried.shape[dim] - 7).chunk(2, dim=dim)
    return Statistics.of(known, dim), label, product
