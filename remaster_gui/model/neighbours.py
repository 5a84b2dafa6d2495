"""Repair from the frames before and after: what time did to one frame, it rarely did to its neighbours.

Two frames to either side are brought into register by optical flow; a small network then chooses, pixel by pixel, among
the frame itself, its neighbours and medians of three and five. Dust, blotches and grain go before the convolutions
begin.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.blocks import ConvStack, ConvUnit
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.temporal import Timeline, Whole

NEIGHBOURS = (-1, 1, -2, 2)
REACH = 2
CANDIDATES = 7
"""The frame, its neighbours, the median of the nearest three frames and that of all five."""
_EVIDENCE = 8
_CHANNELS = 16
_GAIN = 4.0
_LIKING = (0.5, -2.0, -2.0, -2.0, -2.0, 0.0, 1.0)
"""Logits of the candidates at first: mostly the medians."""
_FLOW_EDGE = 12
"""Shortest edge at which optical flow can be estimated."""
_WHOLE = Whole()


class NeighbourRepair(nn.Module):
    """Replaces what the neighbours do not confirm."""

    def __init__(self) -> None:
        """Start as a median along the motion."""
        super().__init__()
        self.layers = ConvStack(
            [
                ConvUnit(_EVIDENCE, _CHANNELS),
                ConvUnit(_CHANNELS, _CHANNELS),
                ConvUnit(_CHANNELS, CANDIDATES, plain=True),
            ]
        )
        last = cast(ConvUnit, self.layers[-1]).conv
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            cast(Tensor, last.bias).copy_(torch.tensor(_LIKING))

    def forward(self, luminance: Tensor, timeline: Timeline) -> Tensor:
        """Repair whole frames ``(B, T, 1, H, W)``; T' in the result is what `timeline` can deliver.

        Beyond the ends of a shot its last frames are met in reverse: a frame twice would outvote the others.
        """
        around = timeline.around(self, luminance, "reflect", REACH)
        count = around.shape[1] - 2 * REACH
        here, *others = (around[:, REACH + shift : REACH + shift + count] for shift in (0, *NEIGHBOURS))
        moved = [registered(here, other) for other in others]
        three, five = _median_of_three(here, *moved[:2]), _median_of_five(here, *moved)
        changes = [_GAIN * (other - here) for other in (*moved, three, five)]
        evidence = torch.cat([here - 0.5, *changes, _GAIN * (moved[1] - moved[0])], dim=2)
        weights = torch.softmax(self.layers(evidence, _WHOLE), dim=2)
        return (torch.cat([here, *moved, three, five], dim=2) * weights).sum(2, keepdim=True)


def _median_of_three(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    return torch.maximum(torch.minimum(a, b), torch.minimum(torch.maximum(a, b), c))


def _median_of_five(a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor) -> Tensor:
    """Drop the least and the greatest of the first four; the median of the rest is that of all."""
    low = torch.maximum(torch.minimum(a, b), torch.minimum(c, d))
    high = torch.minimum(torch.maximum(a, b), torch.maximum(c, d))
    return _median_of_three(low, high, e)


@in_full_precision
def registered(here: Tensor, other: Tensor) -> Tensor:
    """Move the frames `other` ``(B, T, 1, H, W)`` to where the frames `here` show the same, without gradient.

    What has no counterpart in `other`, because it has just come into the picture, stays as it is in `here`.
    """
    with torch.no_grad():
        flow = optical_flow(here, other)
        height, width = here.shape[-2:]
        rows = torch.arange(height, device=here.device, dtype=torch.float32)[:, None]
        columns = torch.arange(width, device=here.device, dtype=torch.float32)
        x = 2 * (columns + flow[..., 0]) / max(1, width - 1) - 1
        y = 2 * (rows + flow[..., 1]) / max(1, height - 1) - 1
        places = torch.stack([x, y], dim=-1)
        moved = F.grid_sample(
            other.flatten(0, 1).float(), places, mode="bilinear", padding_mode="border", align_corners=True
        )
        shown = (places.abs() <= 1 + 2 / max(height, width)).all(-1)[:, None]
        return torch.where(shown, moved.to(here.dtype), here.flatten(0, 1)).unflatten(0, here.shape[:2])


def optical_flow(here: Tensor, other: Tensor) -> Tensor:
    """Estimate where each pixel of `here` ``(B, T, 1, H, W)`` lies in `other`: ``(B * T, H, W, 2)`` pixels (x, y).

    By OpenCV's DIS on the processor, wherever the frames are. Equal frames do not move.
    """
    first, second = (
        (t.flatten(0, 2).float().clamp(0, 1) * 255).round().byte().cpu().numpy() for t in (here, other)
    )
    flow = np.zeros((*first.shape, 2), np.float32)
    if min(first.shape[1:]) >= _FLOW_EDGE:
        estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        for index, (one, two) in enumerate(zip(first, second, strict=True)):
            if not np.array_equal(one, two):
                flow[index] = estimator.calc(one, two, None)  # type: ignore[call-overload]
    return torch.from_numpy(flow).to(here.device)
