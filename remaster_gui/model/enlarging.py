"""Colour made at a small size and brought to the size of luminance, along its edges, on the device."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

RADIUS = 3
SMOOTHNESS = 1e-3
"""Neighbourhood in pixels, and variance of luminance below which it counts as flat, as where films are composed."""


def size_for(luminance: Tensor, edge: int) -> tuple[int, int]:
    """Return the height and width of a picture ``(..., H, W)`` whose shorter edge is made at most `edge`."""
    height, width = luminance.shape[-2:]
    scale = min(1.0, edge / min(height, width))
    return round(height * scale), round(width * scale)


def shrunk(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """Average a picture ``(N, C, H, W)`` down to ``(N, C, *size)``."""
    if tuple(picture.shape[-2:]) == size:
        return picture
    return F.interpolate(picture, size, mode="bilinear", antialias=True, align_corners=False)


def enlarged(color: Tensor, small: Tensor, luminance: Tensor) -> Tensor:
    """Bring colour ``(N, C, h, w)`` to the size of luminance ``(N, 1, H, W)``, along its edges; `small` is it shrunk.

    The fast guided filter (see `remaster_gui.base.guided`).
    """
    if color.shape[-2:] == luminance.shape[-2:]:
        return color
    slope, offset = lines(color, small, RADIUS, SMOOTHNESS)
    both = torch.cat([slope, offset], dim=1)
    slope, offset = F.interpolate(both, luminance.shape[-2:], mode="bilinear", align_corners=False).chunk(
        2, dim=1
    )
    return slope * luminance + offset


def lines(values: Tensor, luminance: Tensor, radius: int, smoothness: float) -> tuple[Tensor, Tensor]:
    """Fit values ``(N, C, H, W)`` around each pixel as lines of luminance ``(N, 1, H, W)``: slope and offset.

    Neighbours' lines are averaged.
    """
    slope, offset = _fitted(values, luminance, radius, smoothness)
    return _box(slope, radius), _box(offset, radius)


def along_edges(values: Tensor, luminance: Tensor, radius: int, smoothness: float) -> Tensor:
    """Average values ``(N, C, H, W)`` around each pixel over what is on its side of an edge.

    Edges are those of luminance ``(N, 1, H, W)``: the guided filter without its second average, which would blur over
    thin things.
    """
    slope, offset = _fitted(values, luminance, radius, smoothness)
    return slope * luminance + offset


def _fitted(values: Tensor, luminance: Tensor, radius: int, smoothness: float) -> tuple[Tensor, Tensor]:
    mean, value_mean = _box(luminance, radius), _box(values, radius)
    variance = _box(luminance.square(), radius) - mean.square()
    slope = (_box(luminance * values, radius) - mean * value_mean) / (variance + smoothness)
    return slope, value_mean - slope * mean


def _box(picture: Tensor, radius: int) -> Tensor:
    padded = F.pad(picture, (radius,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * radius + 1, 1)
