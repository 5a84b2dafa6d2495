"""The arithmetic of attention: averages of values, weighted by how well keys match queries (Sec. 3.2, Eq. 1 and 2).

Tokens are the positions of feature maps, ``(B, M, channels)``. In inference the softmax over all reference positions
is accumulated reference by reference and query chunk by query chunk, so that no attention map ever exists as a whole;
maps are computed on demand for single positions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import log

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.temporal import USUAL_LIMITS

DEFAULT_CHUNK_BYTES = USUAL_LIMITS.attention_bytes

_LEAST = -60.0
"""Of scores beside the best one. Such weights are nothing to it, and much smaller ones, which have fewer digits than
numbers usually have, would slow down a processor a hundred times."""
_NEGLIGIBLE = 25.0
"""By how much the scores of thousands of positions lie below the best one if all of them together are but rounding."""
_REGISTER = 8
"""Numbers that a processor's register holds."""
_WORTH_CHOOSING = 0.7
"""Part of the queries up to which to go on with them alone is faster than with all."""


@dataclass(frozen=True, slots=True)
class KeyValues:
    """What the attention knows of one reference (or of a neighbourhood of frames).

    keys ``(B, M, key channels)``; values ``(B, M, value channels)``; M positions. The last `riding` channels of the
    values are no features: they are carried along with them; the last `labels` of these belong to labels of regions.
    weights ``(B, M)`` in [0, 1]: how much each position counts; None where all do altogether.
    """

    keys: Tensor
    values: Tensor
    riding: int = 0
    weights: Tensor | None = None
    labels: int = 0

    @property
    def carried(self) -> Tensor:
        """What rides along, without labels ``(B, M, riding - labels)``."""
        stop = self.values.shape[-1]
        return self.values[..., stop - self.riding : stop - self.labels]

    def nbytes(self) -> int:
        """Bytes of memory taken."""
        arrays = (self.keys, self.values, self.weights)
        return sum(t.numel() * t.element_size() for t in arrays if t is not None)

    def weighed(self, strength: float) -> KeyValues:
        """Return the same with positions that count so much of what they did."""
        weights = self.keys.new_ones(self.keys.shape[:2]) if self.weights is None else self.weights
        return replace(self, weights=weights * strength)

    def labelled(self, labels: Tensor) -> KeyValues:
        """Return the same with labels ``(B, M, c)`` riding along, too."""
        count = labels.shape[-1]
        values = torch.cat([self.values, labels.to(self.values.dtype)], dim=-1)
        return replace(self, values=values, riding=self.riding + count, labels=count)


@dataclass(frozen=True, slots=True)
class Matches:
    """Where queries find their best match ``(B, Q)``, and its score.

    `best` are indices into the positions of all sources, one after another.
    """

    best: Tensor
    score: Tensor

    def rows(self, part: slice) -> Matches:
        """Return those of some queries, in the same memory."""
        return Matches(self.best[:, part], self.score[:, part])


@dataclass(frozen=True, slots=True)
class Attention:
    """What queries have found: averages of values ``(B, Q, value channels)``, and what was noticed on the way.

    matches: None where they were not wanted. logs ``(B, Q, N)``: logarithm of the share of each source in the
    attention of each query, or a little more than that where it hardly counts; None where gradients are wanted.
    """

    averages: Tensor
    matches: Matches | None = None
    logs: Tensor | None = None


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
    return attention_of(queries, sources, chunk_bytes).averages


