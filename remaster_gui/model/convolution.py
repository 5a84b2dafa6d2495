"""How a processor computes the convolutions of a folded network: fast forms of the same sums.

Frames are not stacked: what the earlier, the same and the later frame contribute is added up where the result lies, by
the convolution itself. Pictures are not enlarged before they are convolved: four convolutions of the small picture, one
for each pixel of a square of two, see the same values. Wide convolutions take fewer multiplications (`winograd`).
Results differ from the plain form by rounding alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.winograd import WinogradConvolution, pays

ADDS_UP = torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_convolution_pointwise_")
"""Whether a convolution can add to a result that is there, as in what PyTorch's own compiler makes."""

_BEFORE = ((0.75, 0.25, 0.0), (0.25, 0.75, 0.0), (0.0, 0.75, 0.25))
_AFTER = ((0.25, 0.75, 0.0), (0.0, 0.75, 0.25), (0.0, 0.25, 0.75))
"""The values around the first and the second of two enlarged pixels, as sums of the three small pixels there."""


def form_of(conv: nn.Conv2d, frames: int, *, upsampled: bool) -> nn.Module | None:
    """Return how to compute a folded convolution over `frames` frames where it is; None: as it stands.

    The form maps the frames of one clip, given as consecutive pieces ``(F, C, H, W)``, to those with all neighbours
    ``(F - frames + 1, C', H', W')``, and enlarges them first if that belongs to it.
    """
    if conv.weight.device.type != "cpu" or conv.weight.dtype != torch.float32:
        return None
    if upsampled:
        return EnlargedConvolution(conv, frames)
    return WinogradConvolution(conv, frames) if pays(conv) else None


def channels_last(pictures: Tensor) -> Tensor:
    """Return pictures ``(N, C, H, W)`` in channels-last memory, and strides that say so.

    By those of a single channel pictures could lie either way; what is made of them would then lie the other one.
    """
    _, channels, height, width = pictures.shape
    pictures = pictures.contiguous(memory_format=torch.channels_last)
    strides = (channels * height * width, 1, channels * width, channels)
    return pictures.as_strided(pictures.shape, strides)


def convolve_in_turn(
    pieces: Sequence[Tensor], kernels: Sequence[Tensor], bias: Tensor | None, stride: int, padding: int
) -> Tensor:
    """Convolve frames with a kernel for each one that is seen, earliest first, and add up.

    The frames come as consecutive pieces ``(F, C, H, W)``, which need not be joined.
    """
    count = sum(map(len, pieces)) - len(kernels) + 1
    starts = list(accumulate(map(len, pieces), initial=0))[:-1]
    base = next(
        (
            (start, piece, tap)
            for start, piece in zip(starts, pieces, strict=True)
            for tap in range(len(kernels))
            if start <= tap and tap + count <= start + len(piece)
        ),
        None,
    )
    if base is None:
        return convolve_in_turn([torch.cat(list(pieces))], kernels, bias, stride, padding)
    start, whole, first = base
    out = F.conv2d(whole[first - start : first - start + count], kernels[first], bias, stride, padding)
    for tap, kernel in enumerate(kernels):
        for start, piece in zip(starts, pieces, strict=True):
            low, high = max(start, tap), min(start + len(piece), tap + count)
            if tap != first and low < high:
                _add_convolved(
                    out[low - tap : high - tap], piece[low - start : high - start], kernel, stride, padding
                )
    return out


def _add_convolved(out: Tensor, frames: Tensor, kernel: Tensor, stride: int, padding: int) -> None:
    if ADDS_UP and frames.device.type == "cpu" and out.is_contiguous(memory_format=torch.channels_last):
        torch.ops.mkldnn._convolution_pointwise_.binary(
            out, frames, kernel, None, (padding,) * 2, (stride,) * 2, (1, 1), 1, "add", 1.0, None, [], None
        )
    else:
        out += F.conv2d(frames, kernel, None, stride, padding)


class EnlargedConvolution(nn.Module):
    """A convolution of bilinearly enlarged pictures, zero-padded, computed on the pictures as they are.

    Beyond its border a small picture goes on as it ends, which is right for the enlargement. The convolution, however,
    meets zeros beyond the enlarged picture: what that border contributes is taken off again.
    """

    def __init__(self, conv: nn.Conv2d, frames: int) -> None:
        """Take over the numbers of `conv`, which sees `frames` frames, earliest first."""
        super().__init__()
        self._frames = frames
        weight = conv.weight.detach()
        sums = weight.new_tensor([_BEFORE, _AFTER])
        kernel = torch.einsum("pai,qbj,ocab->pqocij", sums, sums, weight).flatten(0, 2)
        small = nn.Conv2d(kernel.shape[1], kernel.shape[0], 3, padding=1)
        small.weight.data = kernel.contiguous(memory_format=torch.channels_last)
        assert small.bias is not None and conv.bias is not None
        small.bias.data = conv.bias.detach().repeat(4)
        self.winograd = WinogradConvolution(small, frames) if pays(small) else None
        # Not parameters: what the network has learned is still in `conv`.
        for name, numbers in (("weight", weight), ("kernel", small.weight.data), ("bias", small.bias.data)):
            self.register_buffer(name, numbers, persistent=False)

    def forward(self, pieces: Sequence[Tensor]) -> Tensor:
        """Map consecutive pieces of frames ``(F, C, H, W)`` to ``(F - taps + 1, C', 2 H, 2 W)``, F counting all."""
        padded = [F.pad(piece, (1, 1, 1, 1), mode="replicate") for piece in pieces]
        if self.winograd is not None:
            phases = self.winograd(padded)[..., 1:-1, 1:-1]
        else:
            kernels = self.get_buffer("kernel").chunk(self._frames, dim=1)
            phases = convolve_in_turn(padded, kernels, self.get_buffer("bias"), 1, 0)
        out = _interleaved(phases)
        for rim, kernel, beyond in self._rims(pieces, out):
            seen = torch.cat([beyond[t : t + len(out)] for t in range(self._frames)], dim=1)
            rim -= F.conv2d(seen, kernel)
        return out

    def _rims(self, pieces: Sequence[Tensor], out: Tensor) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield each rim of the result, the part of the kernel that reaches beyond it, and what that part met there.

        The corners belong to the rows.
        """
        weight = self.get_buffer("weight")
        for first in (True, False):
            inner, end = (slice(0, 1), slice(0, 1)) if first else (slice(-1, None), slice(2, 3))
            row = _enlarged(torch.cat([piece[:, :, inner] for piece in pieces]))[:, :, inner]
            column = _enlarged(torch.cat([piece[..., inner] for piece in pieces]))[..., inner]
            yield out[:, :, inner], weight[:, :, end], F.pad(row, (1, 1, 0, 0), mode="replicate")
            yield out[..., inner], weight[..., end], F.pad(column, (0, 0, 1, 1))


def _enlarged(pictures: Tensor) -> Tensor:
    return F.interpolate(pictures, scale_factor=2, mode="bilinear", align_corners=False)


def _interleaved(phases: Tensor) -> Tensor:
    """Turn four channels a square of two, rows first, ``(N, 4 C, H, W)`` into the square ``(N, C, 2 H, 2 W)``."""
    squares = phases.permute(0, 2, 3, 1).unflatten(-1, (2, 2, -1))
    return squares.transpose(2, 3).flatten(3, 4).flatten(1, 2).permute(0, 3, 1, 2)
