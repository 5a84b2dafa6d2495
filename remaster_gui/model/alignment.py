"""Colour with its edges: matches refined to 1/4 size, references warped to the source, and their fusion.

Attention at 1/8 size finds the right place in the right reference but blurs what it carries. Three things bring the
detail back, all of them local: the luminance statistics that ride along say how chrominance follows luminance within
a cell (the idea of the guided filter), a small search around each match compares finer patches, and the references'
own pixels are fetched from where that search leads. How well the fetched luminance agrees with the source's tells
which of these colours to trust; a small network learns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.blocks import ConvStack, ConvUnit, pool, upsample
from remaster_gui.model.patches import QUARTER, PatchDescriptor, scaled_descriptions
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.temporal import Whole, join

NEUTRAL = 128.0 / 255.0
STATISTICS = 7
"""Channels of `statistics`."""
GUIDE_EPSILON = 3e-3
"""Luminance variance (network's scale) below which chrominance does not follow luminance."""
CANDIDATES = 5
EVIDENCE = 1 + 2 * CANDIDATES + 1 + 2 * 3
"""Channels of what the fusion looks at, its own features aside."""
FUSION_CHANNELS = 32
_GAIN = 8.0
_DOUBT = -2.0
"""Logit of grey at first."""
_SEARCH = 2
"""Cells of 1/4 size to either side of the 2x2 that belong to the matched cell of 1/8 size."""
_QUARTER_CHANNELS = 16
_INITIAL_SCALE = 15.0
_ROWS_AT_A_TIME = 4096
_WHOLE = Whole()


@dataclass(frozen=True, slots=True)
class Detail:
    """What refinement needs of a reference body of n pictures, one below the other, each `height` x `width` pixels.

    keys ``(B, n * H/4 * W/4, K)``; statistics ``(B, n * H/4 * W/4, 7)``; lab ``(B, n * H * W, 3)``, chrominance about
    neutral.
    """

    keys: Tensor
    statistics: Tensor
    lab: Tensor
    height: int
    width: int

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return sum(t.numel() * t.element_size() for t in (self.keys, self.statistics, self.lab))


def statistics(lab: Tensor, factor: int) -> Tensor:
    """Pool Lab ``(B, T, 3, H, W)`` to means of L, a, b, L², La, Lb, a² + b² ``(B, T, 7, h, w)``, ab about neutral."""
    luminance, color = lab[:, :, :1], lab[:, :, 1:] - NEUTRAL
    parts = [luminance, color, luminance.square(), luminance * color, color.square().sum(2, keepdim=True)]
    return pool(torch.cat(parts, dim=2), factor)


def spread(carried: Tensor) -> Tensor:
    """Return how much the colours behind carried statistics differ: standard deviation ``(B, T, 1, h, w)``."""
    variance = carried[:, :, 6:7] - carried[:, :, 1:3].square().sum(2, keepdim=True)
    return variance.clamp(min=1e-8).sqrt()


def guided_color(carried: Tensor, luminance: Tensor, *, smooth: bool) -> Tensor:
    """Let chrominance follow the luminance ``(B, T, 1, H, W)`` as statistics of cells say: ``(B, T, 2, H, W)``.

    `smooth` fits 3x3 cells together, which is robust; without, colour keeps more contrast between cells.
    """
    factor = luminance.shape[-1] // carried.shape[-1]
    flat = carried.flatten(0, 1)
    if smooth:
        flat = F.avg_pool2d(F.pad(flat, (1, 1, 1, 1), mode="replicate"), 3, 1)
    mean, color, square, product = flat[:, :1], flat[:, 1:3], flat[:, 3:4], flat[:, 4:6]
    slope = (product - mean * color) / ((square - mean.square()).clamp(min=0) + GUIDE_EPSILON)
    lines = torch.cat([slope, color - slope * mean], dim=1).unflatten(0, carried.shape[:2])
    slope, offset = upsample(lines, factor).split(2, dim=2)
    return slope * luminance + offset


class Alignment(nn.Module):
    """Refines matches found at 1/8 size and fetches the references' pixels."""

    def __init__(self) -> None:
        """Compare by patches alone; only their scales are learned."""
        super().__init__()
        self.descriptor = PatchDescriptor(QUARTER, _QUARTER_CHANNELS)
        self.log_scales = nn.Parameter(torch.full((len(QUARTER),), _INITIAL_SCALE).log())

    @in_full_precision
    def encode(self, lab: Tensor) -> Detail:
        """Prepare references ``(B, n, 3, H, W)`` on the network's scale, H and W multiples of 8."""
        flat = torch.cat([lab[:, :, :1], lab[:, :, 1:] - NEUTRAL], dim=2)
        keys = scaled_descriptions(self.descriptor(lab[:, :, :1]), self.log_scales)
        return Detail(
            _flat(keys), _flat(statistics(lab, 4)), _flat(flat), height=lab.shape[-2], width=lab.shape[-1]
        )

    @in_full_precision
    def forward(self, luminance: Tensor, matches: Tensor, details: Sequence[Detail]) -> tuple[Tensor, Tensor]:
        """Refine `matches` ``(B, T * H/8 * W/8)``: for each source cell the best position among all references' cells.

        luminance ``(B, T, 1, H, W)``. Returns carried statistics at 1/4 size ``(B, T, 7, H/4, W/4)`` and warped Lab
        (chrominance about neutral) at full size ``(B, T, 3, H, W)``.
        """
        batch, time, _, height, width = luminance.shape
        queries = scaled_descriptions(self.descriptor(luminance), self.log_scales)
        # (B, T, K, h4, w4) -> (B, Q, 2x2, K): the four quarter-size cells of each matched one.
        cells = F.pixel_unshuffle(queries.flatten(0, 1), 2)
        cells = (
            cells.unflatten(1, (-1, 4)).flatten(3).permute(0, 3, 2, 1).reshape(batch, -1, 4, queries.shape[2])
        )
        places = _Places(matches, details)
        keys, values, lab = (
            torch.cat([getattr(d, name) for d in details], dim=1).flatten(0, 1)
            for name in ("keys", "statistics", "lab")
        )
        rows = matches.shape[1] if torch.is_grad_enabled() else _ROWS_AT_A_TIME
        found = [
            self._refine(cells[:, r : r + rows], places.rows(slice(r, r + rows)), keys, values, lab)
            for r in range(0, matches.shape[1], rows)
        ]
        carried = torch.cat([c for c, _ in found], dim=1).reshape(
            batch, time, height // 8, width // 8, 2, 2, -1
        )
        pixels = torch.cat([p for _, p in found], dim=1)
        pixels = pixels.reshape(batch, time, height // 8, width // 8, 2, 2, 4, 4, 3)
        return (
            carried.permute(0, 1, 6, 2, 4, 3, 5).reshape(batch, time, -1, height // 4, width // 4),
            pixels.permute(0, 1, 8, 2, 4, 6, 3, 5, 7).reshape(batch, time, 3, height, width),
        )

    @staticmethod
    def _refine(
        cells: Tensor, places: _Places, keys: Tensor, values: Tensor, lab: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return statistics ``(B, Q, 4, 7)`` and pixels ``(B, Q, 4, 16, 3)`` for cells ``(B, Q, 4, K)``."""
        y, x, index = places.window()
        weights = torch.softmax(cells @ keys[index].transpose(-1, -2), dim=-1)
        carried = weights @ values[index]
        # Where exactly: the mean position over the best cell and its neighbours, so that two maxima do not mix.
        spots = torch.stack([y, x], dim=-1).to(weights.dtype)
        best = weights.argmax(-1, keepdim=True)
        peak = torch.gather(spots, 2, best.expand(-1, -1, -1, 2))
        near = (spots[:, :, None] - peak[:, :, :, None]).abs().amax(-1) <= 1
        local = weights * near
        spot = (local @ spots) / local.sum(-1, keepdim=True)
        inner = torch.arange(4, device=cells.device, dtype=weights.dtype)
        within = torch.stack(torch.meshgrid(inner, inner, indexing="ij"), dim=-1).reshape(16, 2)
        return carried, places.fetch(lab, 4 * spot[:, :, :, None] + within)


class _Places:
    """Where matched cells lie: picture, row and column, in flat memory of all references together."""

    def __init__(self, matches: Tensor, details: Sequence[Detail]) -> None:
        device = matches.device
        counts = torch.tensor([d.keys.shape[1] // 4 for d in details], device=device)
        starts = counts.cumsum(0) - counts
        which = torch.bucketize(matches, counts.cumsum(0), right=True)
        self.height = torch.tensor([d.height // 8 for d in details], device=device)[which]
        self.width = torch.tensor([d.width // 8 for d in details], device=device)[which]
        row = (matches - starts[which]) // self.width
        self.x = (matches - starts[which]) % self.width
        self.y, picture = row % self.height, row // self.height
        total = int(counts.sum())
        batch = torch.arange(matches.shape[0], device=device)[:, None] * total
        # First cell (of 1/8 size) of the matched picture, as if all lay one after another.
        self.origin = batch + starts[which] + picture * self.height * self.width

    def rows(self, part: slice) -> _Places:
        """Return the places of some of the queries."""
        chosen = object.__new__(_Places)
        for name in ("height", "width", "y", "x", "origin"):
            setattr(chosen, name, getattr(self, name)[:, part])
        return chosen

    def window(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return rows, columns (in their picture) and flat indices of the 1/4-size cells around: each ``(B, Q, N)``."""
        reach = torch.arange(-_SEARCH, 2 + _SEARCH, device=self.y.device)
        y = _clamped(2 * self.y[..., None] + reach, 2 * self.height[..., None])
        x = _clamped(2 * self.x[..., None] + reach, 2 * self.width[..., None])
        count = len(reach)
        y, x = y.repeat_interleave(count, dim=-1), x.repeat(1, 1, count)
        return y, x, 4 * self.origin[..., None] + y * 2 * self.width[..., None] + x

    def fetch(self, pixels: Tensor, spots: Tensor) -> Tensor:
        """Read `pixels` ``(all, c)`` bilinearly at `spots` ``(B, Q, 4, 16, 2)``, in pixels of the matched picture."""
        shape = (*self.y.shape, 1, 1)
        height, width = 8 * self.height.view(shape), 8 * self.width.view(shape)
        origin = 64 * self.origin.view(shape)
        low = spots.detach().floor()
        fraction = spots - low
        top, left = low.long().unbind(-1)
        rows = [_clamped(top + d, height) * width + origin for d in (0, 1)]
        columns = [_clamped(left + d, width) for d in (0, 1)]
        fy, fx = fraction.split(1, dim=-1)
        upper = torch.lerp(pixels[rows[0] + columns[0]], pixels[rows[0] + columns[1]], fx)
        lower = torch.lerp(pixels[rows[1] + columns[0]], pixels[rows[1] + columns[1]], fx)
        return torch.lerp(upper, lower, fy)


class Fusion(nn.Module):
    """Chooses between colours, pixel by pixel, from how well each explains the source; grey is always one of them."""

    def __init__(self, channels: int) -> None:
        """Make a fusion that also sees features of `channels` at 1/2 size.

        At first all colours count alike, and grey little.
        """
        super().__init__()
        self.layers = ConvStack(
            [
                ConvUnit(EVIDENCE + channels, FUSION_CHANNELS),
                ConvUnit(FUSION_CHANNELS, FUSION_CHANNELS),
                ConvUnit(FUSION_CHANNELS, CANDIDATES + 1, plain=True),
            ]
        )
        last = cast(ConvUnit, self.layers[-1]).conv
        nn.init.zeros_(last.weight)
        with torch.no_grad():
            cast(Tensor, last.bias).copy_(torch.tensor([0.0] * CANDIDATES + [_DOUBT]))

    def forward(self, candidates: Tensor, evidence: Tensor, features: Tensor) -> Tensor:
        """Join `candidates` ``(B, T, 10, H, W)`` into chrominance ``(B, T, 2, H, W)`` about neutral.

        evidence and features ``(B, T, ., H/2, W/2)``.
        """
        logits = upsample(self.layers(join([evidence, features], dim=2), _WHOLE))
        weights = torch.softmax(logits, dim=2)[
            :, :, :CANDIDATES
        ]  # what is missing to one is grey's, which is zero
        return (candidates.unflatten(2, (CANDIDATES, 2)) * weights[:, :, :, None]).sum(2)


def gather_candidates(
    luminance: Tensor, fine: Tensor, coarse: Tensor, quarter: Tensor, warped: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the colours to choose from ``(B, T, 10, H, W)`` and the evidence on them ``(B, T, ., H/2, W/2)``.

    luminance ``(B, T, 1, H, W)``; statistics carried at 1/8, 1/16 and 1/4 size; warped Lab at full size.
    """
    candidates = torch.cat(
        [
            guided_color(fine, luminance, smooth=True),
            guided_color(fine, luminance, smooth=False),
            guided_color(quarter, luminance, smooth=True),
            upsample(coarse[:, :, 1:3], 16),
            warped[:, :, 1:],
        ],
        dim=2,
    )
    misfit = (warped[:, :, :1] - luminance).abs()
    own = pool(torch.cat([luminance, _GAIN * candidates, _GAIN * misfit], dim=2), 2)
    hints = [
        upsample(hint(c, luminance), luminance.shape[-1] // c.shape[-1] // 2) for c in (fine, coarse, quarter)
    ]
    return candidates, torch.cat([own, *hints], dim=2)


def hint(carried: Tensor, luminance: Tensor) -> Tensor:
    """Return by how much the carried luminance misses the source's, and the spread of the carried colour, enlarged."""
    pooled = pool(luminance, luminance.shape[-1] // carried.shape[-1])
    return torch.cat([_GAIN * (carried[:, :, :1] - pooled), _GAIN * spread(carried)], dim=2)


def _flat(clip: Tensor) -> Tensor:
    return clip.permute(0, 1, 3, 4, 2).flatten(1, 3)


def _clamped(index: Tensor, length: Tensor) -> Tensor:
    return torch.minimum(index.clamp(min=0), length - 1)
