"""Optical flow on the device that the frames are on, for all pairs of frames at once.

From coarse to fine, every pixel of a picture moves to where its surroundings fit better (Lucas & Kanade 1981, with the
gradients of the picture that stays, as Baker & Matthews 2004), and what is found is averaged over neighbours, those
that fit best counting most (as Kroeger et al. 2016 join their patches). Brightness that differs does not matter. The
last level is that of half size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.precision import in_full_precision

_FINEST = 1
"""Level of the pyramid at which the search ends: 1 is half size."""
_LEAST_EDGE = 10
"""Shorter edge of the coarsest level, about."""
_ITERATIONS = 6
_REACH = 5
"""Pixels to either side that have to fit."""
_NEIGHBOURS = 4
"""Pixels to either side over which moves are averaged."""
_FLAT = 1e-4
"""Variance of gradients below which nothing moves."""
_LONGEST_STEP = 2.0
_DOUBT = 1e-4
"""Misfit (variance of the difference) that counts like none."""


@torch.no_grad()
@in_full_precision
def search_flow(here: Tensor, other: Tensor) -> Tensor:
    """Estimate where each pixel of `here` ``(N, 1, H, W)`` lies in `other`: ``(N, H, W, 2)`` pixels (x, y).

    Luminance in [0, 1]. Equal frames move by nothing but rounding.
    """
    levels = list(zip(_pyramid(here), _pyramid(other), strict=True))
    flow = torch.zeros_like(here)[..., :1, :1].repeat(1, 2, 1, 1)
    for still, moving in reversed(levels[min(_FINEST, len(levels) - 1) :]):
        flow = _improved(_enlarged(flow, still), still, moving)
    return _enlarged(flow, here).permute(0, 2, 3, 1)


def _pyramid(picture: Tensor) -> list[Tensor]:
    """Return the picture, and pictures of half the size one after another."""
    levels = [picture]
    while min(levels[-1].shape[-2:]) >= 2 * _LEAST_EDGE:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels


def _enlarged(flow: Tensor, like: Tensor) -> Tensor:
    """Bring moves ``(N, 2, h, w)`` to the size of a picture; they grow with it."""
    height, width = like.shape[-2:]
    if flow.shape[-2:] == (height, width):
        return flow
    scale = flow.new_tensor([width / flow.shape[-1], height / flow.shape[-2]]).view(2, 1, 1)
    return F.interpolate(flow, (height, width), mode="bilinear", align_corners=False) * scale


def _improved(flow: Tensor, still: Tensor, moving: Tensor) -> Tensor:
    """Let moves ``(N, 2, h, w)`` from one picture into the other ``(N, 1, h, w)`` fit better."""
    padded = F.pad(still, (1, 1, 1, 1), mode="replicate")
    slopes = 0.5 * torch.cat(
        [padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2], padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]],
        dim=1,
    )
    means = _around(slopes, _REACH)
    products = torch.cat([slopes.square(), slopes[:, :1] * slopes[:, 1:]], dim=1)
    spread = _around(products, _REACH)
    xx, yy = (spread[:, :2] - means.square() + _FLAT).split(1, dim=1)
    xy = spread[:, 2:] - means[:, :1] * means[:, 1:]
    inverse = 1 / (xx * yy - xy.square())
    off, mean, misfit = _misfit(flow, still, moving)
    for _ in range(_ITERATIONS):
        gx, gy = (_around(slopes * off, _REACH) - means * mean).split(1, dim=1)
        step = torch.cat([yy * gx - xy * gy, xx * gy - xy * gx], dim=1) * inverse
        step = step * (_LONGEST_STEP / step.norm(dim=1, keepdim=True).clamp(min=_LONGEST_STEP))
        *_, left = _misfit(flow - step, still, moving)
        flow = torch.where(left < misfit, flow - step, flow)
        trust = 1 / (torch.minimum(left, misfit) + _DOUBT)
        total = _around(torch.cat([flow * trust, trust], dim=1), _NEIGHBOURS)
        flow = total[:, :2] / total[:, 2:]
        off, mean, misfit = _misfit(flow, still, moving)
    return flow


def _misfit(flow: Tensor, still: Tensor, moving: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return what is left between the pictures along the flow, its local mean, and its local variance."""
    height, width = still.shape[-2:]
    rows = torch.arange(height, device=flow.device, dtype=flow.dtype)[:, None]
    columns = torch.arange(width, device=flow.device, dtype=flow.dtype)
    x = 2 * (columns + flow[:, 0]) / max(1, width - 1) - 1
    y = 2 * (rows + flow[:, 1]) / max(1, height - 1) - 1
    places = torch.stack([x, y], dim=-1)
    moved = F.grid_sample(moving, places, mode="bilinear", padding_mode="border", align_corners=True)
    off = moved - still
    both = _around(torch.cat([off, off.square()], dim=1), _REACH)
    mean, square = both.split(1, dim=1)
    return off, mean, (square - mean.square()).clamp(min=0)


def _around(values: Tensor, reach: int) -> Tensor:
    """Average over the square of `reach` pixels to either side."""
    return F.avg_pool2d(F.pad(values, (reach,) * 4, mode="replicate"), 2 * reach + 1, 1)
