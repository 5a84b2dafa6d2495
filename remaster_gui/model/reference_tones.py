"""The source's luminance in the tones of its references, so that the two can be compared.

In a fade, after a cut or on a faded print a thing is darker or flatter than in the reference that shows it. Whatever
decides by luminance which move fits and which colour to trust then prefers another thing that has the right grey by
chance. Attention compares patches less their mean and over their deviation, so it finds the thing all the same; what it
found says how the frame's tones differ, as one gain and one offset.
"""

from __future__ import annotations

import torch
from torch import Tensor

from remaster_gui.model.blocks import pool
from remaster_gui.model.precision import in_full_precision

_ROUNDS = 3
"""Fits, each of which trusts cells by how well they agreed with the one before."""
_LEAST_ERROR = 0.01
"""What cells may always be off, on the network's scale."""
_TOLERANCE = 1.5
"""How many times the median error a cell may be off before it loses most of its say."""
_LEAST_VARIANCE = 1e-4
"""Of a frame's luminance; one that hardly varies keeps its contrast."""
_FLAT = 1e-6
"""Variance below which nothing can agree."""
_AGREED = 0.7
"""Correlation of a frame's luminance with its matches' from which on these are believed altogether."""
_GAINS = (0.4, 2.5)


@torch.no_grad()
@in_full_precision
def in_reference_tones(luminance: Tensor, found: Tensor) -> Tensor:
    """Return each frame of luminance ``(B, T, 1, H, W)`` with the gain and offset that agree best with its matches.

    found ``(B, T, 1, h, w)``: the luminance in the references that matches each cell. The less that has to do with the
    frame's, the less the frame changes. Frames do not depend on each other. Results may leave [0, 1].
    """
    own = pool(luminance, luminance.shape[-1] // found.shape[-1]).float().flatten(2)
    theirs = found.float().flatten(2)
    gain, offset = torch.ones_like(own[..., :1]), torch.zeros_like(own[..., :1])
    for _ in range(_ROUNDS):
        error = (gain * own + offset - theirs).abs()
        usual = error.median(-1, keepdim=True).values.clamp(min=_LEAST_ERROR)
        trust = (1 + (error / (_TOLERANCE * usual)).square()).reciprocal()
        trust = trust / trust.sum(-1, keepdim=True)
        mean, other_mean = ((trust * each).sum(-1, keepdim=True) for each in (own, theirs))
        apart, other_apart = own - mean, theirs - other_mean
        spread, other_spread = (
            (trust * each.square()).sum(-1, keepdim=True) for each in (apart, other_apart)
        )
        # Either side has errors; a least squares fit of one by the other would make the gain too small.
        gain = ((other_spread + _LEAST_VARIANCE) / (spread + _LEAST_VARIANCE)).sqrt().clamp(*_GAINS)
        offset = other_mean - gain * mean
    common = (trust * apart * other_apart).sum(-1, keepdim=True).clamp(min=0)
    agreement = (common / (spread * other_spread).sqrt().clamp(min=_FLAT) / _AGREED).clamp(max=1)
    gain, offset = (each[..., None, None] for each in (1 + agreement * (gain - 1), agreement * offset))
    return (gain * luminance + offset).to(luminance.dtype)
