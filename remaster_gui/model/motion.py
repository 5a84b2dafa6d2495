"""Motion between frames, by optical flow, and frames moved along it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

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
    flow = optical_flow(here, other)
    return torch.where(shown(flow), fetched(other, flow), here)


@in_full_precision
def fetched(clip: Tensor, flow: Tensor) -> Tensor:
    """Fetch each pixel of a clip ``(B, T, C, H, W)`` from where `flow` ``(B, T, H, W, 2)`` leads, bilinearly."""
    moved = F.grid_sample(
        clip.flatten(0, 1).float(),
        _places(flow).flatten(0, 1),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    )
    return moved.unflatten(0, clip.shape[:2]).to(clip.dtype)


@in_full_precision
def shown(flow: Tensor) -> Tensor:
    """Say which pixels lie in the picture where `flow` ``(B, T, H, W, 2)`` leads: bool ``(B, T, 1, H, W)``."""
    x, y = _places(flow).abs_().unbind(-1)
    return (torch.maximum(x, y) <= 1 + 2 / max(flow.shape[2:4]))[:, :, None]


def _places(flow: Tensor) -> Tensor:
    """Turn a flow ``(B, T, H, W, 2)`` into places: -1 to 1 from the first to the last column (x) or row (y)."""
    height, width = flow.shape[2:4]
    scale = flow.new_tensor([2 / max(1, width - 1), 2 / max(1, height - 1)])
    rows = torch.arange(height, device=flow.device, dtype=flow.dtype)[:, None].expand(-1, width)
    columns = torch.arange(width, device=flow.device, dtype=flow.dtype).expand(height, -1)
    return torch.addcmul(torch.stack([columns, rows], dim=-1) * scale - 1, flow, scale)


def optical_flow(here: Tensor, other: Tensor) -> Tensor:
    """Estimate where each pixel of `here` ``(B, T, 1, H, W)`` lies in `other`: ``(B, T, H, W, 2)`` pixels (x, y).

    By OpenCV's DIS on the processor, wherever the frames are. Equal frames do not move.
    """
    first, second = (
        (255 * t.detach().flatten(0, 2).float().clamp(0, 1)).round().byte().cpu().numpy()
        for t in (here, other)
    )
    return torch.from_numpy(_dense_inverse_search(first, second)).to(here.device).unflatten(0, here.shape[:2])


def _dense_inverse_search(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Map two films of 8 bits ``(N, H, W)`` to the flow from the first to the second ``(N, H, W, 2)``.

    With as many threads as PyTorch has: beside a GPU one would be what everything waits for.
    """
    flow = np.zeros((*first.shape, 2), np.float32)
    threads = max(1, min(torch.get_num_threads(), len(first)))

    def estimate(start: int) -> None:
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        for index in range(start, len(first), threads):
            if not np.array_equal(first[index], second[index]):
                flow[index] = dense_flow(search, first[index], second[index])

    if threads == 1:
        estimate(0)
    else:
        with ThreadPoolExecutor(threads, "flow") as pool:
            list(pool.map(estimate, range(threads)))
    return flow
