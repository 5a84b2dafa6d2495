"""Correction of a whole frame's tones: faded contrast is a matter of the frame, not of any neighbourhood in it.

The convolutions of the restoration network see some 80 pixels across and cannot know whether a grey is the darkest that
a frame has. How the luminance of the frame and of its neighbours is distributed tells; from that comes one gain about
the mean and one offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.temporal import TemporalContext

LEVELS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Shares of the frame's area below the levels that describe it."""

_CELLS = 128
"""Rows and columns of the small picture that is described, whatever the frame's size."""
_COARSER = 2
_HIDDEN = 32
_STATISTICS = 2 * len(LEVELS) + 5


class ToneCorrection(nn.Module):
    """Predicts gain and offset of each frame from distributions of luminance; at first neither does anything.

    Dust must not pass for the film's black or white: levels are those of the frame without its specks, and beside them
    stand the medians of three frames. How the frame's mean differs from its neighbours' tells of flicker.
    """

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
    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Correct whole frames ``(B, T, 1, H, W)``; values may leave [0, 1] a little.

        T' in the result is what `context` can deliver.
        """
        around = context.around(self, luminance, "replicate")
        here = around[:, 1:-1]
        mean, described = frame_statistics(around)
        log_gain, offset = self.layers(described).unbind(-1)
        gain, offset, mean = (t[:, :, None, None, None] for t in (log_gain.exp(), offset, mean))
        return (here - mean) * gain + mean + offset


def frame_statistics(around: Tensor) -> tuple[Tensor, Tensor]:
    """Return means ``(B, T)`` and statistics ``(B, T, 35)`` of all frames of ``(B, T + 2, 1, H, W)`` but the ends.

    All statistics are brought to about the same size.
    """
    small = F.adaptive_avg_pool2d(around.flatten(0, 1).float(), _CELLS)
    levels = quantiles(without_specks(small).flatten(1), LEVELS).T
    coarse = F.avg_pool2d(small, _COARSER)
    means, deviations = coarse.mean((1, 2, 3)), coarse.flatten(1).std(1)
    detail = (coarse[..., 1:, :] - coarse[..., :-1, :]).abs().mean((1, 2, 3))
    levels, means, deviations, detail = (
        t.unflatten(0, around.shape[:2]) for t in (levels, means, deviations, detail)
    )
    mean = means[:, 1:-1]
    three = torch.stack([levels[:, :-2], levels[:, 1:-1], levels[:, 2:]])
    numbers = [
        20 * (means[:, :-2] - mean),
        20 * (means[:, 2:] - mean),
        5 * (mean - 0.5),
        10 * (deviations[:, 1:-1] - 0.2),
        50 * (detail[:, 1:-1] - 0.02),
    ]
    described = torch.cat(
        [4 * (three.median(0).values - 0.5), 4 * (three[1] - 0.5), torch.stack(numbers, dim=-1)], dim=-1
    )
    return mean.to(around.dtype), described


def quantiles(values: Tensor, shares: Sequence[float]) -> Tensor:
    """Return the values ``(shares, N, ...)`` that such shares of values ``(N, count, ...)`` lie below."""
    return torch.quantile(values, _kept(tuple(shares), values.dtype, values.device), dim=1)


@lru_cache(maxsize=16)
def _kept(numbers: tuple[float, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """Keep numbers on a device: a GPU waits for whatever comes from ordinary memory."""
    with torch.inference_mode(False):
        return torch.tensor(numbers, dtype=dtype, device=device)


def without_specks(pictures: Tensor) -> Tensor:
    """Take the median over 3x3 cells of ``(N, 1, h, w)``."""
    padded = F.pad(pictures, (1, 1, 1, 1), mode="replicate")
    height, width = pictures.shape[-2:]
    low, middle, high = _in_order(*(padded[..., y : y + height, :] for y in range(3)))
    lows, middles, highs = ([rows[..., x : x + width] for x in range(3)] for rows in (low, middle, high))
    least = torch.minimum(torch.minimum(highs[0], highs[1]), highs[2])
    most = torch.maximum(torch.maximum(lows[0], lows[1]), lows[2])
    return _in_order(most, _in_order(*middles)[1], least)[1]


def _in_order(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return three values element by element, the least first."""
    low, high = torch.minimum(a, b), torch.maximum(a, b)
    return torch.minimum(low, c), torch.maximum(low, torch.minimum(high, c)), torch.maximum(high, c)
