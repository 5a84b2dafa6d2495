"""Which reference each region of a frame draws its colours from, how surely, and from where in it.

Only what is asked for is computed: the source's encoder for one frame, then the attention of the positions in question,
a few hundred at a time. No attention map ever exists as a whole.

Certainty is a product of three numbers between 0 and 1 for each position of the frame. Does the luminance that the
attention carries over agree with the source's own? Do the places that it draws from agree in their colours? Is the best
match alike at all? Where a network carries no colours, it says how few places the attention chooses among.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.base.arrays import Float
from remaster_gui.engine.attention_results import STRIDES, AttentionMap, FrameShares, Layer, PointHeat
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.luminance import LuminanceSource, to_float
from remaster_gui.engine.messages import read_only
from remaster_gui.engine.preview_plan import PreviewRequest
from remaster_gui.engine.preview_results import PreviewStores, ResultKey, result_key
from remaster_gui.engine.sizes import Size
from remaster_gui.media import Film
from remaster_gui.model.attention import AttentionEvidence, KeyValues, attention_evidence, attention_rows
from remaster_gui.model.colorization import ReferenceFeatures
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
_REMEMBERED = 4


@dataclass(frozen=True, slots=True)
class _Asked:
    """The queries of a frame at one layer, of ``(h, w)`` positions, and the luminance there ``(h * w,)``."""

    queries: Queries
    height: int
    width: int
    luminance: Tensor
    restored: bool


class AttentionReader:
    """Answers questions about the attention of one film's frames. Not thread-safe: one thread owns it and the film."""

    def __init__(self, film: Film, loaded: LoadedNetwork, stores: PreviewStores) -> None:
        """Look at restored luminance where `stores` has it."""
        self.loaded = loaded
        self.film_size = Size(film.info.width, film.info.height)
        self._stores = stores
        self._luminance = LuminanceSource(film, loaded.network, stores.luminance)
        self._asked: OrderedDict[tuple[int, Layer, ResultKey, bool], _Asked] = OrderedDict()

    def map(self, request: PreviewRequest, frame: int, layer: Layer = "fine") -> AttentionMap:
        """Return which of the request's references each region of a frame draws from."""
        references = tuple(reference.digest for reference in request.references)
        working = self._key(request).luminance.working
        if not references:
            height, width = (edge // STRIDES[layer] for edge in (working.height, working.width))
            shares = read_only(np.zeros((height, width, 0), np.float32))
            certainty = read_only(np.zeros((height, width), np.float32))
            return AttentionMap(frame, (), shares, certainty, layer, working, restored=False)
        asked, sources = self._ask(request, frame, layer), self._sources(request, layer)
        evidence = attention_evidence(asked.queries.vectors, sources, [_facts(each) for each in sources])
        sure = self._certainty(asked, evidence, sources, self._similarity(layer))
        shape = asked.height, asked.width
        return AttentionMap(
            frame,
            references,
            _picture(evidence.mass[0].unflatten(0, shape)),
            _picture(sure.unflatten(0, shape)),
            layer,
            working,
            asked.restored,
        )

    def shares(self, request: PreviewRequest, frame: int) -> FrameShares:
        """Return the shares of the references in a whole frame."""
        found = self.map(request, frame)
        shares = found.shares.mean((0, 1)) if found.references else np.zeros(0, np.float32)
        return FrameShares(frame, found.references, read_only(shares), float(found.certainty.mean()))

    def heat(
        self, request: PreviewRequest, frame: int, x: float, y: float, layer: Layer = "fine"
    ) -> PointHeat:
        """Return where in the references the position at pixel (x, y) of the film draws from."""
        working = self._key(request).luminance.working
        size = STRIDES[layer]
        columns, rows = working.width // size, working.height // size
        column = min(columns - 1, max(0, int(x / self.film_size.width * columns)))
        row = min(rows - 1, max(0, int(y / self.film_size.height * rows)))
        width, height = self.film_size.width / columns, self.film_size.height / rows
        heat: list[Float] = []
        if request.references:
            asked, sources = self._ask(request, frame, layer), self._sources(request, layer)
            one = asked.queries.vectors[:, row * asked.width + column][:, None]
            sizes = [features.size for features in self._features(request)]
            for weights, (high, wide) in zip(attention_rows(one, sources), sizes, strict=True):
                heat.append(_picture(weights[0, 0].unflatten(0, (high // size, wide // size))))
        references = tuple(reference.digest for reference in request.references)
        cell = column * width, row * height, width, height
        return PointHeat(frame, x, y, cell, layer, references, tuple(heat))

    def _key(self, request: PreviewRequest) -> ResultKey:
        return result_key(request, self.film_size, self.loaded.identity)

    def _features(self, request: PreviewRequest) -> Sequence[ReferenceFeatures]:
        return self.loaded.references.all_features(request.references, self._key(request).luminance.working)

    def _similarity(self, layer: Layer) -> Similarity:
        network = self.loaded.network.colorization
        return (network.attend_coarse if layer == "coarse" else network.attend_fine).similarity

    def _sources(self, request: PreviewRequest, layer: Layer) -> Sequence[KeyValues]:
        """Return what the queries of a frame ask, keys and values of the references."""
        bodies = [f.coarse if layer == "coarse" else f.fine for f in self._features(request)]
        return self._similarity(layer).tagged(bodies)

    @torch.inference_mode()
    def _ask(self, request: PreviewRequest, frame: int, layer: Layer) -> _Asked:
        """Return the queries of a frame; those of the last few are remembered, for a pointer that moves about."""
        key = self._key(request)
        kept = self._stores.luminance.get(frame, key.luminance) if key.luminance.restored else None
        name = frame, layer, key, kept is not None
        if name not in self._asked:
            network, working = self.loaded.network, key.luminance.working
            stored = self._luminance.source(frame, working) if kept is None else kept
            clip = torch.from_numpy(to_float(stored))[None, None, None].to(network.device)
            asked = network.colorization.ask(clip, self._features(request), coarse=layer == "coarse")
            luminance = F.avg_pool2d(clip[0, 0], STRIDES[layer]).flatten()
            height, width = asked.features.shape[-2:]
            is_exact = kept is not None or not key.luminance.restored
            self._asked[name] = _Asked(asked.queries, height, width, luminance, is_exact)
        self._asked.move_to_end(name)
        while len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return self._asked[name]

    @staticmethod
    def _certainty(
        asked: _Asked, evidence: AttentionEvidence, sources: Sequence[KeyValues], similarity: Similarity
    ) -> Tensor:
        """Return the certainty of each position ``(Q,)``."""
        if not evidence.expected.shape[-1]:  # nothing is known of the places that attention draws from
            positions = sum(source.keys.shape[1] for source in sources)
            return (1 - (evidence.total - evidence.best)[0] / log(max(2, positions))).clamp(0, 1)
        luminance, a, b, square = evidence.expected[0].unbind(-1)
        off = (luminance - asked.luminance) / LUMINANCE_TOLERANCE
        variance = (square - a.square() - b.square()).clamp(min=0) / COLOR_TOLERANCE**2
        certainty = (-off.square() - variance).exp()
        if similarity.bounded:
            likeness = asked.queries.likeness(evidence.best)[0]
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
