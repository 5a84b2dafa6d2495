"""Colour that does not flicker: chrominance averaged along the motion.

Every frame finds its colours for itself, and errs in its own way; what the frames around found for the same spot has as
much to say.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.motion import fetched, optical_flow, shown
from remaster_gui.model.temporal import HeldFrames, TemporalContext, join

REACH = 2
"""Frames to either side that have a say."""
_TOLERANCE = 0.1
"""Misfit of luminance at which a neighbour's say has fallen to a third."""
_AROUND = 2
"""Pixels to either side over which a misfit is averaged."""


class Steadying(nn.Module):
    """Averages each frame with the next ones to either side, twice over: nothing in it is learned."""

    def __init__(self) -> None:
        """Make one layer for each pass, since a context knows layers by themselves."""
        super().__init__()
        self.first, self.second = nn.Identity(), nn.Identity()

    def forward(self, chrominance: Tensor, luminance: HeldFrames, context: TemporalContext) -> Tensor:
        """Steady chrominance ``(B, T, 2, H, W)``; T' in the result is what `context` can deliver.

        luminance ``(B, T, 1, H, W)`` has been set aside for as many frames.
        """
        clip = join([chrominance, luminance.take(chrominance.shape[1])], dim=2)
        around = context.around(self.first, clip, "replicate")
        here, others = around[:, 1:-1], [around[:, :-2], around[:, 2:]]
        # Both at once: a GPU gains by it.
        both = _neighbour(here[:, :, 2:].repeat(1, 2, 1, 1, 1), join(others, dim=1)[:, :, 2:])
        flows, says = (each.split(here.shape[1], dim=1) for each in both)
        flow = context.hold(self, "flows", torch.stack(flows, dim=2))
        say = context.hold(self, "says", torch.stack(says, dim=2))
        once = context.around(self.second, _averaged(around[:, :, :2], flows, says), "replicate")
        count = once.shape[1] - 2
        return _averaged(once, flow.take(count).unbind(2), say.take(count).unbind(2))


def _neighbour(here: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
    """Return the motion ``(B, T, H, W, 2)`` from `here` to `other`, and what `other` has to say ``(B, T, 1, H, W)``.

    Luminance ``(B, T, 1, H, W)``. What is covered in `other`, or out of its picture, has nothing to say.
    """
    with torch.no_grad():
        flow = optical_flow(here, other)
        misfit = (fetched(other, flow) - here).abs().flatten(0, 1)
        misfit = F.avg_pool2d(F.pad(misfit, (_AROUND,) * 4, mode="replicate"), 2 * _AROUND + 1, 1)
        return flow, (-misfit / _TOLERANCE).exp().unflatten(0, here.shape[:2]) * shown(flow)


def _averaged(around: Tensor, flows: tuple[Tensor, ...], says: tuple[Tensor, ...]) -> Tensor:
    """Average frames with those before and after them: ``(B, T + 2, 2, H, W)`` to ``(B, T, 2, H, W)``."""
    total, weight = around[:, 1:-1], torch.ones_like(says[0])
    for other, flow, say in zip((around[:, :-2], around[:, 2:]), flows, says, strict=True):
        total = total + say * fetched(other, flow)
        weight = weight + say
    return total / weight
