"""Colours of a picture of which nothing is known: the prior's mean opinion, as vivid as is wished.

The mean is right more often than any other guess, and pale. The annealed mean of the distribution (Sec. 2.3 of
*Colorful Image Colorization*, Zhang et al., ECCV 2016) is as vivid as photographs are, but neighbouring spots that
decide each for itself make blotches; so the distribution is first smoothed along luminance.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.enlarging import enlarged, lines, shrunk, size_for
from remaster_gui.model.filling import EDGE
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.prior import ColorPrior, Guess, annealed_mean

TEMPERATURE = 0.38
"""Of the annealed mean that is the most vivid."""
_RADIUS = 6
_SMOOTHNESS = 1e-2
"""Of the distribution: neighbourhood in its pixels, and variance of luminance below which it counts as flat."""
_LEAST = 1e-8


@torch.no_grad()
@in_full_precision
def guess_colors(prior: ColorPrior, luminance: Tensor, vividness: float) -> Tensor:
    """Return chrominance ``(N, 2, H, W)`` in [0, 1] of luminance ``(N, 1, H, W)``, on the prior's device.

    `vividness` blends from the mean (0) to the annealed mean (1).
    """
    luminance = luminance.to(prior.centres.device)
    small = shrunk(luminance, size_for(luminance, EDGE))
    guess = prior.unchecked_guess(small)
    color = guess.chrominance - NEUTRAL
    if vividness > 0:
        smaller = shrunk(small, (guess.logits.shape[-2], guess.logits.shape[-1]))
        steady = Guess(guess.chrominance, smoothed(guess.logits, smaller))
        vivid = annealed_mean(steady, prior.centres, TEMPERATURE) - NEUTRAL
        color = (1 - vividness) * color + vividness * enlarged(vivid, smaller, small)
    return (enlarged(color, small, luminance) + NEUTRAL).clamp(0.0, 1.0)


def smoothed(logits: Tensor, luminance: Tensor) -> Tensor:
    """Let neighbours that are about as light decide together: the guided filter of the distribution."""
    slope, offset = lines(F.softmax(logits, dim=1), luminance, _RADIUS, _SMOOTHNESS)
    return (slope * luminance + offset).clamp(min=_LEAST).log()
