"""Repair from the frames before and after: what time did to one frame, it rarely did to its neighbours.

Two frames to either side are brought into register by optical flow; a small network then chooses, pixel by pixel, among
the frame itself, its neighbours and medians of three and five. Dust, blotches and grain go before the convolutions
begin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from remaster_gui.model.blocks import ConvStack, ConvUnit
from remaster_gui.model.motion import Motion, begin_flow, registered
from remaster_gui.model.temporal import TemporalContext, WholeClip, join

NEIGHBOURS = (-1, 1, -2, 2)
REACH = 2
CANDIDATES = 7
"""The frame, its neighbours, the median of the nearest three frames and that of all five."""
_EVIDENCE = 8
_CHANNELS = 16
_GAIN = 4.0
_LIKING = (0.5, -2.0, -2.0, -2.0, -2.0, 0.0, 1.0)
"""Logits of the candidates at first: mostly the medians."""
_PIXELS_AT_ONCE = 2**22
"""In inference, of all frames repaired together: whole frames may be large, and need some 300 bytes a pixel."""
_WHOLE = WholeClip()


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

    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Repair whole frames ``(B, T, 1, H, W)``; T' in the result is what `context` can deliver."""
        return self.begin(luminance, context)()

    def begin(self, luminance: Tensor, context: TemporalContext) -> Callable[[], Tensor]:
        """Begin to look for motion, and return what goes on from there to the repaired frames.

        Beyond the ends of a shot its last frames are met in reverse: a frame twice would outvote the others.
        """
        around = context.around(self, luminance, "reflect", REACH)
        count, step = around.shape[1] - 2 * REACH, max(1, _PIXELS_AT_ONCE // luminance[0, 0].numel())
        if torch.is_grad_enabled():
            step = count
        clips = [around[:, t : t + step + 2 * REACH] for t in range(0, count, step)]
        begun = [(clip, begin_flow(clip, NEIGHBOURS)) for clip in clips]
        return lambda: join([self._repaired(clip, motion) for clip, motion in begun], dim=1)

    def _repaired(self, around: Tensor, motion: Motion) -> Tensor:
        """Repair the frames that have all their neighbours in `around`."""
        flows = motion().unflatten(1, (len(NEIGHBOURS), -1))
        count = step = flows.shape[2]
        if around.device.type == "cpu" and not torch.is_grad_enabled():
            step = 1  # what is made of a single frame stays in a processor's cache
        return join(
            [
                self._chosen(around[:, t : t + step + 2 * REACH], flows[:, :, t : t + step].flatten(1, 2))
                for t in range(0, count, step)
            ],
            dim=1,
        )

    def _chosen(self, around: Tensor, flows: Tensor) -> Tensor:
        """Choose for frames along flows ``(B, 4 * T, H, W, 2)`` to their neighbours in `around`."""
        count = around.shape[1] - 2 * REACH
        here, *others = (around[:, REACH + shift : REACH + shift + count] for shift in (0, *NEIGHBOURS))
        # All pairs of frames at once: a GPU gains by it.
        together = registered(here.repeat(1, len(others), 1, 1, 1), join(others, 1), flows)
        moved = list(together.split(count, dim=1))
        three, five = median_of_three(here, *moved[:2]), median_of_five(here, *moved)
        changes = [_GAIN * (other - here) for other in (*moved, three, five)]
        evidence = torch.cat([here - 0.5, *changes, _GAIN * (moved[1] - moved[0])], dim=2)
        # One plane after another in memory, as the candidates are.
        weights = torch.softmax(self.layers(evidence, _WHOLE).contiguous(), dim=2).split(1, dim=2)
        candidates = (here, *moved, three, five)
        return sum((c * w for c, w in zip(candidates, weights, strict=True)), torch.zeros_like(here))


def median_of_three(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    """Return the value in the middle, element by element."""
    return torch.maximum(torch.minimum(a, b), torch.minimum(torch.maximum(a, b), c))


def median_of_five(a: Tensor, b: Tensor, c: Tensor, d: Tensor, e: Tensor) -> Tensor:
    """Return the value in the middle, element by element.

    The least and the greatest of the first four are dropped; the median of the rest is that of all.
    """
    low = torch.maximum(torch.minimum(a, b), torch.minimum(c, d))
    high = torch.minimum(torch.maximum(a, b), torch.maximum(c, d))
    return median_of_three(low, high, e)
