"""Motion between frames, by optical flow, and frames moved along it.

Every device sees the same motion, by OpenCV's dense inverse search on the processor. A search of the same kind on the
device, with and without its variational refinement, agrees with it to 50.3 and 44.7 dB of restored luminance, so that a
GPU would make another picture; and launching its 2,000 and more small operations for every window takes as long as some
cores need for the search itself, which is done while a GPU computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.model.precision import in_full_precision

Motion = Callable[[], Tensor]
"""Waits for flows that are being estimated, and brings them to where the frames are."""

_LEAST_EDGE = 32
"""Shortest edge with which OpenCV's search works on pictures of every shape; on smaller ones it fails or crashes."""


def dense_flow(
    search: cv2.DISOpticalFlow, here: NDArray[np.uint8], other: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """Estimate where each pixel of `here` ``(H, W)`` lies in `other`: ``(H, W, 2)`` pixels (x, y), of any size."""
    height, width = here.shape
    below, right = max(0, _LEAST_EDGE - height), max(0, _LEAST_EDGE - width)
    if below or right:
        here, other = (np.pad(each, ((0, below), (0, right)), mode="edge") for each in (here, other))
    flow = np.asarray(search.calc(here, other, None), np.float32)  # type: ignore[call-overload]
    return flow[:height, :width]


@torch.no_grad()
def registered(here: Tensor, other: Tensor, flow: Tensor) -> Tensor:
    """Move the frames `other` ``(B, T, 1, H, W)`` to where the frames `here` show the same, without gradient.

    `flow` leads from here to there. What has no counterpart in `other`, because it has just come into the picture,
    stays as it is in `here`.
    """
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
    # Made on the device: what comes from ordinary memory would be waited for.
    rows, columns = (
        torch.arange(edge, device=flow.device, dtype=flow.dtype) * (2 / max(1, edge - 1)) - 1
        for edge in (height, width)
    )
    x = torch.add(columns, flow[..., 0], alpha=2 / max(1, width - 1))
    y = torch.add(rows[:, None], flow[..., 1], alpha=2 / max(1, height - 1))
    return torch.stack([x, y], dim=-1)


def begin_flow(around: Tensor, shifts: Sequence[int]) -> Motion:
    """Begin to estimate where frames lie in those around them, each pair of frames once.

    Of `around` ``(B, T + 2 * reach, 1, H, W)`` all but the `reach` frames at either end are looked for in the frames
    that are `shifts` later, of which `reach` is the largest. What is waited for is ``(B, len(shifts) * T, H, W, 2)``
    pixels (x, y), shift by shift. Equal frames do not move.

    OpenCV's dense inverse search does it on the processor, wherever the frames are, so that all devices see the same
    motion; on as many threads as PyTorch has, beside the caller and what a GPU does meanwhile.
    """
    reach = max(map(abs, shifts))
    batch, frames = around.shape[:2]
    films = (255 * around.detach()[:, :, 0].float().clamp(0, 1)).round().byte().cpu().numpy()
    pairs = [
        (film[t], film[t + shift]) for film in films for shift in shifts for t in range(reach, frames - reach)
    ]
    on_gpu = around.device.type == "cuda"
    # Only from memory that stays in place a GPU takes over flows while others go on.
    flow = torch.zeros(batch, len(pairs) // batch, *around.shape[-2:], 2, pin_memory=on_gpu)
    wait = _begin_dense_inverse_search(pairs, flow.flatten(0, 1).numpy())

    def motion() -> Tensor:
        wait()
        return flow.to(around.device, non_blocking=on_gpu)

    return motion


def _begin_dense_inverse_search(
    pairs: Sequence[tuple[NDArray[np.uint8], NDArray[np.uint8]]], flow: NDArray[np.float32]
) -> Callable[[], None]:
    """Begin to fill `flow` ``(N, H, W, 2)``, all zeros, for pairs of frames ``(H, W)``; returns what waits for it."""
    threads = max(1, min(torch.get_num_threads(), len(pairs)))

    def estimate(start: int) -> None:
        search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        for index in range(start, len(pairs), threads):
            here, other = pairs[index]
            if not np.array_equal(here, other):
                flow[index] = dense_flow(search, here, other)

    pool = ThreadPoolExecutor(threads, "flow")
    begun = [pool.submit(estimate, start) for start in range(threads)]
    pool.shutdown(wait=False)  # the threads end with their work, whether or not anybody waits for it

    def wait() -> None:
        for each in begun:
            each.result()

    return wait
