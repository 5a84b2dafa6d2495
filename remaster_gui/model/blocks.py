"""The one convolution unit that all networks are built of."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from remaster_gui.model.convolution import channels_last, convolve_in_turn, form_of
from remaster_gui.model.temporal import Edge, Timeline, join

_FEW = 2
"""Outputs up to which a convolution over three frames is faster apart than over stacked frames."""


def upsample(clip: Tensor, factor: int = 2) -> Tensor:
    """Enlarge a clip ``(B, T, C, H, W)`` bilinearly; the paper's trilinear resizing keeps T, so it is the same."""
    out = F.interpolate(clip.flatten(0, 1), scale_factor=factor, mode="bilinear", align_corners=False)
    return out.unflatten(0, clip.shape[:2])


def pool(clip: Tensor, factor: int) -> Tensor:
    """Average a clip ``(B, T, C, H, W)`` over squares of `factor` pixels."""
    return F.avg_pool2d(clip.flatten(0, 1), factor).unflatten(0, clip.shape[:2])


class ConvUnit(nn.Module):
    """Convolution of 1x3x3 or 3x3x3, batch normalisation, ELU (Sec. 3.1).

    The kernel is stored as a two-dimensional one over the stacked channels of the frames it sees, earliest first:
    ``(outputs, frames * inputs, 3, 3)``. Computing it so keeps every layer an ordinary image convolution, which runs at
    matrix-product speed in channels-last memory; a 3-D convolution with few channels does not.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        frames: int = 1,
        stride: int = 1,
        edge: Edge = "zeros",
        upsampled: bool = False,
        plain: bool = False,
    ) -> None:
        """Make a unit over `frames` (1 or 3) frames; `plain` leaves out normalisation and ELU."""
        super().__init__()
        self.frames, self.edge, self.upsampled, self.plain = frames, edge, upsampled, plain
        self.conv = nn.Conv2d(frames * inputs, outputs, 3, stride, padding=0 if edge == "replicate" else 1)
        self.form: nn.Module | None = None
        self.number: torch.dtype | None = None
        self.norm: nn.BatchNorm2d | None = None if plain else nn.BatchNorm2d(outputs)

    def forward(self, clip: Tensor, timeline: Timeline) -> Tensor:
        """Map ``(B, T, inputs, H, W)`` to ``(B, T', outputs, H / stride, W / stride)`` (twice that if upsampled).

        What comes out is float32 where a stack of units ends (`plain`), else in what the unit computes in.
        """
        if self.number is not None:
            clip = clip.to(self.number)
        if self.frames == 3:
            clip = timeline.around(self, clip, self.edge)
        count, margin = clip.shape[1] - self.frames + 1, self.frames - 1
        step = timeline.limits.frames
        if torch.is_grad_enabled() or step is None or count <= step:
            return self._convolve(clip)
        # A shot's end sets free the frames that all layers have held back; stacked at once they would not fit.
        return join([self._convolve(clip[:, t : t + step + margin]) for t in range(0, count, step)], dim=1)

    def _convolve(self, clip: Tensor) -> Tensor:
        form = None if torch.is_grad_enabled() else self.form
        if self.upsampled and form is None:
            clip = upsample(clip)
        if self.edge == "replicate":
            clip = F.pad(clip.flatten(0, 1), (1, 1, 1, 1), mode="replicate").unflatten(0, clip.shape[:2])
        count = clip.shape[1] - self.frames + 1
        if form is None and self.frames > 1 and self.conv.out_channels <= _FEW:
            out = self._convolve_apart(clip)
        elif clip.device.type == "cpu" and clip.dtype == torch.float32 and not torch.is_grad_enabled():
            parts = [(form or self._convolve_in_turn)(channels_last(frames)) for frames in clip]
            out = parts[0] if len(parts) == 1 else torch.cat(parts)
        else:
            shifted = [clip[:, t : t + count].flatten(0, 1) for t in range(self.frames)]
            out = self.conv(torch.cat(shifted, dim=1) if self.frames > 1 else shifted[0])
        if self.norm is not None:
            out = self.norm(out)
        if not self.plain:
            out = F.elu(out, inplace=True)
        elif self.number is not None:
            out = out.float()
        return out.unflatten(0, (clip.shape[0], count))

    def _convolve_apart(self, clip: Tensor) -> Tensor:
        """Convolve every frame once for all that see it and add: with few outputs, stacking would take longer."""
        conv, count = self.conv, clip.shape[1] - self.frames + 1
        kernel = torch.cat(conv.weight.chunk(self.frames, dim=1))
        shares = F.conv2d(clip.flatten(0, 1), kernel, None, conv.stride, conv.padding)
        by_frame = shares.unflatten(0, clip.shape[:2]).split(conv.out_channels, dim=2)
        out = cast(Tensor, conv.bias)[:, None, None]
        for t, share in enumerate(by_frame):
            out = out + share[:, t : t + count]
        return out.flatten(0, 1)

    def _convolve_in_turn(self, frames: Tensor) -> Tensor:
        """Convolve the frames of one clip ``(F, C, H, W)`` without stacking them."""
        conv, kernels = self.conv, self.conv.weight.chunk(self.frames, dim=1)
        return convolve_in_turn(frames, kernels, conv.bias, conv.stride[0], int(conv.padding[0]))

    def forget_neighbours(self) -> None:
        """Set the weights of all frames but the middle one to zero."""
        if self.frames == 3:
            earlier, _, later = self.conv.weight.data.chunk(3, dim=1)
            earlier.zero_()
            later.zero_()

    def fold(self) -> None:
        """Turn into the form for inference: normalisation merged into the convolution, which does what it can save."""
        if self.norm is not None:
            self.conv = fuse_conv_bn_eval(self.conv.eval(), self.norm.eval())
            self.norm = None
        self.form = form_of(self.conv, self.frames, upsampled=self.upsampled)

    def compute_in(self, number: torch.dtype) -> None:
        """Compute the folded convolution in numbers of that kind, whatever comes in."""
        self.number = number
        self.conv.to(number)
        if number != torch.float32:
            self.form = None


class ConvStack(nn.ModuleList):
    """Units one after another."""

    def forward(self, clip: Tensor, timeline: Timeline) -> Tensor:
        """Apply every unit in turn."""
        for unit in self:
            clip = unit(clip, timeline)
        return clip
