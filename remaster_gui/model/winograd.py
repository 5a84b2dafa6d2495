"""Convolutions of 3x3 with fewer multiplications (Winograd's F(2x2, 3x3); Lavin & Gray, CVPR 2016).

A tile of 4x4 values becomes a tile of 2x2 results by 16 multiplications instead of 36. What each frame contributes is
transformed once and serves all frames that see it. On processors, where arithmetic is what wide networks wait for, this
makes them about 1.4 times as fast; results differ from direct convolution by rounding alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TILE_BYTES = 16 << 20
"""Transformed tiles at work at a time; more would not stay in the processor's cache."""
LEAST_INPUTS, LEAST_OUTPUTS = 384, 64
"""Channels (of all frames together) from which the saved products outweigh the transforms."""
_DIFFERENCES = ((0, 2, -1), (1, 2, 1), (2, 1, -1), (1, 3, -1))
"""The transform of four values: which two are added, and the second one's sign."""


def pays(conv: nn.Conv2d) -> bool:
    """Whether a convolution gains by this form where it is."""
    weight = conv.weight
    return (
        weight.device.type == "cpu"
        and weight.dtype == torch.float32
        and conv.kernel_size == (3, 3)
        and conv.stride == (1, 1)
        and conv.padding == (1, 1)
        and weight.shape[1] >= LEAST_INPUTS
        and weight.shape[0] >= LEAST_OUTPUTS
    )


class WinogradConvolution(nn.Module):
    """A convolution over the stacked channels of neighbouring frames, zero-padded, for inference."""

    def __init__(self, conv: nn.Conv2d, frames: int) -> None:
        """Transform the weights of `conv`, which sees `frames` frames, earliest first."""
        super().__init__()
        weight = conv.weight.detach()
        spread = weight.new_tensor([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
        taps = torch.stack(weight.chunk(frames, dim=1))
        kernel = torch.einsum("ia,jb,tocab->tijco", spread, spread, taps)
        # Not parameters: what the network has learned is still in `conv`.
        self.register_buffer("kernel", kernel.flatten(1, 2).contiguous(), persistent=False)
        self.register_buffer("bias", cast(Tensor, conv.bias).detach(), persistent=False)

    def forward(self, pieces: Sequence[Tensor]) -> Tensor:
        """Map the frames of one clip to those with all neighbours ``(F - taps + 1, C', H, W)``.

        They come as consecutive pieces ``(F, C, H, W)``.
        """
        frames = pieces[0] if len(pieces) == 1 else torch.cat(list(pieces))
        return cast(Tensor, torch.ops.remaster.winograd(frames, self.kernel, self.bias))


def _winograd(frames: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    _, inputs, height, width = frames.shape
    taps, _, _, outputs = kernel.shape
    count = frames.shape[0] - taps + 1
    tall, wide = (height + 1) // 2, (width + 1) // 2
    border = (0, 0, 1, 2 * wide - width + 1, 1, 2 * tall - height + 1)
    padded = F.pad(frames.permute(0, 2, 3, 1), border)
    result = frames.new_empty(count, 2 * tall, 2 * wide, outputs)
    row_bytes = 16 * frames.shape[0] * wide * inputs * frames.element_size()
    rows = min(tall, max(1, TILE_BYTES // row_bytes))
    for top in range(0, tall, rows):
        band = min(rows, tall - top)
        tiles = frames.new_empty(4, 4, frames.shape[0], band, wide, inputs)
        _transform(padded[:, 2 * top : 2 * (top + band + 1)], tiles)
        area, flat = band * wide, tiles.view(16, -1, inputs)
        products = torch.bmm(flat[:, : count * area], kernel[0])
        for tap in range(1, taps):
            products.baddbmm_(flat[:, tap * area : (tap + count) * area], kernel[tap])
        _collect(products.view(4, 4, count, band, wide, outputs), result[:, 2 * top : 2 * (top + band)])
    result += bias
    return result[:, :height, :width].permute(0, 3, 1, 2)


def operations(frames: Sequence[int], kernel: Sequence[int], bias: Sequence[int], **_: object) -> int:
    """Return the arithmetic of the same convolution done directly, two for each multiplication."""
    count, inputs, height, width = frames
    taps, outputs = kernel[0], kernel[-1]
    return 2 * (count - taps + 1) * height * width * 9 * taps * inputs * outputs


def _transform(padded: Tensor, tiles: Tensor) -> None:
    """Transform overlapping 4x4 tiles of ``(F, 2 h + 2, 2 w + 2, C)`` into `tiles` ``(4, 4, F, h, w, C)``."""
    rows = _quarters(padded, 1)
    for i, (a, b, sign) in enumerate(_DIFFERENCES):
        columns = _quarters(torch.add(rows[a], rows[b], alpha=sign), 2)
        for j, (c, d, other) in enumerate(_DIFFERENCES):
            torch.add(columns[c], columns[d], alpha=other, out=tiles[i, j])


def _quarters(values: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the first, second, third and fourth value of every tile along a dimension; tiles overlap by two."""
    length = values.shape[dim]
    even, odd = (values.movedim(dim, 0)[start::2].movedim(0, dim) for start in (0, 1))
    count = length // 2 - 1
    return (
        even.narrow(dim, 0, count),
        odd.narrow(dim, 0, count),
        even.narrow(dim, 1, count),
        odd.narrow(dim, 1, count),
    )


def _collect(products: Tensor, result: Tensor) -> None:
    """Turn products ``(4, 4, T, h, w, C')`` into 2x2 results of every tile, in `result` ``(T, 2 h, 2 w, C')``."""
    upper = (products[0] + products[1]).add_(products[2])
    lower = (products[1] - products[2]).sub_(products[3])
    for row, values in enumerate((upper, lower)):
        left, right = result[:, row::2, 0::2], result[:, row::2, 1::2]
        torch.add(values[0], values[1], out=left)
        left += values[2]
        torch.sub(values[1], values[2], out=right)
        right -= values[3]


# An operator of its own, so that benchmarks can count it. `torch.library.custom_op` would bring in the compiler, a
# second of imports at the first call.
_OPERATORS = torch.library.Library("remaster", "DEF")
_OPERATORS.define("winograd(Tensor frames, Tensor kernel, Tensor bias) -> Tensor")
_OPERATORS.impl("winograd", _winograd, "CompositeExplicitAutograd")
