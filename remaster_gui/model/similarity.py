"""How alike two positions are: a sum of terms, each a dot product of what is known of one and of the other.

The paper compares projected features alone (Eq. 1). A term that is added says something else of a position: what the
luminance around it looks like, where it lies, which reference its frame resembles. Queries and keys hold the terms one
after another, so that one product of matrices adds all of them up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from remaster_gui.model.attention import KeyValues, attention_mass, tokens
from remaster_gui.model.config import ScoreKind
from remaster_gui.model.patches import EIGHTH, PatchDescriptor, scaled_descriptions

INITIAL_COSINE_SCALE = 30.0
INITIAL_PATCH_SCALE = 15.0
PATCH_CHANNELS = 24
"""Numbers that describe a patch of one scale: more than this hardly match better."""
INITIAL_DISTANCE = 0.2
"""Standard deviation of how far apart matching positions lie, in units of the picture's mean edge."""
VOTERS = 128
"""About how many positions of a frame say which references they would draw from."""
VOTE_GAIN = 6.0
"""What the logarithm of a reference's share of the votes counts beside similarity.

With three references of other films beside the right one, 0 loses 2.4 dB on held-out clips, 4 0.6 and 6 0.4. The more,
the less is left of what only a small part of the frame has in common with a reference.
"""
LEAST_ELECTED = math.log(1e-6)
"""Below this the votes for a reference are no fewer."""
_NO_SHARE = 1e-37
WEIGHT_GAIN = 6.0
"""What the logarithm of a position's weight counts beside similarity: as much as votes."""
_NEVER = -1e4
"""Far below any score, and still a number: where nothing counts all positions are as before beside each other."""


@dataclass(frozen=True, slots=True)
class Queries:
    """The queries of a source, each term ``(B, Q, .)`` by itself.

    content: features and patches. place: row and column, scaled, and a one. votes: one channel for each source. weight:
    a one, where positions of the sources count differently. elected ``(B, T, N)``: what the votes are counted from, see
    `elect`.
    """

    content: Tensor
    place: Tensor | None = None
    votes: Tensor | None = None
    weight: Tensor | None = None
    elected: Tensor | None = None

    @property
    def vectors(self) -> Tensor:
        """What is multiplied with keys ``(B, Q, key channels)``."""
        terms = [t for t in (self.votes, self.weight, self.content, self.place) if t is not None]
        return terms[0] if len(terms) == 1 else torch.cat(terms, dim=-1)

    def rows(self, part: slice) -> Queries:
        """Return some of the positions, in the same memory."""
        others = (None if term is None else term[:, part] for term in (self.place, self.votes, self.weight))
        return Queries(self.content[:, part], *others)

    def likeness(self, best: Tensor) -> Tensor:
        """Say how alike the best matches, of scores ``(B, Q)``, are: 1 the same at the same place, 0 nothing in common.

        Means something only where queries and keys have the same length (see `Similarity.bounded`).
        """
        if self.place is not None:
            # What keys leave out of the distance because it is the same for all of them.
            best = best - 0.5 * self.place[..., :2].square().sum(-1)
        return best / self.content.square().sum(-1).clamp(min=1e-6)


class DotProduct(nn.Module):
    """Projected features as they are (Eq. 1), with no division by the root of their number, as the authors have it."""

    def forward(self, projected: Tensor) -> Tensor:
        """Return ``(B, Q, K)`` unchanged."""
        return projected


class Cosine(nn.Module):
    """Projected features of length one, times a learned scale of which queries and keys carry the square root each."""

    def __init__(self) -> None:
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(INITIAL_COSINE_SCALE)))

    @property
    def length(self) -> float:
        """Length of all queries and keys."""
        return float((0.5 * self.log_scale).exp())

    def forward(self, projected: Tensor) -> Tensor:
        """Scale ``(B, Q, K)``."""
        return F.normalize(projected, dim=-1) * (0.5 * self.log_scale).exp()


class Patches(nn.Module):
    """What the luminance around a position looks like, at four scales."""

    def __init__(self, stride: int) -> None:
        """Describe positions that lie `stride` pixels apart, a multiple of 8."""
        super().__init__()
        self.descriptor = PatchDescriptor(EIGHTH, PATCH_CHANNELS)
        self.log_scales = nn.Parameter(torch.full((len(EIGHTH),), math.log(INITIAL_PATCH_SCALE)))
        self._shrink = stride // 8

    @property
    def lengths(self) -> list[float]:
        """Greatest length of queries and keys for each scale."""
        return [float(each) for each in (0.5 * self.log_scales).exp()]

    def forward(self, luminance: Tensor) -> Tensor:
        """Describe the positions of luminance ``(B, T, 1, H, W)``: ``(B, Q, K)``."""
        return tokens(scaled_descriptions(self.descriptor(luminance, self._shrink), self.log_scales))


