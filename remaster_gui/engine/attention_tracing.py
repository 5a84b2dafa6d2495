"""Which reference each place of a frame draws its colours from, and how surely: read from the network's attention.

Certainty is a product of three numbers between 0 and 1 for each position of the frame. Does the luminance that the
attention carries over agree with the source's own? Do the places that it draws from agree in their colours? Is the best
match alike at all? Where a network carries no colours, it says how few places the attention chooses among.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.base.choices import Layer
from remaster_gui.engine.attention_results import STRIDES
from remaster_gui.engine.messages import FrameAttention, read_only
from remaster_gui.model.attention import AttentionEvidence, KeyValues, attention_evidence
from remaster_gui.model.colorization import ColorizationNetwork, ReferenceFeatures
from remaster_gui.model.fusion import Statistics
from remaster_gui.model.similarity import Queries, Similarity

LUMINANCE_TOLERANCE = 0.15
"""Difference of luminance (of a range of 1) at which certainty has fallen to 1/e."""
COLOR_TOLERANCE = 12 / 255
"""Standard deviation of the colours drawn from (12 units of Lab) at which certainty has fallen to 1/e."""
UNLIKE, ALIKE = 0.25, 0.6
"""Likeness at which certainty begins and at which it is full.

On real film a frame reaches 0.58 to 0.69 with a reference of its own shot, 0.36 to 0.56 with one of another shot and
about 0.5 with those of another film.
"""


@dataclass(frozen=True, slots=True)
class FrameQueries:
    """The queries of a frame at one layer, from ``(h, w)`` positions, and the luminance there ``(h * w,)``."""

    queries: Queries
    height: int
    width: int
    luminance: Tensor


def queries_of_frame(
    network: ColorizationNetwork, luminance: Tensor, features: Sequence[ReferenceFeatures], layer: Layer
) -> FrameQueries:
    """Return the queries of a frame: luminance ``(1, 1, 1, H, W)`` at working size, on the network's device."""
    found = network.queries_of(luminance, features, layer)
    height, width = found.features.shape[-2:]
    return FrameQueries(found.queries, height, width, F.avg_pool2d(luminance[0, 0], STRIDES[layer]).flatten())


def keys_of_references(
    network: ColorizationNetwork, features: Sequence[ReferenceFeatures], layer: Layer
) -> Sequence[KeyValues]:
    """Return keys and values of the references, which the queries of a frame are compared with."""
    bodies = [each.coarse if layer == "coarse" else each.fine for each in features]
    return _similarity(network, layer).tagged(bodies)


def frame_attention(
    network: ColorizationNetwork, frame: FrameQueries, sources: Sequence[KeyValues], layer: Layer
) -> FrameAttention:
    """Return the share of each reference and the certainty at each position."""
    evidence = attention_evidence(frame.queries.vectors, sources, [_facts(each) for each in sources])
    sure = _certainty(frame, evidence, sources, _similarity(network, layer))
    shape = frame.height, frame.width
    return FrameAttention(_picture(evidence.mass[0].unflatten(0, shape)), _picture(sure.unflatten(0, shape)))


@torch.inference_mode()
def trace(
    network: ColorizationNetwork, luminance: Tensor, features: Sequence[ReferenceFeatures]
) -> FrameAttention:
    """Return the attention at 1/8 size of one frame ``(1, 1, 1, H, W)``, looked at by itself."""
    frame = queries_of_frame(network, luminance, features, "fine")
    return frame_attention(network, frame, keys_of_references(network, features, "fine"), "fine")


def _similarity(network: ColorizationNetwork, layer: Layer) -> Similarity:
    return (network.attend_coarse if layer == "coarse" else network.attend_fine).similarity


def _certainty(
    frame: FrameQueries, evidence: AttentionEvidence, sources: Sequence[KeyValues], similarity: Similarity
) -> Tensor:
    """Return the certainty of each position ``(Q,)``."""
    if not evidence.expected.shape[-1]:  # nothing is known of the places that attention draws from
        positions = sum(source.keys.shape[1] for source in sources)
        return (1 - (evidence.total - evidence.best)[0] / log(max(2, positions))).clamp(0, 1)
    luminance, a, b, square = evidence.expected[0].unbind(-1)
    off = (luminance - frame.luminance) / LUMINANCE_TOLERANCE
    variance = (square - a.square() - b.square()).clamp(min=0) / COLOR_TOLERANCE**2
    certainty = (-off.square() - variance).exp()
    if similarity.bounded:
        likeness = frame.queries.likeness(evidence.best)[0]
        certainty = certainty * ((likeness - UNLIKE) / (ALIKE - UNLIKE)).clamp(0, 1)
    return certainty


def _facts(source: KeyValues) -> Tensor:
    """Return L, a, b and a² + b² of the mean colours of a source's positions ``(1, M, 4)``; nothing if none ride."""
    if not source.riding:
        return source.carried
    known = Statistics.of(source.carried, dim=-1)
    return torch.cat([known.luminance, known.color, known.color.square().sum(-1, keepdim=True)], dim=-1)


def _picture(values: Tensor) -> Float:
    array: Float = values.float().cpu().contiguous().numpy()
    return read_only(array)
