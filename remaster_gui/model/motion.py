"""Motion between frames, by optical flow, and frames moved along it."""

from __future__ import annotations

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.model.flow import search_flow
from remaster_gui.model.precision import in_full_precision

_FLOW_EDGE = 32
"""Shortest edge with which OpenCV's search works on pictures of every shape; on smaller ones it fails or crashes."""


def dense_flow(
    search: cv2.DISOpticalFlow, here: NDArray[np.uint8], other: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Estimate where each pixel of `here` ``(H, W)`` lies in `other`: ``(H, W, 2)`` pixels (x, y), of any size."""
    height, width = here.shape
    below, right = max(0, _FLOW_EDGE - height), max(0, _FLOW_EDGE - width)
    if below or right:
        here, other = (np.pad(each, ((0, below), (0, right)), mode="edge") for each in (here, other))
    flow = np.asarray(search.calc(here, other, None), np.float32)  # type: ignore[call-overload]
    return flow[:height, :width]


@torch.no_grad()
def registered(here: Tensor, other: Tensor) -> Tensor:
    """Move the frames `other` ``(B, T, 1, H, W)`` to where the frames `here` show the same, without gradient.

    What has no counterpart in `other`, because it has just come into the picture, stays as it is in `here`.
    """
    moved, shown = fetched(other, optical_flow(here, other))
    return torch.where(shown, moved, here)


@in_full_precision
def fetched(clip: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Fetch each pixel of a clip ``(B, T, C, H, W)`` from where `flow` ``(B, T, H, W, 2)`` leads, bilinearly.

    Also says which pixels lie in the picture there: bool ``(B, T, 1, H, W)``.
    """
    height, width = clip.shape[-2:]
    rows = torch.arange(height, device=clip.device, dtype=torch.float32)[:, None]
    columns = torch.arange(width, device=clip.device, dtype=torch.float32)
    x = 2 * (columns + flow[..., 0]) / max(1, width - 1) - 1
    y = 2 * (rows + flow[..., 1]) / max(1, height - 1) - 1
    places = torch.stack([x, y], dim=-1)
    moved = F.grid_sample(
        clip.flatten(0, 1).float(),
        places.flatten(0, 1),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    )
    shown = (places.abs() <= 1 + 2 / max(height, width)).all(-1)[:, :, None]
    return moved.unflatten(0, clip.shape[:2]).to(clip.dtype), shown


def optical_flow(here: Tensor, other: Tensor) -> Tensor:
    """Estimate where each pixel of `here` ``(B, T, 1, H, W)`` lies in `other`: ``(B, T, H, W, 2)`` pixels (x, y).

    By OpenCV's DIS on a processor, by `search_flow` elsewhere, for which one core could not keep up. Equal frames do
    not move, but for rounding.
    """
    first, second = (t.detach().flatten(0, 1).float().clamp(0, 1) for t in (here, other))
    if here.device.type == "cpu":
        flow = torch.from_numpy(
            _dense_inverse_search(*((255 * t[:, 0]).round().byte().numpy() for t in (first, second)))
        )
    else:
        flow = search_flow(first, second)
    return flow.unflatten(0, here.shape[:2])


def _dense_inverse_search(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Map two films of 8 bits ``(N, H, W)`` to the flow from the first to the second ``(N, H, W, 2)``."""
    flow = np.zeros((*first.shape, 2), np.float32)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    for index, (one, two) in enumerate(zip(first, second, strict=True)):
        if not np.array_equal(one, two):
            flow[index] = dense_flow(search, one, two)
    return flow