class PositionTerm(nn.Module):
    """Near positions match better than far ones.

    The dot product gains ``-distance² / (2 log_distance.exp()²)``, but for a part that is the same for all keys.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log_distance = nn.Parameter(torch.tensor(math.log(INITIAL_DISTANCE)))

    def queries(self, like: Tensor) -> Tensor:
        """Return where the positions of `like` ``(B, T, C, h, w)`` lie: ``(B, T*h*w, 3)``."""
        spots = self._spots(like)
        return self._everywhere(torch.cat([spots, torch.ones_like(spots[:, :1])], dim=-1), like)

    def keys(self, like: Tensor) -> Tensor:
        """Return the same of the positions of a reference, as keys."""
        spots = self._spots(like)
        return self._everywhere(torch.cat([spots, -0.5 * spots.square().sum(-1, keepdim=True)], dim=-1), like)

    def _spots(self, like: Tensor) -> Tensor:
        height, width = like.shape[-2:]
        edge = (height * width) ** 0.5
        number = self.log_distance.dtype
        y, x = (
            (torch.arange(n, device=like.device, dtype=number) - (n - 1) / 2) / edge for n in (height, width)
        )
        return torch.cartesian_prod(y, x) * (-self.log_distance).exp()

    @staticmethod
    def _everywhere(spots: Tensor, like: Tensor) -> Tensor:
        return spots.repeat(like.shape[1], 1).expand(like.shape[0], -1, -1)


class Votes(nn.Module):
    """References that a frame resembles as a whole match better than others everywhere in it."""

    def queries(self, asking: Queries, sources: Sequence[KeyValues], like: Tensor) -> Queries:
        """Add a vote for each source to the queries of `like` ``(B, T, C, h, w)``: how much the frame resembles it."""
        elected = elect(asking.vectors, sources, like)
        votes = _counted(elected, like).flatten(1, 3).to(asking.content.dtype)
        return replace(asking, votes=votes, elected=elected)

    @staticmethod
    def tagged(sources: Sequence[KeyValues]) -> Sequence[KeyValues]:
        """Put channels before the keys of each source that select its own vote."""
        tagged = []
        for index, source in enumerate(sources):
            tag = source.keys.new_zeros(*source.keys.shape[:2], len(sources))
            tag[..., index] = 1.0
            keys = torch.cat([tag, source.keys], dim=-1)
            tagged.append(replace(source, keys=keys, weights=None))
        return tagged


class Similarity(nn.Module):
    """The terms that an attention adds up; those that it does without are None."""

    def __init__(
        self,
        kind: ScoreKind = "dot",
        *,
        stride: int = 8,
        patches: bool = False,
        places: bool = False,
        votes: bool = False,
    ) -> None:
        """Compare positions that lie `stride` pixels apart."""
        super().__init__()
        self.features: DotProduct | Cosine = Cosine() if kind == "cosine" else DotProduct()
        self.patches = Patches(stride) if patches else None
        self.places = PositionTerm() if places else None
        self.votes = Votes() if votes else None

    @property
    def bounded(self) -> bool:
        """Whether a score has an upper bound, so that it says how alike two positions are."""
        return isinstance(self.features, Cosine)

    def queries(
        self, projected: Tensor, luminance: Tensor | None, like: Tensor, sources: Sequence[KeyValues] = ()
    ) -> tuple[Queries, Sequence[KeyValues]]:
        """Return the queries of the positions of `like` ``(B, T, C, h, w)``, and the sources as these are compared.

        projected: their features as queries ``(B, T*h*w, K)``. luminance ``(B, T, 1, H, W)`` has the patches.
        """
        place = self.places.queries(like) if self.places else None
        asking = Queries(self._content(projected, luminance), place)
        if any(source.weights is not None for source in sources):
            asking = replace(asking, weight=torch.ones_like(asking.content[..., :1]))
        if self.votes is None or len(sources) < 2:
            return asking, weighed(sources)
        return self.votes.queries(asking, weighed(sources), like), self.tagged(sources)

    def keys(self, projected: Tensor, luminance: Tensor | None, like: Tensor) -> Tensor:
        """Return what the positions of `like` ``(B, n, C, h, w)`` are compared by ``(B, n*h*w, key channels)``."""
        content = self._content(projected, luminance)
        return content if self.places is None else torch.cat([content, self.places.keys(like)], dim=-1)

    def tagged(self, sources: Sequence[KeyValues]) -> Sequence[KeyValues]:
        """Return the sources as the queries of `queries` see them, with weights and votes if there are any."""
        seen = weighed(sources)
        return seen if self.votes is None or len(sources) < 2 else self.votes.tagged(seen)

    def largest_shift(self, before: KeyValues, after: KeyValues) -> float:
        """Return by how much the score of any query can rise, at most, when a source becomes another one.

        Only where scores are `bounded`: what a query brings to each term has a known length then.
        """
        lengths = [self.features.length, *(self.patches.lengths if self.patches else ())]
        *terms, spots = self._terms(after.keys.float() - before.keys.float())
        assert not spots.any(), "pictures of different sizes"
        by_term = [length * term.norm(dim=-1) for length, term in zip(lengths, terms, strict=True)]
        if before.weights is not None or after.weights is not None:
            by_term.append(_counted_as(after) - _counted_as(before))
        return float(torch.stack(by_term).sum(0).amax())

    def features_of(self, keys: Tensor) -> Tensor:
        """Return what keys ``(B, Q, key channels)`` know of features alone, without patches and places."""
        return self._terms(keys)[0]

    def _terms(self, keys: Tensor) -> tuple[Tensor, ...]:
        """Take keys apart: features, patches of each scale, and places, which may have no channels."""
        patches = [PATCH_CHANNELS] * (len(self.patches.lengths) if self.patches else 0)
        places = 3 if self.places else 0
        return keys.split([keys.shape[-1] - sum(patches) - places, *patches, places], dim=-1)

    def reached(self, asking: Queries, source: KeyValues) -> Tensor:
        """Return how much a source as a whole has of each query's attention before votes, as a logarithm ``(B, Q)``."""
        scores = replace(asking, votes=None, weight=None).vectors @ source.keys.transpose(1, 2)
        if source.weights is not None:
            scores = scores + weight_score(source.weights)[:, None]
        return torch.logsumexp(scores.float(), dim=-1)

    def _content(self, projected: Tensor, luminance: Tensor | None) -> Tensor:
        features: Tensor = self.features(projected)
        if self.patches is None:
            return features
        assert luminance is not None
        return torch.cat([features, self.patches(luminance)], dim=-1)


