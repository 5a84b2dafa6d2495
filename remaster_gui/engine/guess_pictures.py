"""Frames that are coloured by guess, as pictures."""

from __future__ import annotations

import numpy as np
import torch

from remaster_gui.base.arrays import Float, Pixels
from remaster_gui.base.color import lab_to_rgb, luma_to_lightness
from remaster_gui.engine.sizes import Size, resize
from remaster_gui.model.guessing import guess_colors
from remaster_gui.model.prior import ColorPrior

_LARGEST_EDGE = 720
"""Shorter edge in pixels of a guessed picture, at most: the networks work at smaller sizes."""


def guess_picture(prior: ColorPrior, luma: Pixels, vividness: float) -> Pixels:
    """Colour a frame's luma ``(H, W)`` by guess; returns sRGB ``(h, w, 3)`` uint8, smaller where it is large."""
    return guess_of_luminance(prior, luma_to_lightness(luma), vividness)


def guess_of_luminance(prior: ColorPrior, luminance: Float, vividness: float) -> Pixels:
    """Do the same with luminance ``(H, W)`` in [0, 1]."""
    height, width = luminance.shape
    scale = min(1.0, _LARGEST_EDGE / min(height, width))
    seen = resize(luminance, Size(max(1, round(width * scale)), max(1, round(height * scale))))
    color = guess_colors(prior, torch.from_numpy(seen)[None, None], vividness)
    rgb = lab_to_rgb(seen, np.ascontiguousarray(color[0].permute(1, 2, 0).cpu().numpy()))
    picture: Pixels = np.rint(rgb * np.float32(255)).astype(np.uint8)
    return picture
