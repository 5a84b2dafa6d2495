"""Repair from the frames before and after: what time did to one frame, it rarely did to its neighbours.

Both neighbours are brought into register by optical flow; a small network then chooses, pixel by pixel, among the frame
itself, either neighbour and the median of the three. Dust, blotches and grain go before the convolutions begin.
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

CANDIDATES = 4
"""The frame, the one before, the one after, their median."""
_EVIDENCE = 5
_CHANNELS = 16
_GAIN = 4.0
_LIKING = (0.5, -2.0, -2.0, 1.0)
"""Logits of the candidates at first: mostly the median."""
_FLOW_EDGE = 12
"""Shortest edge at which optical flow can be estimated."""
_WHOLE = Whole()


class NeighbourRepair(nn.Module):
    """Replaces what neither neighbour confirms."""

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
        last = cast(ConvUnit, self.layers[-1]).trainable
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            cast(Tensor, last.bias).copy_(torch.tensor(_LIKING))

    def forward(self, luminance: Tensor, timeline: Timeline) -> Tensor:
        """Repair whole frames ``(B, T, 1, H, W)``; T' in the result is what `timeline` can deliver."""
        around = timeline.around(self, luminance, "replicate")
        here = around[:, 1:-1]
        before, after = registered(here, around[:, :-2]), registered(here, around[:, 2:])
        median = torch.maximum(
            torch.minimum(before, after), torch.minimum(torch.maximum(before, after), here)
        )
        changes = [_GAIN * (before - here), _GAIN * (after - here), _GAIN * (after - before)]
        evidence = torch.cat([here - 0.5, *changes, _GAIN * (median - here)], dim=2)
        weights = torch.softmax(self.layers(evidence, _WHOLE), dim=2)
        return (torch.cat([here, before, after, median], dim=2) * weights).sum(2, keepdim=True)


@in_full_precision
def registered(here: Tensor, other: Tensor) -> Tensor:
    """Move the frames `other` ``(B, T, 1, H, W)`` to where the frames `here` show the same, without gradient."""
    with torch.no_grad():
        flow = optical_flow(here, other)
        height, width = here.shape[-2:]
        rows = torch.arange(height, device=here.device, dtype=torch.float32)[:, None]
        columns = torch.arange(width, device=here.device, dtype=torch.float32)
        x = 2 * (columns + flow[..., 0]) / max(1, width - 1) - 1
        y = 2 * (rows + flow[..., 1]) / max(1, height - 1) - 1
        moved = F.grid_sample(
            other.flatten(0, 1).float(),
            torch.stack([x, y], dim=-1),
            mode="bilinear",
            padding_mode="border",
            align_corners=True,
        )
        return moved.to(here.dtype).unflatten(0, here.shape[:2])


def optical_flow(here: Tensor, other: Tensor) -> Tensor:
    """Estimate where each pixel of `here` ``(B, T, 1, H, W)`` lies in `other`: ``(B * T, H, W, 2)`` pixels (x, y).

    By OpenCV's DIS on the processor, wherever the frames are. Equal frames (the ends of a shot) do not move.
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
