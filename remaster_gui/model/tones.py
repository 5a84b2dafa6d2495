"""Correction of a whole frame's tones: faded contrast is a matter of the frame, not of any neighbourhood in it.

The convolutions of the restoration network see some 80 pixels across and cannot know whether a grey is the darkest that
a frame has. A few statistics of the frame tell; from them comes one gain about the mean and one offset.
"""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.precision import in_full_precision

LEVELS = (0.005, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98, 0.995)
"""Shares of the frame's area below the levels that describe it."""

_CELLS = 32
"""Rows and columns of the small picture that is described, whatever the frame's size."""
_HIDDEN = 32
_STATISTICS = len(LEVELS) + 3


class ToneCorrection(nn.Module):
    """Predicts gain and offset of each frame from its distribution of luminance; at first neither does anything."""

    def __init__(self) -> None:
        """Start from the identity."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(_STATISTICS, _HIDDEN),
            nn.ELU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.ELU(),
            nn.Linear(_HIDDEN, 2),
        )
        for parameter in cast(nn.Linear, self.layers[-1]).parameters():
            nn.init.zeros_(parameter)

    @in_full_precision
    def forward(self, luminance: Tensor) -> Tensor:
        """Correct whole frames ``(B, T, 1, H, W)``, each by itself; values may leave [0, 1] a little."""
        mean, described = self._describe(luminance)
        log_gain, offset = (
            self.layers(described.to(cast(nn.Linear, self.layers[0]).weight.dtype))
            .to(luminance.dtype)
            .unbind(-1)
        )
        gain, offset = (
            t.unflatten(0, luminance.shape[:2])[:, :, None, None, None] for t in (log_gain.exp(), offset)
        )
        return (luminance - mean) * gain + mean + offset

    @staticmethod
    def _describe(luminance: Tensor) -> tuple[Tensor, Tensor]:
        """Return the frames' means ``(B, T, 1, 1, 1)`` and statistics ``(B * T, 12)``."""
        small = F.adaptive_avg_pool2d(luminance.flatten(0, 1), _CELLS).float()
        flat = small.flatten(1)
        levels = torch.quantile(flat, flat.new_tensor(LEVELS), dim=1).T
        detail = (small[..., 1:] - small[..., :-1]).abs().mean((1, 2, 3))
        mean, deviation = flat.mean(1), flat.std(1)
        described = torch.cat([levels, torch.stack([mean, deviation, detail], dim=1)], dim=1)
        return mean.to(luminance.dtype).view(*luminance.shape[:2], 1, 1, 1), described
