"""The pre-processing network that removes noise, dirt and blur from the luminance (Sec. 3.3, Table 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from remaster_gui.model import neighbours
from remaster_gui.model.blocks import ConvUnit
from remaster_gui.model.config import RestorationConfig, scaled
from remaster_gui.model.neighbours import NeighbourRepair
from remaster_gui.model.shot_tones import ShotTones
from remaster_gui.model.temporal import TemporalContext, join
from remaster_gui.model.tones import ToneCorrection

LUMINANCE_MEAN = 0.4462414
"""Mean luminance of the training data, taken off the input of both networks."""

SIZE_MULTIPLE = 4
"""Heights and widths are multiples of this."""

SPATIAL_REACH = 40
"""Pixels to either side that influence a restored pixel, rounded up to a multiple of the network's stride."""

FULL_SIZE_CHANNELS = 32
_HALF_SIZE_OUT, _HALF_SIZE_IN, _FULL_SIZE_IN = 2, 9, 12
"""Layers whose output leaves as a skip connection, and those whose input one joins."""


class RestorationNetwork(nn.Module):
    """Thirteen convolutions of 3x3x3 down to 1/4 size and back, and a residual (Table 1)."""

    def __init__(self, config: RestorationConfig | None = None) -> None:
        """Build the network; weights are random."""
        super().__init__()
        self.config = config = config or RestorationConfig()
        c64, c128, c256, c16 = (scaled(n, config.width) for n in (64, 128, 256, 16))
        full = scaled(FULL_SIZE_CHANNELS, config.width) if config.skips else 0
        half = c128 if config.skips else 0
        self.shot_tones = ShotTones() if config.shot_tones else None
        self.tones = ToneCorrection() if config.tones else None
        self.neighbours = NeighbourRepair() if config.neighbours else None
        if config.skips:
            self.full_size = ConvUnit(1, full)
        self.layers = nn.ModuleList(
            [
                ConvUnit(1, c64, frames=3, stride=2, edge="replicate"),
                ConvUnit(c64, c128, frames=3),
                ConvUnit(c128, c128, frames=3),
                ConvUnit(c128, c256, frames=3, stride=2),
                *(ConvUnit(c256, c256, frames=3) for _ in range(4)),
                ConvUnit(c256, c128, frames=3, upsampled=True),
                ConvUnit(c128 + half, c64, frames=3),
                ConvUnit(c64, c64, frames=3),
                ConvUnit(c64, c16, frames=3, upsampled=True),
                ConvUnit(c16 + full, 1, frames=3, plain=True),
            ]
        )
        if config.residual:
            # Training starts from the damaged film itself, not from noise added to it.
            for parameter in cast(ConvUnit, self.layers[-1]).conv.parameters():
                nn.init.zeros_(parameter)

    @property
    def reach(self) -> int:
        """Frames to either side that influence a frame: one for each convolution and for tones, two for neighbours."""
        return len(self.layers) + (self.tones is not None) + (self.neighbours is not None) * neighbours.REACH

    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Restore luminance ``(B, T, 1, H, W)`` in [0, 1] to ``(B, T', 1, H, W)``; H and W are multiples of 4."""
        return self.repair(self.begin(luminance, context)(), context)

    def begin(self, luminance: Tensor, context: TemporalContext) -> Callable[[], Tensor]:
        """Begin what needs whole frames ``(B, T, 1, H, W)``, and return what ends it, in time for `repair`.

        Motion is looked for meanwhile. T' in the result is what `context` can deliver.
        """
        luminance = self.correct_tones(luminance, context)
        return (lambda: luminance) if self.neighbours is None else self.neighbours.begin(luminance, context)

    def correct_tones(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Correct the tones of whole frames ``(B, T, 1, H, W)``: those of the shot, then those of each frame."""
        for part in (self.shot_tones, self.tones):
            if part is not None:
                luminance = part(luminance, context)
        return luminance

    def repair(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Do the rest, for frames or parts of them: `SPATIAL_REACH` pixels around a pixel decide on it."""
        held = {"source": context.hold(self, "source", luminance)}
        clip = luminance - LUMINANCE_MEAN
        if self.config.skips:
            held["detail"] = context.hold(self, "detail", clip)
        for index, layer in enumerate(self.layers):
            if self.config.skips and index == _HALF_SIZE_IN:
                clip = join([clip, held["half"].take(clip.shape[1])], dim=2)
            if self.config.skips and index == _FULL_SIZE_IN:
                clip = join([clip, self.full_size(held["detail"].take(clip.shape[1]), context)], dim=2)
            clip = layer(clip, context)
            if self.config.skips and index == _HALF_SIZE_OUT:
                held["half"] = context.hold(self, "half", clip)
        source = held["source"].take(clip.shape[1])
        return (
            torch.clamp(source + torch.tanh(clip), 0.0, 1.0) if self.config.residual else torch.sigmoid(clip)
        )