def attention_of(
    queries: Tensor,
    sources: Sequence[KeyValues],
    chunk_bytes: int = DEFAULT_CHUNK_BYTES,
    *,
    wants_best: bool = False,
    wants_shares: bool = False,
) -> Attention:
    """Do what `attend` does, and say where each query matches best and which share each source has, if wanted."""
    if torch.is_grad_enabled():
        # Similarities of tens need more than bfloat16's three digits, so mixed precision ends here.
        with torch.autocast(queries.device.type, enabled=False):
            keys = torch.cat([s.keys for s in sources], dim=1).float()
            values = torch.cat([s.values for s in sources], dim=1).float()
            scores = queries.float() @ keys.transpose(1, 2)
            found = Matches(scores.argmax(-1), scores.detach().amax(-1)) if wants_best else None
            return Attention(torch.softmax(scores, dim=-1) @ values, found)
    channels = sources[0].values.shape[2]
    if queries.device.type == "cpu" and channels % _REGISTER:
        # A processor multiplies matrices faster whose rows begin where its registers do.
        sources = [replace(s, values=F.pad(s.values, (0, -channels % _REGISTER))) for s in sources]
    out = queries.new_empty(*queries.shape[:2], sources[0].values.shape[2])
    found, shape = None, queries.shape[:2]
    logs = queries.new_empty(*shape, len(sources), dtype=torch.float32) if wants_shares else None
    if wants_best:
        found = Matches(queries.new_empty(shape, dtype=torch.long), queries.new_empty(shape))
    widest = max(s.keys.shape[1] for s in sources)
    step = max(64, chunk_bytes // max(1, queries.shape[0] * widest * queries.element_size()))
    for start in range(0, queries.shape[1], step):
        rows = slice(start, start + step)
        out[:, rows] = _attend_chunk(
            queries[:, rows],
            sources,
            None if found is None else found.rows(rows),
            None if logs is None else logs[:, rows],
        )
    return Attention(out[..., :channels], found, logs)


def _attend_chunk(
    queries: Tensor, sources: Sequence[KeyValues], found: Matches | None, logs: Tensor | None
) -> Tensor:
    """Softmax-average over references one after another, rescaling what is there whenever a larger score appears.

    The largest score and its index go to `found`, logarithms of shares to `logs`. What a reference that hardly counts
    for a query has to say is left out where that saves time.
    """
    first, *others = sources
    scores = queries @ first.keys.transpose(1, 2)
    if found is None:
        peak = scores.amax(dim=-1, keepdim=True)
    else:
        peak, where = scores.max(dim=-1, keepdim=True)
        found.best.copy_(where.squeeze(-1))
    weights = _weights(scores, peak)
    total, average = weights.sum(-1, keepdim=True), weights @ first.values
    sums = [peak + total.log()]
    offset = scores.shape[-1]
    for source in others:
        scores = queries @ source.keys.transpose(1, 2)
        highest = scores.amax(dim=-1, keepdim=True)
        if found is not None:
            _note_better(scores, highest > peak, found.best, offset)
        offset += scores.shape[-1]
        rows = _few(highest > peak - _NEGLIGIBLE)
        if rows is None:
            sums.append(_add_average(scores, highest, source.values, peak, total, average))
            continue
        sums.append(highest + log(scores.shape[-1]))  # it is no more than that
        if len(rows):
            state = [t[:, rows] for t in (peak, total, average)]
            sums[-1][:, rows] = _add_average(scores[:, rows], highest[:, rows], source.values, *state)
            for whole, part in zip((peak, total, average), state, strict=True):
                whole[:, rows] = part
    if found is not None:
        found.score.copy_(peak.squeeze(-1))
    if logs is not None:
        logs.copy_(torch.log_softmax(torch.cat(sums, dim=-1).float(), dim=-1))
    return average.div_(total)


def _weights(scores: Tensor, peak: Tensor) -> Tensor:
    """Exponentiate scores in place, less the largest of each query."""
    return scores.sub_(peak).clamp_(min=_LEAST).exp_()


def _add_average(
    scores: Tensor, highest: Tensor, values: Tensor, peak: Tensor, total: Tensor, average: Tensor
) -> Tensor:
    """Let `values` ``(B, M, c)`` join a running average, in place, by their scores ``(B, Q, M)``.

    peak and total ``(B, Q, 1)``: largest score so far, and sum of the weights relative to it; average ``(B, Q, c)``
    times total. Returns the logarithm of the sum of the exponentiated scores ``(B, Q, 1)``.
    """
    raised = torch.maximum(peak, highest)
    shrink = (peak - raised).exp_()
    weights = _weights(scores, raised)
    added = weights.sum(-1, keepdim=True)
    total.mul_(shrink).add_(added)
    average.mul_(shrink).baddbmm_(weights, values)
    peak.copy_(raised)
    return raised + added.log()


def _note_better(scores: Tensor, better: Tensor, best: Tensor, offset: int) -> None:
    """Write down the index of the largest score of each query for which it is `better` ``(B, Q, 1)``."""
    rows = _few(better)
    if rows is None:
        torch.where(better.squeeze(-1), scores.argmax(-1) + offset, best, out=best)
    elif len(rows):
        best[:, rows] = scores[:, rows].argmax(-1) + offset


def _few(needed: Tensor) -> Tensor | None:
    """Return which queries of `needed` ``(B, Q, 1)`` are; None for all, where choosing would take longer."""
    if needed.device.type != "cpu" or needed.shape[0] > 1:
        return None
    rows = needed.flatten().nonzero().squeeze(-1)
    return rows if len(rows) < _WORTH_CHOOSING * needed.shape[1] else None


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
class AttentionEvidence:
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
) -> AttentionEvidence:
    """Return what the attention of `queries` rests on, `chunk` of them and one source at a time.

    facts: for each source ``(B, M, S)``, what is known of its positions.
    """
    parts = []
    for start in range(0, queries.shape[1], chunk):
        rows = queries[:, start : start + chunk]
        logs, means, peaks = [], [], []
        for source, known in zip(sources, facts, strict=True):
            scores = rows @ source.keys.transpose(1, 2)
            peak = scores.amax(dim=-1, keepdim=True)
            weights = _weights(scores, peak)
            total = weights.sum(-1, keepdim=True)
            logs.append((peak + total.log()).squeeze(-1))
            peaks.append(peak.squeeze(-1))
            means.append((weights @ known).div_(total))
        stacked = torch.stack(logs, dim=-1)
        mass = torch.softmax(stacked, dim=-1)
        expected = (torch.stack(means, dim=-1) * mass[:, :, None]).sum(-1)
        parts.append((mass, expected, torch.stack(peaks).amax(0), torch.logsumexp(stacked, dim=-1)))
    return AttentionEvidence(*(torch.cat(each, dim=1) for each in zip(*parts, strict=True)))


@torch.no_grad()
def attention_rows(queries: Tensor, sources: Sequence[KeyValues]) -> list[Tensor]:
    """Return the attention maps of a few queries: for each source ``(B, Q, M)``; all together sum to one."""
    scores = torch.cat([queries @ s.keys.transpose(1, 2) for s in sources], dim=-1)
    return list(torch.softmax(scores, dim=-1).split([s.keys.shape[1] for s in sources], dim=-1))
