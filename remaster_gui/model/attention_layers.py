"""Source-reference attention (Sec. 3.2, Eq. 1 and 2) and the self-attention that is its special case, as layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from remaster_gui.model.attention import (
    DEFAULT_CHUNK_BYTES,
    KeyValues,
    attend,
    attention_of,
    tokens,
    untokens,
)
from remaster_gui.model.partial import believed
from remaster_gui.model.similarity import Queries, Similarity
from remaster_gui.model.temporal import TemporalContext


@dataclass(frozen=True, slots=True)
class Attended:
    """What an attention made of source features ``(B, T, C, h, w)``, and what it found on the way.

    carried ``(B, T, c, h, w)``: mean of what rides along with the references' values; labels ``(B, T, c + 2K, h, w)``:
    the same with what rides along of K labels of regions, None where there are none. best ``(B, T*h*w)``: the position
    among those of all references that matches best; None where that was not wanted. likeness ``(B, T, 1, h, w)``: how
    alike that one is; None where similarity knows no bound. believed ``(B, T*h*w)``: how much the best match is beside
    those that do not count; None where all count. drawn ``(B, T, 3, N)``: see `draw`; None where gradients are wanted.
    All None but the features without references.
    """

    features: Tensor
    carried: Tensor | None = None
    best: Tensor | None = None
    likeness: Tensor | None = None
    believed: Tensor | None = None
    drawn: Tensor | None = None
    labels: Tensor | None = None


NOTHING = -100.0
"""Logarithm of a share that is none."""


class SourceReferenceAttention(nn.Module):
    """Attention of the source's positions to those of any number of references.

    ``source + gamma * softmax(similarity) values``; how similarity comes about is for `Similarity` to say.
    """

    def __init__(
        self, channels: int, key_channels: int, similarity: Similarity, *, gamma: float = 0.0, matches: bool = False
    ) -> None:  # fmt: skip
        """Make an attention over feature maps of `channels`; with `matches` it says as well where the best ones lie."""
        super().__init__()
        # A bias would move all positions of a picture the same way, which changes angles.
        self.query = nn.Conv2d(channels, key_channels, 1, bias=not similarity.bounded)
        self.key = nn.Conv2d(channels, key_channels, 1, bias=not similarity.bounded)
        self.value = nn.Conv2d(channels, channels, 1)
        self.gamma = nn.Parameter(torch.tensor([gamma]))
        self.similarity = similarity
        self._matches = matches

    def query_references(
        self, source: Tensor, sources: Sequence[KeyValues], luminance: Tensor | None = None
    ) -> tuple[Queries, Sequence[KeyValues]]:
        """Return the queries of source features ``(B, T, C, h, w)``, and the sources that they are compared with.

        Their keys have further channels for weights and votes, where there are any (see `Similarity.queries`).
        """
        return self.similarity.queries(_projected(self.query, source), luminance, source, sources)

    def key_values(
        self,
        reference: Tensor,
        luminance: Tensor | None = None,
        riding: Tensor | None = None,
        weights: Tensor | None = None,
    ) -> KeyValues:
        """Encode reference features ``(B, n, C, h, w)``; `riding` ``(B, n, c, h, w)`` joins the values.

        weights ``(B, n, 1, h, w)``: how much each position counts.
        """
        values = _projected(self.value, reference)
        keys = self.similarity.keys(_projected(self.key, reference), luminance, reference)
        counted = None if weights is None else tokens(weights)[..., 0]
        if riding is None:
            return KeyValues(keys, values, weights=counted)
        return KeyValues(keys, torch.cat([values, tokens(riding)], dim=-1), riding.shape[2], counted)

    def forward(
        self,
        source: Tensor,
        sources: Sequence[KeyValues],
        luminance: Tensor | None = None,
        chunk_bytes: int = DEFAULT_CHUNK_BYTES,
    ) -> Attended:
        """Add to source features what the references say; without references there is nothing to add (Sec. 5.4).

        Where no gradient is wanted, at most `chunk_bytes` of scores exist at a time.
        """
        if not sources:
            return Attended(source)
        queries, tagged = self.query_references(source, sources, luminance)
        found = attention_of(
            queries.vectors, tagged, chunk_bytes, wants_best=self._matches, wants_shares=True
        )
        best = likeness = trust = None
        if found.matches is not None:
            best = found.matches.best
            if self.similarity.bounded:
                trust = believed(queries, tagged, sources, found.matches)
                likeness = untokens(queries.likeness(found.matches.score)[..., None].detach(), source)
        channels, clip = source.shape[2], untokens(found.averages, source)
        carried, labels = (clip[:, :, channels:] if sources[0].riding else None), None
        if carried is not None and sources[0].labels:
            carried, labels = carried[:, :, : -sources[0].labels], carried
        drawn = None if found.logs is None else draw(queries, found.logs, source)
        features = source + self.gamma * clip[:, :, :channels]
        return Attended(features, carried, best, likeness, trust, drawn, labels)


def draw(queries: Queries, logs: Tensor, like: Tensor) -> Tensor:
    """Sum up for each frame of `like` ``(B, T, C, h, w)`` what it draws from each of N references ``(B, T, 3, N)``.

    Its mean share in the attention of the frame's positions, the logarithm of its largest one, and how much the frame
    as a whole resembles it (see `elect`; nothing where frames do not vote). logs ``(B, T*h*w, N)``.
    """
    by_frame = logs.unflatten(1, (like.shape[1], -1))
    most = by_frame.amax(2)
    elected = torch.full_like(most, NOTHING) if queries.elected is None else queries.elected
    return torch.stack([by_frame.exp().mean(2), most, elected], dim=2)


class SelfAttention(SourceReferenceAttention):
    """Attention of a clip to itself, over space and the frames around (Eq. 1 with the source as its own reference)."""

    def attended(self, clip: Tensor, context: TemporalContext) -> Tensor:
        """Map ``(B, T, C, h, w)`` to ``(B, T', C, h, w)``, T' being the frames that the context can deliver."""
        queries = self.query_references(clip, ())[0].vectors.unflatten(1, (clip.shape[1], -1))
        own = self.key_values(clip)
        keys, values = (t.unflatten(1, (clip.shape[1], -1)) for t in (own.keys, own.values))
        out = []
        for (query, _, _, here), (_, key, value, _) in context.neighbourhoods(
            self, queries, keys, values, clip
        ):
            near = KeyValues(key.flatten(1, 2), value.flatten(1, 2))
            gathered = attend(query.flatten(1, 2), [near], context.limits.attention_bytes)
            out.append(here + self.gamma * untokens(gathered, here))
        return torch.cat(out, dim=1)


class NoAttention(nn.Module):
    """The identity, in place of self-attention."""

    def attended(self, clip: Tensor, context: TemporalContext) -> Tensor:
        """Return the clip as it is."""
        return clip


def _projected(layer: nn.Conv2d, clip: Tensor) -> Tensor:
    """Project each position of a clip to tokens, whatever precision the convolutions before have."""
    return tokens(layer(clip.flatten(0, 1).to(layer.weight.dtype)).unflatten(0, clip.shape[:2]))
