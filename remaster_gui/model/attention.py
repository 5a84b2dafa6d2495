"""The arithmetic of attention: averages of values, weighted by how well keys match queries (Sec. 3.2, Eq. 1 and 2).

Tokens are the positions of feature maps, ``(B, M, channels)``. In inference the softmax over all reference positions
is accumulated reference by reference and query chunk by query chunk, so that no attention map ever exists as a whole;
maps are computed on demand for the positions that somebody wants to look at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from remaster_gui.model.temporal import USUAL_LIMITS

DEFAULT_CHUNK_BYTES = USUAL_LIMITS.attention_bytes


@dataclass(frozen=True, slots=True)
class KeyValues:
    """What the attention knows of one reference (or of a neighbourhood of frames).

    keys ``(B, M, key channels)``; values ``(B, M, value channels)``; M positions. The last `riding` channels of the
    values are no features: they are carried along with them.
    """

    keys: Tensor
    values: Tensor
    riding: int = 0

    @property
    def carried(self) -> Tensor:
        """What rides along ``(B, M, riding)``."""
        return self.values[..., self.values.shape[-1] - self.riding :]

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        return sum(t.numel() * t.element_size() for t in (self.keys, self.values))


def tokens(clip: Tensor) -> Tensor:
    """Turn a clip ``(B, T, C, h, w)`` into tokens ``(B, T*h*w, C)``, a view where the memory is channels-last."""
    return clip.permute(0, 1, 3, 4, 2).flatten(1, 3)


def untokens(flat: Tensor, like: Tensor) -> Tensor:
    """Turn tokens ``(B, T*h*w, C)`` back into a clip of the time and size of `like`."""
    batch, time, _, height, width = like.shape
    return flat.reshape(batch, time, height, width, -1).permute(0, 1, 4, 2, 3)


def attend(queries: Tensor, sources: Sequence[KeyValues], chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> Tensor:
    """Average the values of all `sources`, weighted by the softmax of ``queries . keys`` over all their positions.

    queries ``(B, Q, key channels)`` to ``(B, Q, value channels)``. Differentiable; where no gradient is wanted, at
    most `chunk_bytes` of scores exist at a time.
    """
    return _attend(queries, sources, chunk_bytes, wants_best=False)[0]


def attend_and_match(
    queries: Tensor, sources: Sequence[KeyValues], chunk_bytes: int = DEFAULT_CHUNK_BYTES
) -> tuple[Tensor, Tensor]:
    """Do what `attend` does and return as well where each query found its best match.

    The matches ``(B, Q)`` are indices into the positions of all `sources`, one after another.
    """
    out, best = _attend(queries, sources, chunk_bytes, wants_best=True)
    assert best is not None
    return out, best


def _attend(
    queries: Tensor, sources: Sequence[KeyValues], chunk_bytes: int, *, wants_best: bool
) -> tuple[Tensor, Tensor | None]:
    if torch.is_grad_enabled():
        # Similarities of tens need more than bfloat16's three digits, so mixed precision ends here.
        with torch.autocast(queries.device.type, enabled=False):
            keys = torch.cat([s.keys for s in sources], dim=1).float()
            values = torch.cat([s.values for s in sources], dim=1).float()
            scores = queries.float() @ keys.transpose(1, 2)
            return torch.softmax(scores, dim=-1) @ values, scores.argmax(-1) if wants_best else None
    out = queries.new_empty(*queries.shape[:2], sources[0].values.shape[2])
    best = queries.new_empty(queries.shape[:2], dtype=torch.long) if wants_best else None
    widest = max(s.keys.shape[1] for s in sources)
    step = max(64, chunk_bytes // max(1, queries.shape[0] * widest * queries.element_size()))
    for start in range(0, queries.shape[1], step):
        rows = slice(start, start + step)
        out[:, rows] = _attend_chunk(queries[:, rows], sources, None if best is None else best[:, rows])
    return out, best


def _attend_chunk(queries: Tensor, sources: Sequence[KeyValues], best: Tensor | None) -> Tensor:
    """Softmax-average over references one after another, rescaling what is there whenever a larger score appears.

    The index of the largest score goes to `best` ``(B, Q)``.
    """
    peak = total = average = None
    offset = 0
    for source in sources:
        scores = queries @ source.keys.transpose(1, 2)
        if best is None:
            highest = scores.amax(dim=-1, keepdim=True)
        else:
            highest, where = scores.max(dim=-1, keepdim=True)
            where = where.squeeze(-1) + offset
            best.copy_(where if peak is None else torch.where((highest > peak).squeeze(-1), where, best))
            offset += scores.shape[-1]
        if peak is None or total is None or average is None:
            weights = scores.sub_(highest).exp_()
            peak, total, average = highest, weights.sum(-1, keepdim=True), weights @ source.values
            continue
        raised = torch.maximum(peak, highest)
        shrink = (peak - raised).exp_()
        weights = scores.sub_(raised).exp_()
        total = total.mul_(shrink).add_(weights.sum(-1, keepdim=True))
        average = average.mul_(shrink).baddbmm_(weights, source.values)
        peak = raised
    assert average is not None and total is not None
    return average.div_(total)


@torch.no_grad()
def attention_mass(queries: Tensor, sources: Sequence[KeyValues], chunk: int = 512) -> Tensor:
    """Return which share of each query's attention falls on each of `sources`: ``(B, Q, N)``, summing to one."""
    parts = []
    for start in range(0, queries.shape[1], chunk):
        rows = queries[:, start : start + chunk]
        logs = [torch.logsumexp(rows @ s.keys.transpose(1, 2), dim=-1) for s in sources]
        parts.append(torch.softmax(torch.stack(logs, dim=-1), dim=-1))
    return torch.cat(parts, dim=1)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the attention of some queries rests on.

    mass ``(B, Q, N)``: share of each source, summing to one. expected ``(B, Q, S)``: mean of the sources' facts under
    the attention. best ``(B, Q)``: largest score. total ``(B, Q)``: logarithm of the sum of all exponentiated scores,
    so that ``(best - total).exp()`` is the weight of the best match.
    """

    mass: Tensor
    expected: Tensor
    best: Tensor
    total: Tensor


@torch.no_grad()
def attention_evidence(
    queries: Tensor, sources: Sequence[KeyValues], facts: Sequence[Tensor], chunk: int = 512
) -> Evidence:
    """Return what the attention of `queries` rests on, `chunk` of them and one source at a time.

    facts: for each source ``(B, M, S)``, what is known of its positions.
    """
    parts = []
    for start in range(0, queries.shape[1], chunk):
        rows = queries[:, start : start + chunk]
        logs, means, peaks = [], [], []
        for source, known in zip(sources, facts, strict=True):
            scores = rows @ source.keys.transpose(1, 2)
            logs.append(torch.logsumexp(scores, dim=-1))
            peaks.append(scores.amax(dim=-1))
            means.append(torch.softmax(scores, dim=-1) @ known)
        stacked = torch.stack(logs, dim=-1)
        mass = torch.softmax(stacked, dim=-1)
        expected = (torch.stack(means, dim=-1) * mass[:, :, None]).sum(-1)
        parts.append((mass, expected, torch.stack(peaks).amax(0), torch.logsumexp(stacked, dim=-1)))
    return Evidence(*(torch.cat(each, dim=1) for each in zip(*parts, strict=True)))


@torch.no_grad()
def attention_rows(queries: Tensor, sources: Sequence[KeyValues]) -> list[Tensor]:
    """Return the attention maps of a few queries: for each source ``(B, Q, M)``; all together sum to one."""
    scores = torch.cat([queries @ s.keys.transpose(1, 2) for s in sources], dim=-1)
    return list(torch.softmax(scores, dim=-1).split([s.keys.shape[1] for s in sources], dim=-1))
