"""Correction of a shot's tones: faded contrast, veils and dark corners last as long as the shot, so all of it is asked.

A few small frames from all over the shot say how its luminance is distributed and what it shows; from that come one
tone curve and one share of light lost towards the corners, the same for all of its frames: nothing flickers by it, and
a fade stays a fade. What is learned is the correction that is right on average, so that doubt leaves tones as they are.
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.temporal import TemporalContext
from remaster_gui.model.tones import LEVELS, quantiles, without_specks

CELLS = 64
"""Rows and columns of the small frames, whatever the shape of the film's."""

KNOTS = 7
"""Points of the tone curve, evenly spread from black to white."""

_PICTURE = 32
_CHANNELS = (4, 16, 24, 32, 32)
_AMONG_FRAMES = (0.2, 0.5, 0.8)
_HIDDEN = 64
_DESCRIBED = 3 * len(LEVELS) + 5
_MOST_LOST = 0.4
_SLOPES = (0.25, 4.0)
_BLACK = 0.1
"""What three quarters of a row or column stay below that is black in most frames of a shot."""
_MOST_BORDER = CELLS // 4


def small_frames(frames: Tensor) -> Tensor:
    """Shrink frames ``(..., H, W)`` in [0, 1] to what a shot is judged by ``(..., 64, 64)``."""
    return F.adaptive_avg_pool2d(frames.float(), CELLS)


@torch.no_grad()
def without_borders(shot: Tensor) -> Tensor:
    """Let the picture fill small frames ``(B, K, 64, 64)`` of a shot: bars and a scan's frame are no dark corners."""
    return torch.stack([_without_border(frames) for frames in shot])


def _without_border(frames: Tensor) -> Tensor:
    rows, columns = (_inside(frames.quantile(0.75, dim=along).median(0).values) for along in (2, 1))
    inside = frames[:, rows, columns]
    if inside.shape == frames.shape:
        return frames
    return F.interpolate(inside[None], (CELLS, CELLS), mode="bilinear", align_corners=False)[0]


def _inside(levels: Tensor) -> slice:
    """Return which rows or columns are picture, told from how bright each is ``(64,)``."""
    before, after = (_border(side) for side in (levels, levels.flip(0)))
    return slice(before, CELLS - after)


def _border(levels: Tensor) -> int:
    bright = (levels >= _BLACK).nonzero()
    count = int(bright[0]) if len(bright) else 0
    # The cell beside a border shows both.
    return 0 if count == 0 or count > _MOST_BORDER else count + 1


