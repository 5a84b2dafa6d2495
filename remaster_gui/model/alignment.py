"""Matches refined to 1/4 size, and references warped to the source by them.

Attention at 1/8 size finds the right place in the right reference but blurs what it carries, and some places are wrong.
Two things mend that, both of them local: a small search around each match compares finer patches, and good matches
spread over the wrong ones around them, as long as the luminance that they lead to fits the film's better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.blocks import pool
from remaster_gui.model.enlarging import along_edges
from remaster_gui.model.fusion import statistics
from remaster_gui.model.partial import unlike
from remaster_gui.model.patches import QUARTER, PatchDescriptor, scaled_descriptions
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.similarity import weight_score

MATCHED = 8
"""Pixels along a cell that matches are found for."""
_QUARTER = 4
"""Pixels along one that they are refined to."""
_SEARCH = 2
"""Cells of 1/4 size to either side of the 2x2 that belong to the matched cell of 1/8 size."""
_QUARTER_CHANNELS = 16
_INITIAL_SCALE = 15.0
ROWS_AT_A_TIME = 4096
"""Matched cells, in inference, whose colours are fetched together."""
_STEPS = (8, 4, 2)
"""How far apart cells of 1/4 size lie that hand their moves on, first and then."""
_LOYALTY = 0.98
"""What a cell's own misfit counts beside that of others' moves."""
_TRIED = ((0, 0), (-2, 0), (2, 0), (0, -2), (0, 2))
"""Whose moves a pixel tries, in cells of 1/4 size: those of its own cell and of the 1/8 cells around."""
_REACH = 1
_FLAT = 1e-3
"""Pixels to either side over which a pixel's misfits are averaged, and variance of luminance below which all count."""
_INITIAL_TRUST = 15.0
"""How much a misfit of luminance counts against a move."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What refinement needs of a reference body of n pictures, one below the other, each `height` x `width` pixels.

    keys ``(B, n * H/4 * W/4, K)``; statistics ``(B, n * H/4 * W/4, 7)``; lab ``(B, n * H * W, 3)``, chrominance about
    neutral. Either is followed by what belongs to labels of regions, `labels` of them. weights
    ``(B, n * H/4 * W/4, 1)``: how much each cell counts, None where all do; strength: all of them.
    """

    keys: Tensor
    statistics: Tensor
    lab: Tensor
    height: int
    width: int
    weights: Tensor | None = None
    strength: float = 1.0
    labels: int = 0

    def labelled(self, labels: Tensor, pixels: Tensor) -> Detail:
        """Return the same with labels of cells ``(B, n * H/4 * W/4, 2K)`` and of pixels ``(B, n * H * W, K)``."""
        return replace(
            self,
            statistics=torch.cat([self.statistics, labels], dim=-1),
            lab=torch.cat([self.lab, pixels], dim=-1),
            labels=pixels.shape[-1],
        )

    @property
    def luminance(self) -> Tensor:
        """Luminance of the first picture ``(1, 1, 1, H, W)``, as frames have it."""
        return self.lab[:1, : self.height * self.width, 0].reshape(1, 1, 1, self.height, self.width)

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        arrays = (self.keys, self.statistics, self.lab, self.weights)
        return sum(t.numel() * t.element_size() for t in arrays if t is not None)


