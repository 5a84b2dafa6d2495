"""Which reference each region of a frame draws its colours from, how surely, and from where in it.

Only what is asked for is computed: the source's encoder for one frame, then the attention of the positions in question,
a few hundred at a time. No attention map ever exists as a whole.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch

from remaster_gui.base.choices import Layer
from remaster_gui.engine.attention_results import STRIDES, AttentionMap, FrameShares, PointHeat
from remaster_gui.engine.attention_tracing import (
    FrameQueries,
    frame_attention,
    keys_of_references,
    queries_of_frame,
)
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.engine.luminance import LuminanceSource
from remaster_gui.engine.messages import guiding, read_only
from remaster_gui.engine.preview_plan import Guidance, shot_at
from remaster_gui.engine.preview_results import PreviewStores, ResultKey, result_keys, to_float
from remaster_gui.engine.sizes import Size
from remaster_gui.media import Film
from remaster_gui.model.attention import KeyValues, attention_rows
from remaster_gui.model.colorization import ReferenceFeatures

_REMEMBERED = 4


class _Queries(NamedTuple):
    """The queries of a frame, and whether they are of the luminance that was wanted."""

    frame: FrameQueries
    restored: bool


class AttentionReader:
    """Answers questions about the attention of one film's frames. Not thread-safe: one thread owns it and the film."""

    def __init__(self, film: Film, loaded: LoadedNetwork, stores: PreviewStores) -> None:
        """Look at restored luminance where `stores` has it."""
        self.loaded = loaded
        self.film_size = Size(film.info.width, film.info.height)
        self._stores = stores
        self._luminance = LuminanceSource(film, loaded.network, stores.luminance)
        self._latest: OrderedDict[tuple[int, Layer, ResultKey, bool], _Queries] = OrderedDict()

    def map(self, guidance: Guidance, frame: int, layer: Layer = "fine") -> AttentionMap:
        """Return which of the references each region of a frame draws from; nothing of those not valid."""
        references = tuple(reference.digest for reference in guidance.references)
        working = self._key(guidance, frame).luminance.working
        height, width = (edge // STRIDES[layer] for edge in (working.height, working.width))
        shares = np.zeros((height, width, len(references)), np.float32)
        valid = _valid(guidance, frame)
        if not valid:
            certainty = read_only(np.zeros((height, width), np.float32))
            return AttentionMap(
                frame, references, read_only(shares), certainty, layer, working, restored=False
            )
        queries, sources = self._queries(guidance, frame, layer), self._sources(guidance, frame, layer)
        found = frame_attention(self.loaded.network.colorization, queries.frame, sources, layer)
        shares[..., valid] = found.shares
        return AttentionMap(
            frame, references, read_only(shares), found.certainty, layer, working, queries.restored
        )

    def shares(self, guidance: Guidance, frame: int) -> FrameShares:
        """Return the shares of the references in a whole frame."""
        found = self.map(guidance, frame)
        shares = found.shares.mean((0, 1)) if found.references else np.zeros(0, np.float32)
        return FrameShares(frame, found.references, read_only(shares), float(found.certainty.mean()))

    def heat(self, guidance: Guidance, frame: int, x: float, y: float, layer: Layer = "fine") -> PointHeat:
        """Return where in the references the position at pixel (x, y) of the film draws from."""
        working = self._key(guidance, frame).luminance.working
        size = STRIDES[layer]
        columns, rows = working.width // size, working.height // size
        column = min(columns - 1, max(0, int(x / self.film_size.width * columns)))
        row = min(rows - 1, max(0, int(y / self.film_size.height * rows)))
        width, height = self.film_size.width / columns, self.film_size.height / rows
        valid = _valid(guidance, frame)
        heat = [read_only(np.zeros((1, 1), np.float32)) for _ in guidance.references]
        if valid:
            queries, sources = self._queries(guidance, frame, layer), self._sources(guidance, frame, layer)
            one = queries.frame.queries.vectors[:, row * queries.frame.width + column][:, None]
            sizes = [features.size for features in self._features(guidance, frame)]
            for place, weights, (high, wide) in zip(valid, attention_rows(one, sources), sizes, strict=True):
                spots = weights[0, 0].unflatten(0, (high // size, wide // size))
                heat[place] = read_only(spots.float().cpu().contiguous().numpy())
        references = tuple(reference.digest for reference in guidance.references)
        cell = column * width, row * height, width, height
        return PointHeat(frame, x, y, cell, layer, references, tuple(heat))

    def _key(self, guidance: Guidance, frame: int) -> ResultKey:
        return result_keys(guidance, self.film_size, self.loaded.identity).at(frame)

    def _features(self, guidance: Guidance, frame: int) -> Sequence[ReferenceFeatures]:
        """Return what the network makes of valid references, also where the shot is not coloured by them."""
        settings = replace(guidance.settings_of(shot_at(guidance.shots, frame)), colorization=True)
        working = self._key(guidance, frame).luminance.working
        references = guiding(guidance.references, settings)
        return self.loaded.references.all_features((references[n] for n in _valid(guidance, frame)), working)

    def _sources(self, guidance: Guidance, frame: int, layer: Layer) -> Sequence[KeyValues]:
        return keys_of_references(self.loaded.network.colorization, self._features(guidance, frame), layer)

    @torch.inference_mode()
    def _queries(self, guidance: Guidance, frame: int, layer: Layer) -> _Queries:
        """Return the queries of a frame; those of the last few are remembered, for a pointer that moves about."""
        key = self._key(guidance, frame)
        kept = self._stores.luminance.get(frame, key.luminance) if key.luminance.restored else None
        name = frame, layer, key, kept is not None
        if name not in self._latest:
            network, working = self.loaded.network, key.luminance.working
            stored = self._luminance.source(frame, working) if kept is None else kept
            clip = torch.from_numpy(to_float(stored))[None, None, None].to(network.device)
            queries = queries_of_frame(network.colorization, clip, self._features(guidance, frame), layer)
            self._latest[name] = _Queries(queries, kept is not None or not key.luminance.restored)
        self._latest.move_to_end(name)
        while len(self._latest) > _REMEMBERED:
            self._latest.popitem(last=False)
        return self._latest[name]


def _valid(guidance: Guidance, frame: int) -> list[int]:
    """Return which of the references are valid at a frame."""
    return [n for n, each in enumerate(guidance.references) if each.validity.holds_at(frame)]
