"""The black around scanned frames, painted over with what lies beside it while colours are looked for.

All black borders are alike: beside one a place matches whatever lies beside the border of a reference, and the wrong
colours reach far into the picture. Each frame is looked at by itself, so that it comes out the same in every window.
"""

from __future__ import annotations

import torch
from torch import Tensor

from remaster_gui.model.precision import in_full_precision

_SOUGHT = 0.08
"""Share of a picture's width or height, at each of its sides, in which a border is looked for."""
_BRIGHT = 0.98
"""Share of a line's pixels that are no brighter than the line counts as: dust and writing in a border are left out."""
_BLACK = 0.1
"""Luminance of the outermost line of a border, at most."""
_EDGE, _PICTURE = 0.25, 0.6
"""A border's outermost line, and the first line of the picture, beside the lines further in."""
_SOFT = 2
"""Lines of the picture that are as good as border, where that ends softly."""
_LEAST = 1e-3


@torch.no_grad()
@in_full_precision
def border_widths(luminance: Tensor) -> Tensor:
    """Return how many lines are border at top, bottom, left and right ``(B, T, 4)``; luminance ``(B, T, 1, H, W)``."""
    frames = luminance[:, :, 0].float()
    sides = [_width(lines) for planes in (frames, frames.mT) for lines in (planes, planes.flip(2))]
    return torch.stack(sides, dim=2)


def _width(frames: Tensor) -> Tensor:
    """Return how many of the first lines ``(B, T, line, pixel)`` are border ``(B, T)``."""
    most = max(2, round(_SOUGHT * frames.shape[2]))
    lines = frames[:, :, : 2 * most]
    bright = lines.kthvalue(1 + round(_BRIGHT * (lines.shape[3] - 1)), dim=3).values
    inside = bright[:, :, most:].median(dim=2, keepdim=True).values
    is_picture = bright[:, :, :most] >= _PICTURE * inside
    is_border = (bright[:, :, :1] <= _BLACK) & (bright[:, :, :1] < _EDGE * inside)
    found = is_picture.int().argmax(dim=2) + _SOFT
    return torch.where(is_border[:, :, 0] & is_picture.any(dim=2), found, 0)


def painted_over(planes: Tensor, widths: Tensor) -> Tensor:
    """Repeat the outermost lines of the picture over the border of planes ``(B, T, C, H, W)``."""
    if widths.device.type == "cpu" and not widths.any():
        return planes
    height, width = planes.shape[-2:]
    top, bottom, left, right = (each[..., None] for each in widths.unbind(dim=2))
    rows, columns = (torch.arange(edge, device=planes.device) for edge in (height, width))
    rows = rows.maximum(top).minimum(height - 1 - bottom)[:, :, None, :, None]
    columns = columns.maximum(left).minimum(width - 1 - right)[:, :, None, None, :]
    wide = planes.gather(4, columns.expand_as(planes))
    return wide.gather(3, rows.expand_as(planes))


def shade(luminance: Tensor, painted: Tensor) -> Tensor:
    """Return how much of its colour is left to each pixel that was painted over, 1 elsewhere ``(B, T, 1, H, W)``."""
    return ((luminance + _LEAST) / (painted + _LEAST)).clamp(0.0, 1.0)
