"""References of which only a part counts: what lies outside keeps its luminance, and its colours are not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.attention import KeyValues, Matches
from remaster_gui.model.lab import LUMA
from remaster_gui.model.precision import in_full_precision
from remaster_gui.model.similarity import Queries, weight_score

_LEAST = 1e-4
_TOLERANCE = 0.1
"""Likeness by which a match may be worse than one that does not count until it is believed 1/e."""


@in_full_precision
def without_other_colors(rgb: Tensor, weights: Tensor) -> Tensor:
    """Let colours of pixels that do not count give way to those nearest that do.

    rgb ``(B, n, 3, H, W)`` in [0, 1], weights ``(B, n, 1, H, W)`` in [0, 1]. Luma stays, so that what surrounds a
    region can still be compared; where no pixel counts all are grey. What counts keeps its colour.
    """
    luma = (rgb * rgb.new_tensor(LUMA).view(3, 1, 1)).sum(2, keepdim=True)
    known, counts = (rgb - luma).flatten(0, 1), weights.flatten(0, 1)
    return (luma + _continued(known, counts).unflatten(0, rgb.shape[:2])).clamp(0.0, 1.0)


def _continued(values: Tensor, weights: Tensor) -> Tensor:
    """Continue values ``(N, c, H, W)`` beyond where they are known, from ever coarser means of what is."""
    if min(values.shape[-2:]) < 2:
        total = weights.sum((-2, -1), keepdim=True)
        mean = (values * weights).sum((-2, -1), keepdim=True) / total.clamp(min=_LEAST)
        return torch.where(weights > 0, values, mean)
    known = F.avg_pool2d(weights, 2, ceil_mode=True)
    means = F.avg_pool2d(values * weights, 2, ceil_mode=True) / known.clamp(min=_LEAST)
    around = F.interpolate(_continued(means, known), values.shape[-2:], mode="bilinear", align_corners=False)
    return torch.where(weights > 0, values, around)


def unlike(luminance: Tensor, weights: Tensor) -> Tensor:
    """Return luminance that nothing agrees with where a pixel does not count, else as it is; same shapes."""
    far = torch.where(luminance < 0.5, torch.ones_like(luminance), torch.zeros_like(luminance))
    return torch.where(weights > 0, luminance, far)


@torch.no_grad()
def believed(
    queries: Queries,
    tagged: Sequence[KeyValues],
    sources: Sequence[KeyValues],
    found: Matches,
    chunk: int = 512,
) -> Tensor | None:
    """Return how much the best match of each query ``(B, Q)`` is to be believed, in (0, 1]; None: all altogether.

    Where the same reference has a better match among positions that do not count, the query is about what lies outside
    its region. tagged: `sources` as the queries see them.
    """
    if queries.weight is None or not any(_has_outside(source) for source in sources):
        return None
    plain = replace(queries, weight=torch.zeros_like(queries.weight)).vectors
    ends = torch.tensor([s.keys.shape[1] for s in sources], device=found.best.device).cumsum(0)
    which = torch.bucketize(found.best, ends, right=True)
    weights = torch.cat([_weights(source) for source in sources], dim=1)
    best = found.score - weight_score(weights.gather(1, found.best))
    trust = torch.ones_like(best)
    for number, (source, seen) in enumerate(zip(sources, tagged, strict=True)):
        if _has_outside(source):
            outside = _weights(source)[:, None] == 0
            for start in range(0, best.shape[1], chunk):
                rows = slice(start, start + chunk)
                scores = (plain[:, rows] @ seen.keys.transpose(1, 2)).masked_fill(~outside, -torch.inf)
                behind = queries.rows(rows).likeness(best[:, rows]) - queries.rows(rows).likeness(
                    scores.amax(-1)
                )
                fits = (behind.clamp(max=0) / _TOLERANCE).exp()
                trust[:, rows] = torch.where(which[:, rows] == number, fits, trust[:, rows])
    return trust


def _has_outside(source: KeyValues) -> bool:
    return source.weights is not None and bool((source.weights == 0).any())


def _weights(source: KeyValues) -> Tensor:
    return torch.ones_like(source.keys[..., 0]) if source.weights is None else source.weights
