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
    return box(F.pad(picture, (radius,) * 4, mode="replicate"), radius)


def box(padded: Tensor, radius: int) -> Tensor:
    """Average pictures ``(N, C, H + 2 r, W + 2 r)`` over the pixels around each one ``(N, C, H, W)``."""
    edge = 2 * radius + 1
    if padded.device.type != "cpu":
        return F.avg_pool2d(padded, edge, 1)
    # A processor's pooling adds up anew for every pixel; sums of sums take an eighth of its time.
    return _sums(_sums(padded, edge, -2), edge, -1) * (1 / edge**2)


def _sums(values: Tensor, count: int, dim: int) -> Tensor:
    """Add up every `count` neighbours along a dimension."""
    total, done, doubled, size = None, 0, values, 1
    length = values.shape[dim] - count + 1
    while done < count:
        if count & size:
            part = doubled.narrow(dim, done, length)
            total = part if total is None else total + part
            done += size
        if 2 * size <= count:
            more = doubled.shape[dim] - size
            doubled = doubled.narrow(dim, 0, more) + doubled.narrow(dim, size, more)
        size *= 2
    assert total is not None
    return total