class ShotTones(nn.Module):
    """Predicts the tone curve of a shot and how dark its corners are; at first neither does anything."""

    def __init__(self) -> None:
        """Start from the identity."""
        super().__init__()
        self.seeing = nn.ModuleList(
            nn.Conv2d(inputs, outputs, 3, 1 if number == 0 else 2, padding=1)
            for number, (inputs, outputs) in enumerate(pairwise(_CHANNELS))
        )
        seen = _CHANNELS[-1] * (_PICTURE // 8) ** 2
        self.deciding = nn.Sequential(
            nn.Linear(_DESCRIBED + seen, _HIDDEN),
            nn.ELU(),
            nn.Linear(_HIDDEN, _HIDDEN),
            nn.ELU(),
            nn.Linear(_HIDDEN, KNOTS + 1),
        )
        for parameter in cast(nn.Linear, self.deciding[-1]).parameters():
            nn.init.zeros_(parameter)

    @in_full_precision
    def forward(self, luminance: Tensor, context: TemporalContext) -> Tensor:
        """Correct whole frames ``(B, T, 1, H, W)`` of a shot; values may leave [0, 1] a little.

        Where the context knows nothing of the shot, they stay as they are.
        """
        shot = context.look(luminance)
        if shot is None:
            return luminance
        curve, lost = self.correction(small_frames(shot[:, :, 0]))
        return corrected(luminance, curve, lost)

    def correction(self, shot: Tensor) -> tuple[Tensor, Tensor]:
        """Return what to add at the curve's knots ``(B, 7)`` and the share of light lost in the corners ``(B,)``.

        shot: some of its frames ``(B, K, 64, 64)``.
        """
        numbers, picture = describe(shot)
        for conv in self.seeing:
            picture = F.elu(conv(picture))
        decided = self.deciding(torch.cat([numbers, picture.flatten(1)], dim=1))
        return 0.3 * decided[:, :KNOTS], _MOST_LOST * torch.tanh(decided[:, KNOTS])


def corrected(luminance: Tensor, curve: Tensor, lost: Tensor) -> Tensor:
    """Give back light lost towards the corners, and apply a tone curve, to whole frames ``(B, T, 1, H, W)``."""
    light = 1 - lost[:, None, None] * darkening(luminance.shape[-2], luminance.shape[-1], luminance.device)
    lit = luminance / light[:, None, None]
    places = torch.linspace(0, 1, KNOTS).tolist()
    slopes = (1 + (KNOTS - 1) * curve.diff(dim=1)).clamp(*_SLOPES)
    first, *bends = slopes.diff(dim=1, prepend=torch.zeros_like(slopes[:, :1])).unbind(1)
    out = _per_clip(curve[:, 0]) + _per_clip(first) * lit
    for bend, place in zip(bends, places[1:-1], strict=True):
        out = out + _per_clip(bend) * F.relu(lit - place)
    return out


def _per_clip(values: Tensor) -> Tensor:
    return values[:, None, None, None, None]


def darkening(height: int, width: int, device: torch.device) -> Tensor:
    """Return how dark a vignette makes each pixel ``(H, W)``, beside 1 in the corners."""
    rows = torch.arange(height, device=device) / height - 0.5
    columns = torch.arange(width, device=device) / width - 0.5
    return (2 * (rows[:, None] ** 2 + columns**2)) ** 1.5


@torch.no_grad()
def describe(shot: Tensor) -> tuple[Tensor, Tensor]:
    """Describe a shot by some of its frames ``(B, K, 64, 64)``: numbers ``(B, 50)`` and a picture ``(B, 4, 32, 32)``.

    All are brought to about the same size. What dirt does to single frames is no part of either.
    """
    batch, frames = shot.shape[:2]
    clean = without_specks(shot.flatten(0, 1)[:, None])[:, 0]
    levels = quantiles(clean.flatten(1), LEVELS).T.unflatten(0, (batch, frames))
    low, usual, high = quantiles(levels, _AMONG_FRAMES)
    means, deviations = clean.mean((1, 2)), clean.flatten(1).std(1)
    across, down = clean.diff(dim=2).abs().mean((1, 2)), clean.diff(dim=1).abs().mean((1, 2))
    specks = (shot.flatten(0, 1) - clean).abs().mean((1, 2))
    means, deviations, detail, specks = (
        each.unflatten(0, (batch, frames)) for each in (means, deviations, (across + down) / 2, specks)
    )
    numbers = [
        4 * (means.mean(1) - 0.5),
        20 * means.std(1, correction=0),
        8 * (deviations.mean(1) - 0.2),
        40 * (detail.mean(1) - 0.03),
        60 * (specks.mean(1) - 0.015),
    ]
    described = torch.cat(
        [4 * (usual - 0.5), 8 * (high - usual), 8 * (usual - low), torch.stack(numbers, dim=1)], 1
    )
    coarse = F.avg_pool2d(clean.unflatten(0, (batch, frames)), CELLS // _PICTURE)
    middle = coarse.median(1).values
    changes = (coarse - middle[:, None]).abs().mean(1)
    rows = torch.linspace(-1, 1, _PICTURE, device=shot.device)[:, None].expand(_PICTURE, _PICTURE)
    where = [(rows**2 + rows.T**2 - 0.67).expand_as(middle), rows.expand_as(middle)]
    return described, torch.stack([4 * (middle - 0.5), 10 * changes, *where], dim=1)
