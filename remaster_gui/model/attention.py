"""Source-reference attention (Sec. 3.2, Eq. 1 and 2) and the self-attention that is its special case.

Tokens are the positions of feature maps, ``(B, M, channels)``. In inference the softmax over all reference positions
is accumulated reference by reference and query chunk by query chunk, so that no attention map ever exists as a whole;
maps are computed on demand for the positions that somebody wants to look at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.patches import EIGHTH, scaled_descriptions
from remaster_gui.model.temporal import Timeline

INITIAL_COSINE_SCALE = 30.0
INITIAL_PATCH_SCALE = 15.0
INITIAL_DISTANCE = 0.2
"""Standard deviation of how far apart matching positions lie, in units of the picture's mean edge."""
VOTERS = 128
"""About how many positions of a frame say which references they would draw from."""
VOTE_GAIN = 6.0
"""What the logarithm of a reference's share of the votes counts beside similarity.

With three references of other films beside the right one, 0 loses 2.4 dB on held-out clips, 4 0.6 and 6 0.4. The more,
the less is left of what only a small part of the frame has in common with a reference.
"""
_LEAST_SHARE = 1e-6
DEFAULT_CHUNK_BYTES = 16 * 2**20
"""Size of the piece of an attention map that exists at any moment: about what the processor's cache holds."""


@dataclass(frozen=True, slots=True)
class KeyValues:
    """What the attention knows of one reference (or of a neighbourhood of frames).

    keys ``(B, M, key channels)``; values ``(B, M, value channels)``; M positions.
    """

    keys: Tensor
    values: Tensor

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


def _projected(layer: nn.Conv2d, clip: Tensor) -> Tensor:
    """Project each position of a clip, whatever precision the convolutions before have."""
    return layer(clip.flatten(0, 1).to(layer.weight.dtype)).unflatten(0, clip.shape[:2])


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


@torch.no_grad()
def count_votes(queries: Tensor, sources: Sequence[KeyValues], like: Tensor) -> Tensor:
    """Let each frame elect the references that it resembles as a whole: what to add to scores ``(B, T, h, w, N)``.

    queries ``(B, T*h*w, .)`` of frames of the size of `like` ``(B, T, C, h, w)``. The least resembled references lose
    most, the one with most of the attention nothing. A sky says little about where it belongs; the frame below it does.
    """
    time, height, width = like.shape[1], *like.shape[-2:]
    per_frame = queries.unflatten(1, (time, height, width))
    step = max(1, round((height * width / VOTERS) ** 0.5))
    voters = per_frame[:, :, ::step, ::step]
    mass = attention_mass(voters.flatten(1, 3), sources).unflatten(1, (time, -1))
    share = mass.float().mean(2)
    votes = VOTE_GAIN * (share / share.amax(-1, keepdim=True)).clamp(min=_LEAST_SHARE).log()
    return votes[:, :, None, None].expand(-1, -1, height, width, -1)


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


