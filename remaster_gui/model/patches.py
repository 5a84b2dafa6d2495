"""Luminance patches as keys: they match what looks the same before anything has been learned.

A patch is described by the lowest coefficients of its cosine transform, without the constant one, divided by the
length of the whole zero-mean patch: brightness and contrast drop out, and the dot product of two descriptions is close
to the normalised correlation of the patches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.temporal import join

FLAT = 0.02
"""Patches whose deviation from their mean is shorter than this count as (almost) flat: noise must not match."""


@dataclass(frozen=True, slots=True)
class PatchWindow:
    """How patches are cut from luminance averaged over `shrink` pixels: `edge` samples, `step` samples apart.

    `stride` is the distance between neighbouring patches and `border` what is mirrored around the picture, both in
    samples of the shrunk picture.
    """

    shrink: int
    edge: int
    stride: int
    border: int
    step: int = 1


EIGHTH = (
    PatchWindow(shrink=2, edge=8, stride=4, border=2),
    PatchWindow(shrink=4, edge=8, stride=2, border=3),
    PatchWindow(shrink=8, edge=7, stride=1, border=3),
    PatchWindow(shrink=8, edge=7, stride=1, border=6, step=2),
)
"""Patches around every 8th pixel, 16 to 104 pixels wide. An even stride has its centre between samples: edges of 8."""

QUARTER = (
    PatchWindow(shrink=1, edge=8, stride=4, border=2),
    PatchWindow(shrink=2, edge=8, stride=2, border=3),
    PatchWindow(shrink=4, edge=7, stride=1, border=3),
)
"""Patches around every 4th pixel, 8 to 28 pixels wide."""


@lru_cache(16)
def _cosine_basis(edge: int, count: int) -> Tensor:
    """Return the `count` lowest functions of the 2-D cosine transform but the constant: ``(count, 1, edge, edge)``."""
    k = torch.arange(edge, dtype=torch.float64, device="cpu")
    waves = torch.cos(math.pi * (k + 0.5) * k[:, None] / edge)
    waves = waves / waves.norm(dim=1, keepdim=True)
    pairs = sorted(
        ((i, j) for i in range(edge) for j in range(edge)), key=lambda p: (p[0] ** 2 + p[1] ** 2, p)
    )
    return torch.stack([torch.outer(waves[i], waves[j]) for i, j in pairs[1 : count + 1]])[:, None].float()


class PatchDescriptor(nn.Module):
    """Describes the patches around every position of a grid at several scales."""

    def __init__(self, windows: tuple[PatchWindow, ...], channels: int) -> None:
        """Describe each window's patches by `channels` numbers."""
        super().__init__()
        self.windows = windows
        for index, window in enumerate(windows):
            basis = _cosine_basis(window.edge, channels).clone()
            self.register_buffer(f"basis{index}", basis, persistent=False)

    @in_full_precision
    def forward(self, luminance: Tensor, shrink: int = 1) -> list[Tensor]:
        """Map luminance ``(B, T, 1, H, W)`` to a clip of descriptions ``(B, T, channels, h, w)`` for each window.

        The picture is averaged over squares of `shrink` first, which makes the grid and the patches so much coarser.
        """
        flat = luminance.flatten(0, 1)
        flat = F.avg_pool2d(flat, shrink) if shrink > 1 else flat
        return [
            self._describe(flat, window, getattr(self, f"basis{index}")).unflatten(0, luminance.shape[:2])
            for index, window in enumerate(self.windows)
        ]

    @staticmethod
    def _describe(image: Tensor, window: PatchWindow, basis: Tensor) -> Tensor:
        image = F.avg_pool2d(image, window.shrink) if window.shrink > 1 else image
        image = F.pad(image, (window.border,) * 4, mode="replicate")
        # Low luminance variance is the difference of large numbers: take a constant off first.
        image = image - 0.5
        waves = F.conv2d(image, basis, stride=window.stride, dilation=window.step)
        count = window.edge**2
        # Sums over patches as one convolution: pooling has no dilation.
        ones = torch.ones_like(basis[:1])
        both = torch.cat([image, image.square()], dim=1)
        sums = F.conv2d(
            both, ones.expand(2, -1, -1, -1), stride=window.stride, dilation=window.step, groups=2
        )
        energy = sums[:, 1:] - sums[:, :1].square() / count
        return waves / energy.clamp(min=FLAT**2).sqrt()


def scaled_descriptions(descriptions: list[Tensor], log_scales: Tensor) -> Tensor:
    """Join descriptions along channels; each side of a comparison carries the square root of every window's scale."""
    factors = (0.5 * log_scales).exp().unbind()
    return join([d * s for d, s in zip(descriptions, factors, strict=True)], dim=2)
