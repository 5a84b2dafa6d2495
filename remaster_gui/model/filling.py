"""Colour where no reference tells: what references carried becomes hints, and the colour prior decides the rest.

How sure a carried colour is, a small network reads from the evidence on it: whether luminance agrees, whether the
colours found at several sizes agree, whether the best match is alike at all. What is not sure counts little, as a hint
for the prior and in the output.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.enlarging import enlarged, shrunk, size_for
from remaster_gui.model.fusion import CANDIDATES, GAIN, ColorEvidence
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.prior import ColorPrior, Hints

EDGE = 176
"""Shorter edge in pixels at which the prior is asked: it has learned at 128 to 192, and costs little there."""
SIGNS = 12
"""What confidence is read from."""
_CHANNELS = 16
_LARGEST_SIGN = 4.0
_LEAST = 1e-4
"""Confidence below which a hint is none."""


class Confidence(nn.Module):
    """Tells from the evidence how sure the colours chosen are: as hints for the prior, and beside its opinion."""

    usual: Tensor
    spread: Tensor

    def __init__(self) -> None:
        """Make one that has learned nothing and trusts everything."""
        super().__init__()
        self.register_buffer("usual", torch.zeros(SIGNS, 1, 1))
        self.register_buffer("spread", torch.ones(SIGNS, 1, 1))
        self.layers = nn.Sequential(
            nn.Conv2d(SIGNS, _CHANNELS, 3, padding=1, padding_mode="replicate"),
            nn.ELU(),
            nn.Conv2d(_CHANNELS, _CHANNELS, 3, padding=2, dilation=2, padding_mode="replicate"),
            nn.ELU(),
            nn.Conv2d(_CHANNELS, 2, 3, padding=1, padding_mode="replicate"),
        )

    @in_full_precision
    def forward(self, evidence: Tensor, shares: Tensor, likeness: Tensor) -> Tensor:
        """Return confidence as hints and in the output ``(B, T, 2, H/2, W/2)`` in [0, 1].

        evidence ``(B, T, ., H/2, W/2)``; shares of the candidates ``(B, T, 6, H/2, W/2)``, the decoder's last; likeness
        of the best matches ``(B, T, 1, H/8, W/8)``.
        """
        read = signs(evidence.flatten(0, 1), shares.flatten(0, 1), likeness.flatten(0, 1))
        known = ((read - self.usual) / self.spread).clamp(-_LARGEST_SIGN, _LARGEST_SIGN)
        return torch.sigmoid(self.layers(known)).unflatten(0, evidence.shape[:2])


def signs(evidence: Tensor, shares: Tensor, likeness: Tensor) -> Tensor:
    """Return what speaks for and against the colours chosen ``(N, 12, h, w)``, from the same for each frame.

    Logarithms of how far luminance is off (fetched, and carried at three sizes), of how much the carried colours differ
    (three sizes), of the decoder's share and of how much the candidates differ (by their shares, and all alike); then
    likeness, and the largest share.
    """
    known = ColorEvidence.of(evidence, dim=1)
    (off_fine, spread_fine), (off_coarse, spread_coarse), (off_quarter, spread_quarter) = (
        (each / GAIN).split(1, dim=1) for each in (known.fine, known.coarse, known.quarter)
    )
    offs = [known.misfit / GAIN, off_fine.abs(), off_coarse.abs(), off_quarter.abs()]
    spreads = [spread_fine, spread_coarse, spread_quarter]
    colors = (known.candidates / GAIN).unflatten(1, (CANDIDATES, 2))
    weights, left = shares.split([CANDIDATES, 1], dim=1)
    weights = weights[:, :, None]
    mean = (colors * weights).sum(1, keepdim=True) / weights.sum(1, keepdim=True).clamp(min=1e-6)
    apart = ((colors - mean).square() * weights).sum((1, 2)).sqrt()[:, None]
    unlike = (colors - colors.mean(1, keepdim=True)).square().sum(2).mean(1, keepdim=True).sqrt()
    alike = F.interpolate(likeness, evidence.shape[-2:], mode="bilinear", align_corners=False)
    return torch.cat(
        [
            *((off + 0.01).log() for off in offs),
            *((spread.clamp(min=0) + 0.005).log() for spread in spreads),
            (left + 0.02).log(),
            (apart + 0.005).log(),
            (unlike + 0.005).log(),
            alike,
            weights.amax((1, 2))[:, None],
        ],
        dim=1,
    )


class Filling(nn.Module):
    """Fills what references leave open, frame by frame."""

    def __init__(self, prior: ColorPrior, confidence: Confidence) -> None:
        """Ask `prior`, in its inference form."""
        super().__init__()
        self.prior, self.confidence = prior, confidence

    @torch.no_grad()
    @in_full_precision
    def forward(self, luminance: Tensor, color: Tensor, sure: Tensor) -> Tensor:
        """Return chrominance about neutral, and the share that was carried: ``(B, T, 3, H, W)``.

        luminance ``(B, T, 1, H, W)``; colours carried ``(B, T, 2, H, W)``, about neutral, and how sure they are, as
        hints and in the output ``(B, T, 2, H, W)``.
        """
        shape = luminance.shape[:2]
        seen, carried, sure = (clip.flatten(0, 1) for clip in (luminance, color, sure))
        hinted, kept = sure.split(1, dim=1)
        size = size_for(seen, EDGE)
        small, weighted, known = (shrunk(plane, size) for plane in (seen, carried * hinted, hinted))
        known = torch.where(known > _LEAST, known, 0.0).clamp(0.0, 1.0)
        hints = Hints(weighted / known.clamp(min=_LEAST) + NEUTRAL, known)
        guess = enlarged(self.prior.unchecked_guess(small, hints).chrominance - NEUTRAL, small, seen)
        return torch.cat([kept * carried + (1 - kept) * guess, kept], dim=1).unflatten(0, shape)