class SourceReferenceAttention(nn.Module):
    """Attention of the source's positions to those of any number of references (Eq. 1 and 2).

    ``source + gamma * softmax(queries . keys) values``, with no division by the root of the key size, as the authors
    compute it. With `cosine`, queries and keys are normalised and a learned scale takes the place of their length.
    """

    def __init__(
        self,
        channels: int,
        key_channels: int,
        *,
        kind: Literal["dot", "cosine"] = "dot",
        patches: bool = False,
        positions: bool = False,
        votes: bool = False,
        gamma: float = 0.0,
    ) -> None:
        """Make an attention over feature maps of `channels`."""
        super().__init__()
        self.kind, self.votes = kind, votes
        self.chunk_bytes = DEFAULT_CHUNK_BYTES
        self.query = nn.Conv2d(channels, key_channels, 1, bias=kind == "dot")
        self.key = nn.Conv2d(channels, key_channels, 1, bias=kind == "dot")
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.tensor([gamma]))
        if kind == "cosine":
            self.log_scale = nn.Parameter(torch.tensor(math.log(INITIAL_COSINE_SCALE)))
        if patches:
            self.patch_log_scale = nn.Parameter(torch.full((len(EIGHTH),), math.log(INITIAL_PATCH_SCALE)))
        self.log_distance = nn.Parameter(torch.tensor(math.log(INITIAL_DISTANCE))) if positions else None

    def _compare(self, layer: nn.Conv2d, clip: Tensor, patches: list[Tensor]) -> Tensor:
        """Project a clip's positions to where similarity is a dot product."""
        flat = tokens(_projected(layer, clip))
        if self.kind == "dot":
            return flat
        # Queries and keys share the scale, each taking its square root.
        flat = F.normalize(flat, dim=-1) * (0.5 * self.log_scale).exp()
        if not patches:
            return flat
        return torch.cat([flat, tokens(scaled_descriptions(patches, self.patch_log_scale))], dim=-1)

    def _place(self, flat: Tensor, like: Tensor, *, keys: bool) -> Tensor:
        """Append where each token of `like` ``(B, T, C, h, w)`` lies, so that near positions match better than far.

        The dot product gains ``-distance² / (2 log_distance.exp()²)``, but for a term that is the same for all keys.
        """
        if self.log_distance is None:
            return flat
        height, width = like.shape[-2:]
        edge = (height * width) ** 0.5
        y, x = (
            (torch.arange(n, device=flat.device, dtype=flat.dtype) - (n - 1) / 2) / edge
            for n in (height, width)
        )
        spots = torch.cartesian_prod(y, x) * (-self.log_distance).exp()
        last = -0.5 * spots.square().sum(-1, keepdim=True) if keys else torch.ones_like(spots[:, :1])
        spots = torch.cat([spots, last], dim=-1).repeat(like.shape[1], 1)
        return torch.cat([flat, spots.expand(len(flat), -1, -1)], dim=-1)

    def ask(
        self, source: Tensor, sources: Sequence[KeyValues], patches: list[Tensor] | None = None
    ) -> tuple[Tensor, Sequence[KeyValues]]:
        """Return queries ``(B, T*h*w, key channels)`` of source features ``(B, T, C, h, w)`` and whom to ask.

        With votes the queries begin with one channel for each source, which its keys alone look at (see `told_apart`).
        """
        queries = self._place(self._compare(self.query, source, patches or []), source, keys=False)
        if not self.votes or len(sources) < 2:
            return queries, sources
        votes = count_votes(queries, sources, source).flatten(1, 3)
        return torch.cat([votes.to(queries.dtype), queries], dim=-1), self.told_apart(sources)

    def told_apart(self, sources: Sequence[KeyValues]) -> Sequence[KeyValues]:
        """Let the keys of each source begin with what reads its own vote."""
        if not self.votes or len(sources) < 2:
            return sources
        apart = []
        for index, source in enumerate(sources):
            mark = source.keys.new_zeros(*source.keys.shape[:2], len(sources))
            mark[..., index] = 1.0
            apart.append(KeyValues(torch.cat([mark, source.keys], dim=-1), source.values))
        return apart

    def key_values(
        self, reference: Tensor, patches: list[Tensor] | None = None, carried: Tensor | None = None
    ) -> KeyValues:
        """Encode reference features ``(B, n, C, h, w)``; `carried` ``(B, n, c, h, w)`` joins the values."""
        values = tokens(_projected(self.value, reference))
        if carried is not None:
            values = torch.cat([values, tokens(carried)], dim=-1)
        keys = self._place(self._compare(self.key, reference, patches or []), reference, keys=True)
        return KeyValues(keys, values)

    def likeness(self, queries: Tensor, best: Tensor, sources: int) -> Tensor | None:
        """Say how alike the best matches ``(B, Q)``, scores of `queries` among `sources`, are to them: ``(B, Q)``.

        1: same content at the same place; 0: nothing in common. None where similarity has no upper bound (plain dot
        products).
        """
        if self.kind == "dot":
            return None
        content = queries[..., sources:] if self.votes and sources > 1 else queries
        if self.log_distance is not None:
            # What `_place` leaves out of the score because it is the same for all keys.
            best = best - 0.5 * content[..., -3:-1].square().sum(-1)
            content = content[..., :-3]
        return best / content.square().sum(-1).clamp(min=1e-6)

    def forward(
        self, source: Tensor, sources: Sequence[KeyValues], patches: list[Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the attended features ``(B, T, C, h, w)`` and what was carried along ``(B, T, c, h, w)``."""
        return self._split(source, attend(*self.ask(source, sources, patches), self.chunk_bytes))

    def match(
        self, source: Tensor, sources: Sequence[KeyValues], patches: list[Tensor]
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return what `forward` does and the best match of each position (see `attend_and_match`)."""
        gathered, best = attend_and_match(*self.ask(source, sources, patches), self.chunk_bytes)
        return *self._split(source, gathered), best

    def _split(self, source: Tensor, gathered: Tensor) -> tuple[Tensor, Tensor]:
        channels = source.shape[2]
        clip = untokens(gathered, source)
        return source + self.gamma * clip[:, :, :channels], clip[:, :, channels:]


class SelfAttention(SourceReferenceAttention):
    """Attention of a clip to itself, over space and the frames around (Eq. 1 with the source as its own reference)."""

    def attended(self, clip: Tensor, timeline: Timeline) -> Tensor:
        """Map ``(B, T, C, h, w)`` to ``(B, T', C, h, w)``, T' being the frames that the timeline can deliver."""
        queries = self._compare(self.query, clip, []).unflatten(1, (clip.shape[1], -1))
        own = self.key_values(clip)
        keys, values = (t.unflatten(1, (clip.shape[1], -1)) for t in (own.keys, own.values))
        out = []
        for (query, _, _, here), (_, key, value, _) in timeline.neighbourhoods(
            self, queries, keys, values, clip
        ):
            gathered = attend(
                query.flatten(1, 2), [KeyValues(key.flatten(1, 2), value.flatten(1, 2))], self.chunk_bytes
            )
            out.append(here + self.gamma * untokens(gathered, here))
        return torch.cat(out, dim=1)
