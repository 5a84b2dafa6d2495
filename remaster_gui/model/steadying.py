"""Colour that does not flicker: chrominance averaged along the motion.

Every frame finds its colours for itself, and errs in its own way; what the frames around found for the same spot has as
much to say. Motion is looked for in restored frames, while their colours are found: what restoration found in damaged
ones leads farther off (clean frames moved along it are 1.0 to 3.3 dB less like each other).
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.enlarging import box
from remaster_gui.model.motion import begin_flow, fetched, shown
from remaster_gui.model.temporal import HeldFrames, MoreFramesNeededError, Pending, TemporalContext, join

REACH = 3
"""Frames to either side that count, one for each time that the next ones do."""
_TOLERANCE = 0.1
"""Misfit of luminance at which a neighbour's say has fallen to a third."""
_AROUND = 2
"""Pixels to either side over which a misfit is averaged."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What steadying sees of frames: luminance ``(B, T, 1, H, W)``, and flows to the frames before and after."""

    luminance: HeldFrames
    flows: HeldFrames


class Steadying(nn.Module):
    """Averages each frame with the next ones to either side, `REACH` times over: nothing in it is learned."""

    def __init__(self) -> None:
        """Make one layer for each pass, since a context knows layers by themselves."""
        super().__init__()
        self.ahead = nn.Identity()
        self.passes = nn.ModuleList(nn.Identity() for _ in range(REACH))

    def look(self, luminance: Tensor, context: TemporalContext) -> Sight:
        """Set luminance ``(B, T, 1, H, W)`` aside, and begin to look for its motion while its colours are found."""
        begun: Tensor | Pending = luminance.new_zeros(len(luminance), 0, 2, *luminance.shape[-2:], 2)
        with suppress(MoreFramesNeededError):
            begun = _begin_motion(context.around(self.ahead, luminance, "replicate"))
        return Sight(context.hold(self, "luminance", luminance), context.hold(self, "ahead", begun))

    def forward(self, chrominance: Tensor, sight: Sight, context: TemporalContext) -> Tensor:
        """Steady chrominance ``(B, T, 2, H, W)``, or whatever else comes with it in further channels.

        T' in the result is what `context` can deliver. As many frames have been looked at.
        """
        clip = join([chrominance, sight.luminance.take(chrominance.shape[1])], dim=2)
        first, *others = self.passes
        around = context.around(first, clip, "replicate")
        flows = sight.flows.take(around.shape[1] - 2).unbind(2)
        says = _weights(around[:, :, -1:], flows)
        steady = _averaged(around[:, :, :-1], flows, says)
        for layer in others:
            ahead = context.hold(layer, "flows", torch.stack(flows, dim=2))
            heard = context.hold(layer, "says", torch.stack(says, dim=2))
            around = context.around(layer, steady, "replicate")
            count = around.shape[1] - 2
            flows, says = ahead.take(count).unbind(2), heard.take(count).unbind(2)
            steady = _averaged(around, flows, says)
        return steady


def _begin_motion(around: Tensor) -> Pending:
    """Begin to look where frames went and came from: ``(B, T + 2, 1, H, W)`` to ``(B, T, 2, H, W, 2)``.

    The motion to the frame before comes first.
    """
    wait = begin_flow(around, (-1, 1))
    return lambda: torch.stack(wait().chunk(2, dim=1), dim=2)


@torch.no_grad()
def _weights(around: Tensor, flows: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """Return how much the frames before and after count in each pixel: ``(B, T, 1, H, W)`` each.

    Luminance ``(B, T + 2, 1, H, W)``. What is covered in them, or out of their picture, counts nothing. Both at
    once: a GPU gains by it.
    """
    here, flow = around[:, 1:-1].repeat(1, 2, 1, 1, 1), join(list(flows), dim=1)
    misfit = (fetched(join([around[:, :-2], around[:, 2:]], dim=1), flow) - here).abs().flatten(0, 1)
    misfit = box(F.pad(misfit, (_AROUND,) * 4, mode="replicate"), _AROUND)
    says = (-misfit / _TOLERANCE).exp().unflatten(0, here.shape[:2]) * shown(flow)
    return says.chunk(2, dim=1)


def _averaged(around: Tensor, flows: tuple[Tensor, ...], says: tuple[Tensor, ...]) -> Tensor:
    """Average frames with those before and after them: ``(B, T + 2, c, H, W)`` to ``(B, T, c, H, W)``."""
    total, weight = around[:, 1:-1], torch.ones_like(says[0])
    for other, flow, say in zip((around[:, :-2], around[:, 2:]), flows, says, strict=True):
        total = total + say * fetched(other, flow)
        weight = weight + say
    return total / weight
