"""Cutting views of pictures on the device, and what a film stock makes of their colours.

The arithmetic of `remaster_gui.training.augmentation`, for tensors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.lab import lab_to_rgb, rgb_to_lab, to_coded, to_linear
from remaster_gui.training.augmentation import CropView, covered_span

_BORDER = 3
"""Pixels beyond a view that bicubic interpolation looks at."""


def cut(picture: Tensor, view: CropView, warp: Tensor | None = None) -> Tensor:
    """Cut `view` out of ``(3, H, W)`` uint8: ``(3, size, size)`` float32 in [0, 1].

    Where the view looks outside, the picture is mirrored; it is shrunk without aliasing. `warp` ``(2, h, w)`` displaces
    what is seen smoothly, in shares of the view's size (x, y).
    """
    height, width = picture.shape[-2:]
    turn = np.deg2rad(view.angle)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))
    reach = view.size / 2 * (abs(cos) + abs(sin)) + _BORDER
    if warp is not None:
        reach += view.size * float(warp.abs().max())
    left, right = covered_span(view.x, reach, view.scale, width)
    top, bottom = covered_span(view.y, reach, view.scale, height)
    part = picture[None, :, top:bottom, left:right].float() / 255
    if view.scale < 1:
        size = (max(2, round((bottom - top) * view.scale)), max(2, round((right - left) * view.scale)))
        part = F.interpolate(part, size=size, mode="bilinear", antialias=True)
    steps = torch.arange(view.size, device=picture.device, dtype=torch.float32) - (view.size - 1) / 2
    x, y = (-steps if view.flip else steps)[None, :], steps[:, None]
    if warp is not None:
        bent = F.interpolate(warp[None], size=(view.size, view.size), mode="bicubic", align_corners=False)
        x, y = x + view.size * bent[0, 0], y + view.size * bent[0, 1]
    seen_x = (view.x + cos * x - sin * y) / view.scale - left
    seen_y = (view.y + sin * x + cos * y) / view.scale - top
    grid = torch.stack([2 * seen_x / (right - left) - 1, 2 * seen_y / (bottom - top) - 1], dim=-1)
    found = F.grid_sample(part, grid[None], mode="bicubic", padding_mode="reflection", align_corners=False)
    return found[0].clamp(0.0, 1.0)


def turn_hues(lab: Tensor, angles: Tensor) -> Tensor:
    """Turn the hues of ``(B, 3, H, W)`` on the network's scale by `angles` ``(B,)``, in radians.

    Turned colours pass through sRGB, so that all that is turned alike is cut to the same gamut and still agrees.
    Luminance stays.
    """
    cos, sin = (f(angles)[:, None, None] for f in (torch.cos, torch.sin))
    lightness, a, b = lab[:, 0], lab[:, 1] - NEUTRAL, lab[:, 2] - NEUTRAL
    turned = torch.stack([lightness, cos * a - sin * b + NEUTRAL, sin * a + cos * b + NEUTRAL], dim=1)
    again = rgb_to_lab(lab_to_rgb(turned))
    return torch.cat([lab[:, :1], again[:, 1:]], dim=1)


@dataclass(frozen=True, slots=True)
class FilmStock:
    """How a black-and-white film sees: sensitivity to red, green and blue light, tones, softness, grain."""

    sensitivity: tuple[float, float, float] | None
    gamma: float
    gain: float
    offset: float
    soft: bool
    grain: float
    seed: int

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Draw a stock; a third of them see other colours as light than the eye does."""
        other = rng.random() < 0.3
        red, green, blue = rng.uniform((0.02, 0.2, 0.05), (0.62, 1.2, 0.65))
        total = red + green + blue
        return cls(
            (red / total, green / total, blue / total) if other else None,
            gamma=float(2 ** rng.uniform(-0.5, 0.5)),
            gain=float(rng.uniform(0.75, 1.1)),
            offset=float(rng.uniform(-0.05, 0.1)),
            soft=bool(rng.random() < 0.3),
            grain=float(rng.uniform(0.0, 0.04)) if rng.random() < 0.4 else 0.0,
            seed=int(rng.integers(1 << 62)),
        )

    def expose(self, rgb: Tensor) -> Tensor:
        """Return the luminance ``(1, H, W)`` in [0, 1] that this stock makes of sRGB ``(3, H, W)`` in [0, 1]."""
        if self.sensitivity is None:
            grey = rgb
        else:
            weights = rgb.new_tensor(self.sensitivity)[:, None, None]
            light = (to_linear(rgb) * weights).sum(0, keepdim=True)
            grey = to_coded(light).expand(3, -1, -1)
        tones = rgb_to_lab(grey)[:1].clamp(0.0, 1.0) ** self.gamma * self.gain + self.offset
        if self.soft:
            tones = F.avg_pool2d(F.pad(tones[None], (1, 1, 1, 1), mode="replicate"), 3, 1)[0]
        if self.grain:
            noise = torch.Generator(rgb.device).manual_seed(self.seed)
            tones = tones + self.grain * torch.randn(tones.shape, generator=noise, device=rgb.device)
        return tones.clamp(0.0, 1.0)


def smooth_field(rng: np.random.Generator, planes: int, cells: int) -> NDArray[np.float32]:
    """Return small planes ``(planes, cells, cells)`` of normal noise, to be enlarged smoothly."""
    return rng.standard_normal((planes, cells, cells), dtype=np.float32)