def weighed(sources: Sequence[KeyValues]) -> Sequence[KeyValues]:
    """Let the keys of sources begin with what their weights add to the score, if any source has some."""
    if all(source.weights is None for source in sources):
        return sources
    seen = []
    for source in sources:
        added = source.keys.new_zeros(*source.keys.shape[:2], 1)
        if source.weights is not None:
            added = weight_score(source.weights)[..., None]
        seen.append(replace(source, keys=torch.cat([added, source.keys], dim=-1), weights=None))
    return seen


def _counted_as(source: KeyValues) -> Tensor:
    """Return what the weights of a source add to scores ``(B, M)``."""
    return weight_score(torch.ones_like(source.keys[..., 0]) if source.weights is None else source.weights)


def weight_score(weights: Tensor) -> Tensor:
    """Return what weights in [0, 1] add to scores: nothing for 1; what counts nothing is never found."""
    return torch.where(weights > 0, WEIGHT_GAIN * weights.clamp(min=1e-6).log(), _NEVER)


@torch.no_grad()
def elect(queries: Tensor, sources: Sequence[KeyValues], like: Tensor) -> Tensor:
    """Return how much each frame resembles each source, beside the one that it resembles most ``(B, T, N)``.

    That is the logarithm of the quotient of their shares in the attention of some of the frame's positions: a sky says
    little about where it belongs, the frame below it does. queries ``(B, T*h*w, .)`` of frames of the size of `like`
    ``(B, T, C, h, w)``.
    """
    time, height, width = like.shape[1], *like.shape[-2:]
    per_frame = queries.unflatten(1, (time, height, width))
    step = max(1, round((height * width / VOTERS) ** 0.5))
    voters = per_frame[:, :, ::step, ::step]
    mass = attention_mass(voters.flatten(1, 3), sources).unflatten(1, (time, -1))
    share = mass.float().mean(2)
    return (share / share.amax(-1, keepdim=True)).clamp(min=_NO_SHARE).log()


def _counted(elected: Tensor, like: Tensor) -> Tensor:
    votes = VOTE_GAIN * elected.clamp(min=LEAST_ELECTED)
    return votes[:, :, None, None].expand(-1, -1, *like.shape[-2:], -1)
