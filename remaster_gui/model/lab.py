"""sRGB to the network's Lab on tensors, for pictures that are already on the device."""

from __future__ import annotations

import torch
from torch import Tensor

from remaster_gui.base.srgb import EXPONENT, KNEE_CODED, KNEE_LINEAR, OFFSET, SCALE, SLOPE
from remaster_gui.model.precision import in_full_precision

LUMA = (0.299, 0.587, 0.114)
"""What gamma-coded red, green and blue count in luma."""
_TO_XYZ = (  # sRGB to XYZ, each row divided by the D65 white
    (0.412453 / 0.950456, 0.357580 / 0.950456, 0.180423 / 0.950456),
    (0.212671, 0.715160, 0.072169),
    (0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754),
)


def to_linear(rgb: Tensor) -> Tensor:
    """Linear light of sRGB code values (see `base.srgb`)."""
    return torch.where(rgb <= KNEE_CODED, rgb / SLOPE, ((rgb.clamp(min=0) + OFFSET) / SCALE) ** EXPONENT)


def to_coded(linear: Tensor) -> Tensor:
    """SRGB code values of linear light; its gradient is finite everywhere."""
    curved = SCALE * linear.clamp(min=1e-6) ** (1 / EXPONENT) - OFFSET
    return torch.where(linear <= KNEE_LINEAR, SLOPE * linear, curved)


@in_full_precision
def rgb_to_lab(rgb: Tensor) -> Tensor:
    """Map sRGB ``(..., 3, H, W)`` in [0, 1] to luminance ``L*/100`` and chrominance ``(ab + 128) / 255``."""
    linear = to_linear(rgb)
    matrix = torch.tensor(_TO_XYZ, dtype=rgb.dtype, device=rgb.device)
    xyz = torch.einsum("ij,...jhw->...ihw", matrix, linear)
    delta = 6.0 / 29.0
    cube = torch.where(xyz > delta**3, xyz.clamp(min=1e-9) ** (1.0 / 3.0), xyz / (3 * delta**2) + 4.0 / 29.0)
    x, y, z = cube.unbind(-3)
    lightness = (116.0 * y - 16.0) / 100.0
    return torch.stack(
        [lightness, (500.0 * (x - y) + 128.0) / 255.0, (200.0 * (y - z) + 128.0) / 255.0], dim=-3
    )


@in_full_precision
def lab_to_rgb(lab: Tensor) -> Tensor:
    """Map luminance and chrominance ``(..., 3, H, W)`` on the network's scale to sRGB in [0, 1], cut to its gamut.

    The inverse of `rgb_to_lab` for colours that sRGB has.
    """
    lightness, a, b = lab.unbind(-3)
    y = (100.0 * lightness + 16.0) / 116.0
    cube = torch.stack([y + (255.0 * a - 128.0) / 500.0, y, y - (255.0 * b - 128.0) / 200.0], dim=-3)
    delta = 6.0 / 29.0
    xyz = torch.where(cube > delta, cube**3, 3 * delta**2 * (cube - 4.0 / 29.0))
    matrix = torch.tensor(_TO_XYZ, dtype=torch.float64).inverse().to(lab)
    linear = torch.einsum("ij,...jhw->...ihw", matrix, xyz).clamp(0.0, 1.0)
    return to_coded(linear)
