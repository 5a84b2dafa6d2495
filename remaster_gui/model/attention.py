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

from remaster_gui.model.temporal import Timeline

INITIAL_COSINE_SCALE = 30.0
INITIAL_PATCH_SCALE = 15.0
PATCH_SCALES = 4
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


def attend(queries: Tensor, sources: Sequence[KeyValues], chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> Tensor:
    """Average the values of all `sources`, weighted by the softmax of ``queries . keys`` over all their positions.

    queries ``(B, Q, key channels)`` to ``(B, Q, value channels)``. Differentiable; where no gradient is wanted, at
    most `chunk_bytes` of scores exist at a time.
    """
    if torch.is_grad_enabled():
        keys = torch.cat([s.keys for s in sources], dim=1)
        values = torch.cat([s.values for s in sources], dim=1)
        return torch.softmax(queries @ keys.transpose(1, 2), dim=-1) @ values
    out = queries.new_empty(*queries.shape[:2], sources[0].values.shape[2])
    widest = max(s.keys.shape[1] for s in sources)
    step = max(64, chunk_bytes // max(1, queries.shape[0] * widest * queries.element_size()))
    for start in range(0, queries.shape[1], step):
        out[:, start : start + step] = _attend_chunk(queries[:, start : start + step], sources)
    return out


def _attend_chunk(queries: Tensor, sources: Sequence[KeyValues]) -> Tensor:
    """Softmax-average over references one after another, rescaling what is there whenever a larger score appears."""
    peak = total = average = None
    for source in sources:
        scores = queries @ source.keys.transpose(1, 2)
        highest = scores.amax(dim=-1, keepdim=True)
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
def attention_rows(queries: Tensor, sources: Sequence[KeyValues]) -> list[Tensor]:
    """Return the attention maps of a few queries: for each source ``(B, Q, M)``; all together sum to one."""
    scores = torch.cat([queries @ s.keys.transpose(1, 2) for s in sources], dim=-1)
    return list(torch.softmax(scores, dim=-1).split([s.keys.shape[1] for s in sources], dim=-1))


class PatchDescriptor(nn.Module):
    """Luminance patches around every position of a grid, of four scales, each normalised to zero mean and unit length.

    They match what looks the same before anything has been learned.
    """

    def forward(self, luminance: Tensor, stride: int) -> list[Tensor]:
        """Map luminance ``(B, T, 1, H, W)`` to four token sets ``(B, T*(H/stride)*(W/stride), 49 or 64)``."""
        flat = F.avg_pool2d(luminance.flatten(0, 1), stride // 8) if stride > 8 else luminance.flatten(0, 1)
        grids = [  # an even grid has its centre between pixels, so its patches are 8 wide instead of 7
            (F.avg_pool2d(flat, 2), {"kernel_size": 8, "padding": 2, "stride": 4}),
            (F.avg_pool2d(flat, 4), {"kernel_size": 8, "padding": 3, "stride": 2}),
            (F.avg_pool2d(flat, 8), {"kernel_size": 7, "padding": 3}),
            (
                F.avg_pool2d(F.pad(flat, (4, 4, 4, 4), mode="replicate"), 16, 8),
                {"kernel_size": 7, "padding": 6, "dilation": 2},
            ),
        ]
        patches = []
        for image, window in grids:
            border = window.pop("padding")
            cells = F.unfold(F.pad(image, (border,) * 4, mode="replicate"), **window)
            cells = F.normalize(cells - cells.mean(1, keepdim=True), dim=1, eps=0.02)
            patches.append(cells.transpose(1, 2).reshape(luminance.shape[0], -1, cells.shape[1]))
        return patches


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
        gamma: float = 0.0,
    ) -> None:
        """Make an attention over feature maps of `channels`."""
        super().__init__()
        self.kind = kind
        self.query = nn.Conv2d(channels, key_channels, 1, bias=kind == "dot")
        self.key = nn.Conv2d(channels, key_channels, 1, bias=kind == "dot")
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.tensor([gamma]))
        if kind == "cosine":
            self.log_scale = nn.Parameter(torch.tensor(math.log(INITIAL_COSINE_SCALE)))
        if patches:
            self.patch_log_scale = nn.Parameter(torch.full((PATCH_SCALES,), math.log(INITIAL_PATCH_SCALE)))

    def _compare(self, layer: nn.Conv2d, clip: Tensor, patches: Sequence[Tensor]) -> Tensor:
        """Project a clip's positions to where similarity is a dot product."""
        flat = tokens(layer(clip.flatten(0, 1)).unflatten(0, clip.shape[:2]))
        if self.kind == "dot":
            return flat
        # Queries and keys share the scale, each taking its square root.
        parts = [F.normalize(flat, dim=-1) * (0.5 * self.log_scale).exp()]
        parts += (
            [p * (0.5 * s).exp() for p, s in zip(patches, self.patch_log_scale, strict=True)]
            if patches
            else []
        )
        return torch.cat(parts, dim=-1) if len(parts) > 1 else parts[0]

    def queries(self, source: Tensor, patches: Sequence[Tensor] = ()) -> Tensor:
        """Return queries ``(B, T*h*w, key channels)`` of source features ``(B, T, C, h, w)``."""
        return self._compare(self.query, source, patches)

    def key_values(
        self, reference: Tensor, patches: Sequence[Tensor] = (), carried: Tensor | None = None
    ) -> KeyValues:
        """Encode reference features ``(B, n, C, h, w)``; `carried` ``(B, n, c, h, w)`` rides along as more value channels."""
        values = tokens(self.value(reference.flatten(0, 1)).unflatten(0, reference.shape[:2]))
        if carried is not None:
            values = torch.cat([values, tokens(carried)], dim=-1)
        return KeyValues(self._compare(self.key, reference, patches), values)

    def forward(
        self, source: Tensor, sources: Sequence[KeyValues], patches: Sequence[Tensor] = ()
    ) -> tuple[Tensor, Tensor]:
        """Return the attended features ``(B, T, C, h, w)`` and what was carried along ``(B, T, c, h, w)``."""
        channels = source.shape[2]
        gathered = untokens(attend(self.queries(source, patches), sources), source)
        return source + self.gamma * gathered[:, :, :channels], gathered[:, :, channels:]


class SelfAttention(SourceReferenceAttention):
    """Attention of a clip to itself, over space and the frames around (Eq. 1 with the source as its own reference)."""

    def attended(self, clip: Tensor, timeline: Timeline) -> Tensor:
        """Map ``(B, T, C, h, w)`` to ``(B, T', C, h, w)``, T' being the frames that the timeline can deliver."""
        queries = self._compare(self.query, clip, ()).unflatten(1, (clip.shape[1], -1))
        own = self.key_values(clip)
        keys, values = (t.unflatten(1, (clip.shape[1], -1)) for t in (own.keys, own.values))
        out = []
        for (query, _, _, here), (_, key, value, _) in timeline.neighbourhoods(
            self, queries, keys, values, clip
        ):
            gathered = attend(query.flatten(1, 2), [KeyValues(key.flatten(1, 2), value.flatten(1, 2))])
            out.append(here + self.gamma * untokens(gathered, here))
        return torch.cat(out, dim=1)
