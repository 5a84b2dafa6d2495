"""Colours that follow the motion from the frames that references show: one more opinion beside what attention finds.

Attention looks for the like of a place, wherever it lies; motion knows where it came from. Where both err they err
differently. Whose luminance agrees better with the film's tells which of them to trust; how far it does was learned on
the training films of `remaster-compact`.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.enlarging import box
from remaster_gui.model.precision import in_full_precision

SIDES = 2
"""A frame is followed from the reference before it and from the one after it."""
BROUGHT = 5
"""Channels of each side: luminance and chrominance about neutral as they were followed, strength, and nearness.

Strength is that of the reference, from 0 to 1; nearness is what a side counts beside the other.
"""

_AROUND = 4
"""Pixels to either side over which misfits are averaged."""
_FITS = 0.02
"""Misfit of luminance that makes one side count by a factor of e less than the other."""
_LEAST = 0.004
"""Misfit that is none, on the network's scale."""
_NOTHING = 1e-12
_BIAS, _BY_FRAME, _BY_PLACE = 0.4, 0.6, 1.6
"""Trust where both misfits are alike, and how it falls with their ratio in the whole frame and at the place."""


class Followed(NamedTuple):
    """Chrominance about neutral ``(B, T, 2, H, W)``; misfit of its luminance and its strength ``(B, T, 1, H, W)``.

    Nothing counts where nothing was followed.
    """

    color: Tensor
    misfit: Tensor
    strength: Tensor


@in_full_precision
def judged(brought: Tensor, luminance: Tensor) -> Followed:
    """Join both sides ``(B, T, 10, H, W)`` by how well they fit luminance ``(B, T, 1, H, W)``."""
    sides = brought.float().unflatten(2, (SIDES, BROUGHT))
    strengths, near = sides[:, :, :, 3:4], sides[:, :, :, 4:]
    misfits = _averaged((sides[:, :, :, :1] - luminance.float()[:, :, None]).abs())
    # What counts nothing has no say, however well it fits; of a weak reference the rest is left to attention.
    weights = torch.where(strengths > 0, near, 0.0) * (-misfits / _FITS).exp()
    weights = weights / weights.sum(2, keepdim=True).clamp(min=_NOTHING)
    planes = torch.cat([sides[:, :, :, 1:3], misfits, strengths], dim=3)
    return Followed(*(weights * planes).sum(2).split([2, 1, 1], dim=2))


@in_full_precision
def followed_share(followed: Followed, misfit: Tensor) -> Tensor:
    """Return how much of the colour is what was followed ``(B, T, 1, H, W)``.

    misfit ``(B, T, 1, H, W)``: of the luminance that was fetched by what attention found.
    """
    own = _averaged(misfit.float()[:, :, None])[:, :, 0]
    known = (followed.strength > 0).float()
    frames = (
        (each * known).sum((2, 3, 4), keepdim=True) / known.sum((2, 3, 4), keepdim=True).clamp(min=1)
        for each in (followed.misfit, own)
    )
    by_frame, by_place = (
        (one + _LEAST).log() - (other + _LEAST).log()
        for one, other in (tuple(frames), (followed.misfit, own))
    )
    return followed.strength * torch.sigmoid(_BIAS - _BY_FRAME * by_frame - _BY_PLACE * by_place)


def _averaged(planes: Tensor) -> Tensor:
    """Average planes ``(B, T, S, 1, H, W)`` over the pixels around."""
    flat = F.pad(planes.flatten(0, 2), (_AROUND,) * 4, mode="replicate")
    return box(flat, _AROUND).unflatten(0, planes.shape[:3])
