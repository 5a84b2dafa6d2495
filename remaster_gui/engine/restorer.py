"""A restorer of one's own in the place of the network's: any function of a frame and its neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from remaster_gui.base.arrays import Float
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.temporal import TemporalContext


class Restorer(Protocol):
    """Restores luminance frame by frame; called on the thread that renders, in the order of the film."""

    name: str
    """Tells it, its version and its settings from others: finished parts of a render are known by it."""
    reach: int
    """Frames to either side of a frame that it looks at, at least 0."""

    def restore(self, around: Float) -> Float:
        """Return the middle one of ``2 * reach + 1`` frames ``(T, H, W)``, restored: ``(H, W)``.

        Both are luminance L*/100 in [0, 1]; what leaves it is clipped. No frame is of another shot: at cuts the last
        one stands for those beyond.
        """


class OwnRestoration(nn.Module):
    """Stands where a `RemasterNetwork` has its restoration, and asks a `Restorer`."""

    def __init__(self, restorer: Restorer) -> None:
        super().__init__()
        self._restorer = restorer

    @property
    def reach(self) -> int:
        """Frames to either side that influence a frame."""
        return self._restorer.reach

    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Restore luminance ``(1, T, 1, H, W)`` in [0, 1] to ``(1, T', 1, H, W)``."""
        return self.repair(self.begin(luminance, context)(), context)

    def begin(self, luminance: Tensor, context: TemporalContext) -> Callable[[], Tensor]:
        """Return what restores whole frames; T' in its result is what `context` can deliver."""
        around = context.around(self, luminance, "replicate", self.reach) if self.reach else luminance
        return lambda: self._restored(around)

    def _restored(self, around: Tensor) -> Tensor:
        frames, reach = around[0, :, 0].float().cpu().numpy(), self.reach
        restored = [
            self._restorer.restore(frames[first : first + 2 * reach + 1])
            for first in range(len(frames) - 2 * reach)
        ]
        return torch.from_numpy(np.stack(restored)).clamp(0.0, 1.0)[None, :, None].to(around)

    def repair(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Leave tiles as they are: whole frames have been restored already."""
        return luminance


def use_restorer(network: RemasterNetwork, restorer: Restorer) -> None:
    """Let a restorer take the place of a network's own restoration."""
    network.add_module("restoration", OwnRestoration(restorer))
