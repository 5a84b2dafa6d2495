"""The one convolution unit that all networks are built of."""

from __future__ import annotations

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

from remaster_gui.model.convolution import channels_last, convolve_in_turn, form_of
from remaster_gui.model.temporal import Edge, TemporalContext, join

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

    def forward(self, clip: Tensor, context: TemporalContext) -> Tensor:
        """Map ``(B, T, inputs, H, W)`` to ``(B, T', outputs, H / stride, W / stride)`` (twice that if upsampled).

        What comes out is float32 where a stack of units ends (`plain`), else in what the unit computes in.
        """
        if self.number is not None:
            clip = clip.to(self.number)
        parts = [clip] if self.frames == 1 else context.pieces(self, clip, self.edge)
        margin = self.frames - 1
        count, step = sum(part.shape[1] for part in parts) - margin, context.limits.frames
        if torch.is_grad_enabled() or step is None or count <= step:
            return self._convolve(parts)
        # A shot's end sets free the frames that all layers have held back; stacked at once they would not fit.
        clip = join(parts, dim=1)
        return join([self._convolve([clip[:, t : t + step + margin]]) for t in range(0, count, step)], dim=1)

    def _convolve(self, parts: list[Tensor]) -> Tensor:
        """Convolve a clip that comes in consecutive parts."""
        if self.edge == "replicate":
            parts = [
                F.pad(p.flatten(0, 1), (1, 1, 1, 1), mode="replicate").unflatten(0, p.shape[:2])
                for p in parts
            ]
        batch = parts[0].shape[0]
        if batch == 1 and self._on_processor(parts[0]):
            out = self._convolve_pieces([channels_last(part[0]) for part in parts])
        else:
            out = self._convolve_clip(join(parts, dim=1))
        if self.norm is not None:
            out = self.norm(out)
        if not self.plain:
            out = F.elu(out, inplace=True)
        elif self.number is not None:
            out = out.float()
        return out.unflatten(0, (batch, -1))

    def _on_processor(self, clip: Tensor) -> bool:
        """Whether to compute as is best on a processor, without gradients."""
        return clip.device.type == "cpu" and clip.dtype == torch.float32 and not torch.is_grad_enabled()

    def _convolve_clip(self, clip: Tensor) -> Tensor:
        """Convolve ``(B, T, inputs, H, W)`` to frames ``(B * T', outputs, H', W')``."""
        if self._on_processor(clip):
            return torch.cat([self._convolve_pieces([channels_last(frames)]) for frames in clip])
        if self.upsampled:
            clip = upsample(clip)
        if self._is_apart:
            return self._convolve_apart([clip])
        count = clip.shape[1] - self.frames + 1
        shifted = [clip[:, t : t + count].flatten(0, 1) for t in range(self.frames)]
        return cast(Tensor, self.conv(torch.cat(shifted, dim=1) if self.frames > 1 else shifted[0]))

    def _convolve_pieces(self, pieces: list[Tensor]) -> Tensor:
        """Convolve the frames of one clip in consecutive pieces ``(F, inputs, H, W)``."""
        if self.form is not None:
            return cast(Tensor, self.form(pieces))
        if self.upsampled:
            pieces = [upsample(piece[None])[0] for piece in pieces]
        if self._is_apart:
            return self._convolve_apart([piece[None] for piece in pieces])
        conv, kernels = self.conv, self.conv.weight.chunk(self.frames, dim=1)
        return convolve_in_turn(pieces, kernels, conv.bias, conv.stride[0], int(conv.padding[0]))

    @property
    def _is_apart(self) -> bool:
        return self.frames > 1 and self.conv.out_channels <= _FEW

    def _convolve_apart(self, pieces: list[Tensor]) -> Tensor:
        """Convolve every frame once for all that see it and add: with few outputs, stacking would take longer.

        What comes out is small, so that only that is joined, one plane after another.
        """
        conv, kernel = self.conv, torch.cat(self.conv.weight.chunk(self.frames, dim=1))
        convolved = [
            F.conv2d(piece.flatten(0, 1), kernel, None, conv.stride, conv.padding)
            .contiguous()
            .unflatten(0, piece.shape[:2])
            for piece in pieces
        ]
        shares = convolved[0] if len(convolved) == 1 else torch.cat(convolved, dim=1)
        count, by_frame = shares.shape[1] - self.frames + 1, shares.split(conv.out_channels, dim=2)
        out = cast(Tensor, conv.bias)[:, None, None]
        for t, share in enumerate(by_frame):
            out = out + share[:, t : t + count]
        return out.flatten(0, 1)

    def forget_neighbours(self) -> None:
        """Set the weights of all frames but the middle one to zero."""
        if self.frames == 3:
            earlier, _, later = self.conv.weight.data.chunk(3, dim=1)
            earlier.zero_()
            later.zero_()

    def fold(self) -> None:
        """Turn into the form for inference: normalisation merged into the convolution, which does what it can save."""
        norm = self.norm
        if norm is not None:
            assert norm.running_mean is not None and norm.running_var is not None
            self.conv.weight, self.conv.bias = fuse_conv_bn_weights(
                self.conv.weight,
                self.conv.bias,
                norm.running_mean,
                norm.running_var,
                norm.eps,
                norm.weight,
                norm.bias,
            )
            self.norm = None
        self.form = form_of(self.conv, self.frames, upsampled=self.upsampled)

    def compute_in(self, number: torch.dtype) -> None:
        """Compute the folded convolution in numbers of that kind, whatever comes in."""
        self.number = number
        if self.conv.weight.dtype != number:
            self.conv.to(number)
        if number != torch.float32:
            self.form = None


class ConvStack(nn.ModuleList):
    """Units one after another."""

    def forward(self, clip: Tensor, context: TemporalContext) -> Tensor:
        """Apply every unit in turn."""
        for unit in self:
            clip = unit(clip, context)
        return clip