class Alignment(nn.Module):
    """Refines matches found at 1/8 size and fetches the references' pixels."""

    def __init__(self) -> None:
        """Compare by patches alone; only their scales are learned."""
        super().__init__()
        self.descriptor = PatchDescriptor(QUARTER, _QUARTER_CHANNELS)
        self.log_scales = nn.Parameter(torch.full((len(QUARTER),), math.log(_INITIAL_SCALE)))
        self.log_trust = nn.Parameter(torch.tensor(math.log(_INITIAL_TRUST)))

    @in_full_precision
    def encode(self, lab: Tensor, weights: Tensor | None = None) -> Detail:
        """Prepare references ``(B, n, 3, H, W)`` on the network's scale, H and W multiples of 8.

        weights ``(B, n, 1, H, W)``: pixels that do not count agree with nothing, so that no move leads there.
        """
        luminance = lab[:, :, :1]
        keys = scaled_descriptions(self.descriptor(luminance), self.log_scales)
        if weights is not None:
            luminance = unlike(luminance, weights)
        return Detail(
            _flat(keys),
            _flat(statistics(lab, _QUARTER, weights)),
            _flat(torch.cat([luminance, lab[:, :, 1:] - NEUTRAL], dim=2)),
            height=lab.shape[-2],
            width=lab.shape[-1],
            weights=None if weights is None else _flat(pool(weights, _QUARTER)),
            strength=1.0 if weights is None or bool(weights.any()) else 0.0,
        )

    @in_full_precision
    def forward(self, luminance: Tensor, matches: Tensor, details: Sequence[Detail]) -> tuple[Tensor, Tensor]:
        """Refine `matches` ``(B, T * H/8 * W/8)``: for each source cell the best position among all references' cells.

        luminance ``(B, T, 1, H, W)``. Returns carried statistics at 1/4 size ``(B, T, 7, H/4, W/4)`` and warped Lab
        (chrominance about neutral) at full size ``(B, T, 3, H, W)``, either with what belongs to labels.
        """
        batch, time, _, height, width = luminance.shape
        queries = scaled_descriptions(self.descriptor(luminance), self.log_scales)
        # (B, T, K, h4, w4) -> (B, Q, 2x2, K): the four quarter-size cells of each matched one.
        cells = F.pixel_unshuffle(queries.flatten(0, 1), 2)
        cells = (
            cells.unflatten(1, (-1, 4)).flatten(3).permute(0, 3, 2, 1).reshape(batch, -1, 4, queries.shape[2])
        )
        places, sheet = _Places(matches, details), _sheet(details)
        keys, values = (
            torch.cat([getattr(d, name) for d in details], dim=1).flatten(0, 1)
            for name in ("keys", "statistics")
        )
        added = _added_scores(details)
        rows = matches.shape[1] if torch.is_grad_enabled() else ROWS_AT_A_TIME
        found = [
            self._refine(cells[:, r : r + rows], places.rows(slice(r, r + rows)), keys, values, added)
            for r in range(0, matches.shape[1], rows)
        ]
        carried, spots = (
            torch.cat(parts, dim=1)
            .reshape(batch, time, height // 8, width // 8, 2, 2, -1)
            .permute(0, 1, 6, 2, 4, 3, 5)
            .reshape(batch, time, -1, height // 4, width // 4)
            for parts in zip(*found, strict=True)
        )
        field = places.grown(spots)
        for step in _STEPS:
            field = field.improved(luminance, sheet[:, :1], step)
        return carried, self._warp(luminance, field, sheet)

    def _warp(self, luminance: Tensor, field: _Field, sheet: Tensor) -> Tensor:
        """Fetch Lab ``(B, T, 3, H, W)``; each pixel tries the moves of the cells around and trusts what fits.

        Cells that lie across an edge are mended so. What is beyond an edge has no say, or a hand would move, and be
        coloured, as the cloth behind it.
        """
        tried = [field.moved(*shift).fetch(sheet) for shift in _TRIED]
        misfits = torch.cat([(t[:, :, :1] - luminance).abs() for t in tried], dim=2).flatten(0, 1)
        fits = along_edges(misfits, luminance.flatten(0, 1), _REACH, _FLAT)
        weights = torch.softmax(-self.log_trust.exp() * fits, dim=1).unflatten(0, luminance.shape[:2])
        parts = (t * w for t, w in zip(tried, weights.split(1, dim=2), strict=True))
        return sum(parts, torch.zeros_like(tried[0]))

    @staticmethod
    def _refine(
        cells: Tensor, places: _Places, keys: Tensor, values: Tensor, added: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return statistics ``(B, Q, 4, 7)`` and places ``(B, Q, 4, 2)`` in pixels of their picture, (y, x).

        cells ``(B, Q, 4, K)``; a place is where the upper left pixel of a cell of 1/4 size is found again. added: what
        is added to the score of each of the references' cells.
        """
        y, x, index = places.window()
        scores = cells @ keys[index].transpose(-1, -2)
        if added is not None:
            scores = scores + added[index][:, :, None]
        weights = torch.softmax(scores, dim=-1)
        carried = weights @ values[index]
        # Where exactly: the mean position over the best cell and its neighbours, so that two maxima do not mix.
        spots = torch.stack([y, x], dim=-1).to(weights.dtype)
        best = weights.argmax(-1, keepdim=True)
        peak = torch.gather(spots, 2, best.expand(-1, -1, -1, 2))
        near = (spots[:, :, None] - peak[:, :, :, None]).abs().amax(-1) <= 1
        local = weights * near
        return carried, 4 * (local @ spots) / local.sum(-1, keepdim=True)


class _Places:
    """Where matched cells lie: picture, row and column, in flat memory of all references together, and on the sheet."""

    def __init__(self, matches: Tensor, details: Sequence[Detail]) -> None:
        batch = torch.arange(matches.shape[0], device=matches.device)[:, None]
        shapes = tuple((d.keys.shape[1] // 4, d.height // 8, d.width // 8) for d in details)
        known = _layout(shapes, matches.shape[0], matches.device)
        start, self.height, self.width, pictures, first_row = known.rows[
            torch.bucketize(matches, known.ends, right=True)
        ].unbind(-1)
        row = (matches - start) // self.width
        self.x = (matches - start) % self.width
        self.y, picture = row % self.height, row // self.height
        # First cell (of 1/8 size) of the matched picture, as if all lay one after another.
        self.origin = batch * sum(cells for cells, *_ in shapes) + start + picture * self.height * self.width
        self.top = first_row + (batch * pictures + picture) * (8 * self.height + 2) + 1

    def rows(self, part: slice) -> _Places:
        """Return the places of some of the queries."""
        chosen = object.__new__(_Places)
        for name in ("height", "width", "y", "x", "origin", "top"):
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

    def grown(self, spots: Tensor) -> _Field:
        """Return the field of places `spots` ``(B, T, 2, H/4, W/4)`` with the pictures that they lie in."""
        shape = (*spots.shape[:2], spots.shape[3] // 2, spots.shape[4] // 2)
        pictures = torch.stack([8 * self.height, 8 * self.width, self.top], dim=-1).to(spots.dtype)
        pictures = pictures.reshape(*shape, 3).permute(0, 1, 4, 2, 3)
        return _Field(spots, pictures.repeat_interleave(2, -1).repeat_interleave(2, -2))


class _Field:
    """For every cell of 1/4 size where it is found again: place ``(B, T, 2, h, w)`` in pixels, and in which picture.

    pictures ``(B, T, 3, h, w)``: height, width and first row on the sheet (see `_sheet`).
    """

    def __init__(self, spots: Tensor, pictures: Tensor) -> None:
        self._spots, self._pictures = spots, pictures

    def moved(self, down: int, right: int) -> _Field:
        """Let every cell move as the one `down` and `right` cells away does."""
        if not down and not right:
            return self
        spots, pictures = (_shifted(t, down, right) for t in (self._spots, self._pictures))
        y, x = spots.unbind(2)
        return _Field(torch.stack([y - 4 * down, x - 4 * right], dim=2), pictures)

    @torch.no_grad()
    def improved(self, luminance: Tensor, sheet: Tensor, step: int) -> _Field:
        """Let every cell take over the move of the cell `step` away that fits best, if any fits better than its own.

        Good matches spread so over the wrong ones around them. sheet: luminance of all references. Every other pixel
        of every other row, over 3x3 cells, is enough to judge by.
        """
        best, chosen = None, self
        sampled = luminance[..., ::2, ::2]
        for down, right in ((0, 0), (-step, 0), (step, 0), (0, -step), (0, step)):
            other = self.moved(down, right)
            misfit = (other.fetch(sheet, every=2) - sampled).abs().flatten(0, 1)
            misfit = F.avg_pool2d(F.pad(misfit, (2, 2, 2, 2), mode="replicate"), 6, 2)
            misfit = misfit.unflatten(0, luminance.shape[:2])
            if best is None:
                best = _LOYALTY * misfit
                continue
            better = misfit < best
            best = torch.where(better, misfit, best)
            chosen = _Field(
                torch.where(better, other._spots, chosen._spots),
                torch.where(better, other._pictures, chosen._pictures),
            )
        return chosen

    def fetch(self, sheet: Tensor, every: int = 1) -> Tensor:
        """Read a sheet ``(1, c, R, W)`` bilinearly, for every pixel ``(B, T, c, 4h, 4w)`` or every second or fourth."""
        inner = torch.arange(0, 4, every, device=sheet.device, dtype=self._spots.dtype)
        height, width, top = (p[:, :, :, None, :, None] for p in self._pictures.unbind(2))
        y = self._spots[:, :, 0, :, None, :, None] + inner[:, None, None]
        x = self._spots[:, :, 1, :, None, :, None] + inner
        last_row, last_column = (max(1, edge - 1) for edge in sheet.shape[-2:])
        grid = torch.stack(
            torch.broadcast_tensors(
                torch.minimum(x.clamp(min=0), width - 1) * (2 / last_column) - 1,
                (torch.minimum(y.clamp(min=0), height - 1) + top) * (2 / last_row) - 1,
            ),
            dim=-1,
        )
        batch, time, rows, _, columns, _ = grid.shape[:-1]
        grid = grid.reshape(1, batch * time * rows * len(inner), columns * len(inner), 2)
        found = F.grid_sample(sheet, grid, mode="bilinear", padding_mode="border", align_corners=True)
        return found[0].unflatten(1, (batch, time, -1)).permute(1, 2, 0, 3, 4)


class _Layout(NamedTuple):
    """How references lie one after another.

    ends ``(N,)``: of their cells of 1/8 size. rows ``(N, 5)``: first cell, rows and columns of cells in each of its
    pictures, number of pictures, and first row on the sheet.
    """

    ends: Tensor
    rows: Tensor


@lru_cache(maxsize=8)
def _layout(shapes: tuple[tuple[int, int, int], ...], batch: int, device: torch.device) -> _Layout:
    """Return the layout of references of so many cells, which have so many rows and columns in each picture.

    Kept, since a GPU waits for whatever comes from ordinary memory.
    """
    ends, rows, first_row = list[int](), list[tuple[int, ...]](), 0
    for cells, height, width in shapes:
        pictures, start = cells // (height * width), ends[-1] if ends else 0
        rows.append((start, height, width, pictures, first_row))
        ends.append(start + cells)
        first_row += batch * pictures * (8 * height + 2)
    with torch.inference_mode(False):
        return _Layout(torch.tensor(ends, device=device), torch.tensor(rows, device=device))


def _sheet(details: Sequence[Detail]) -> Tensor:
    """Lay the pictures of all references below each other ``(1, c, R, W)``, as wide as the widest.

    Their borders go on for a row, and to the right, so that no picture shines through at the border of another.
    """
    widest, parts = max(d.width for d in details), []
    for each in details:
        pictures = each.lab.reshape(-1, each.height, each.width, each.lab.shape[-1]).permute(0, 3, 1, 2)
        padded = F.pad(pictures, (0, widest - each.width, 1, 1), mode="replicate")
        parts.append(padded.transpose(0, 1).flatten(1, 2))
    return torch.cat(parts, dim=1)[None]


def strength_at(matches: Tensor, details: Sequence[Detail]) -> Tensor:
    """Return how much the references count in which the best `matches` ``(B, Q)`` lie, same shape."""
    shapes = tuple((d.keys.shape[1] // 4, d.height // 8, d.width // 8) for d in details)
    ends = _layout(shapes, 1, matches.device).ends
    strengths = _strengths(tuple(d.strength for d in details), matches.device)
    return strengths[torch.bucketize(matches, ends, right=True)]


@lru_cache(maxsize=8)
def _strengths(values: tuple[float, ...], device: torch.device) -> Tensor:
    with torch.inference_mode(False):
        return torch.tensor(values, device=device)


def _added_scores(details: Sequence[Detail]) -> Tensor | None:
    """Return what weights add to the scores of the cells of all references, one after another; None for nothing."""
    if all(d.weights is None for d in details):
        return None
    parts = [
        torch.zeros_like(d.keys[..., 0]) if d.weights is None else weight_score(d.weights[..., 0])
        for d in details
    ]
    return torch.cat(parts, dim=1).flatten()


def _flat(clip: Tensor) -> Tensor:
    return clip.permute(0, 1, 3, 4, 2).flatten(1, 3)


def _shifted(clip: Tensor, down: int, right: int) -> Tensor:
    """Let every cell have the value of the one `down` and `right` cells away, or the border's."""
    height, width = clip.shape[-2:]
    rows = (torch.arange(height, device=clip.device) + down).clamp(0, height - 1)
    columns = (torch.arange(width, device=clip.device) + right).clamp(0, width - 1)
    return clip[..., rows[:, None], columns]


def _clamped(index: Tensor, length: Tensor) -> Tensor:
    return torch.minimum(index.clamp(min=0), length - 1)
