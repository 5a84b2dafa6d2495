"""The folded form computes what the training form computes, and never holds a whole attention map."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from remaster_gui.model import RemasterNetwork
from remaster_gui.model.attention import (
    KeyValues,
    attend,
    attention_evidence,
    attention_mass,
    attention_of,
    attention_rows,
)
from remaster_gui.model.blocks import ConvUnit


def test_folding_changes_nothing(network: RemasterNetwork, frames: Tensor, references: Tensor) -> None:
    folded = copy.deepcopy(network).fold()
    assert all(unit.norm is None for unit in folded.modules() if isinstance(unit, ConvUnit))
    clip = frames[:, :, :5]
    training = network.restore(clip), network.colorize(clip, references)
    with torch.inference_mode():
        inference = folded.restore(clip), folded.colorize(clip, references)
    for before, after in zip(training, inference, strict=True):
        assert torch.allclose(before, after, atol=1e-4)


def test_size_need_not_be_a_multiple(network: RemasterNetwork) -> None:
    with torch.inference_mode():
        odd = torch.rand(1, 1, 2, 37, 51)
        assert network.restore(odd).shape == odd.shape
        assert network.colorize(odd, torch.rand(1, 1, 3, 33, 47)).shape == (1, 2, 2, 37, 51)


def test_colors_without_references(network: RemasterNetwork, frames: Tensor) -> None:
    with torch.inference_mode():
        chrominance = network.colorize(frames[:, :, :3], None)
    assert chrominance.shape == (1, 2, 3, 48, 64)
    assert 0 <= chrominance.min() <= chrominance.max() <= 1


def test_order_of_references_does_not_matter(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    with torch.inference_mode():
        forward = network.colorize(frames[:, :, :3], references)
        backward = network.colorize(frames[:, :, :3], references.flip(1))
    assert torch.allclose(forward, backward, atol=1e-5)


def test_references_of_other_sizes_are_encoded_at_their_own(network: RemasterNetwork, frames: Tensor) -> None:
    with torch.inference_mode():
        features = [network.encode_references(torch.rand(1, 1, 3, *size)) for size in ((32, 64), (64, 48))]
        assert [f.size for f in features] == [(32, 64), (64, 48)]
        assert network.colorize(frames[:, :, :2], features).isfinite().all()


def _sources(lengths: list[int]) -> list[KeyValues]:
    return [KeyValues(torch.randn(2, n, 8), torch.randn(2, n, 5)) for n in lengths]


@pytest.mark.parametrize("chunk_bytes", [1, 4096, 2**20])
def test_accumulated_attention_equals_the_softmax(chunk_bytes: int) -> None:
    queries, sources = 3 * torch.randn(2, 150, 8), _sources([7, 300, 40])
    whole = attend(queries.requires_grad_(), sources)
    with torch.no_grad():
        assert torch.allclose(attend(queries, sources, chunk_bytes), whole, atol=1e-5)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_references_that_hardly_count_change_nothing(batch: int, scale: float) -> None:
    """Some queries have everything from one reference, some from another, and some from the last one alone."""
    torch.manual_seed(0)
    queries, sources = (
        torch.randn(batch, 90, 8),
        [KeyValues(s.keys[:batch], s.values[:batch]) for s in _sources([40, 40, 40])],
    )
    marks = torch.eye(3)[torch.arange(90) // 30].expand(batch, -1, -1)
    queries = torch.cat([scale * marks, queries], dim=-1)
    apart = [
        KeyValues(torch.cat([torch.eye(3)[n].expand(batch, 40, -1), s.keys], dim=-1), s.values)
        for n, s in enumerate(sources)
    ]
    scores = queries.double() @ torch.cat([s.keys for s in apart], dim=1).double().mT
    truth = torch.softmax(scores, dim=-1) @ torch.cat([s.values for s in apart], dim=1).double()
    with torch.inference_mode():
        attention = attention_of(queries, apart, wants_best=True)
    out, found = attention.averages, attention.matches
    assert found is not None
    assert torch.allclose(out.double(), truth, atol=1e-5)
    assert torch.equal(found.best, scores.argmax(-1))
    assert torch.allclose(found.score.double(), scores.amax(-1), atol=1e-5)


def test_no_weight_is_so_small_that_a_processor_crawls() -> None:
    scores = torch.tensor([0.0, -20.0, -88.0, -95.0, -1e4])
    with torch.inference_mode():
        weights = attend(torch.ones(1, 1, 1), [KeyValues(scores[None, :, None], torch.eye(5)[None])])
    assert weights.min() >= torch.finfo(torch.float32).tiny
    assert weights[..., 2:].sum() < 1e-24


def test_evidence_is_that_of_the_softmax() -> None:
    torch.manual_seed(0)
    queries, sources = 9 * torch.randn(2, 30, 8), _sources([5, 50, 11])
    facts = [torch.randn(2, n, 3) for n in (5, 50, 11)]
    found = attention_evidence(queries, sources, facts, chunk=7)
    scores = queries.double() @ torch.cat([s.keys for s in sources], dim=1).double().mT
    weights = torch.softmax(scores, dim=-1)
    assert torch.allclose(found.expected.double(), weights @ torch.cat(facts, dim=1).double(), atol=1e-5)
    assert torch.allclose(found.best.double(), scores.amax(-1), atol=1e-4)
    assert torch.allclose(found.total.double(), scores.logsumexp(-1), atol=1e-4)
    masses = torch.stack([part.sum(-1) for part in weights.split([5, 50, 11], dim=-1)], dim=-1)
    assert torch.allclose(found.mass.double(), masses, atol=1e-5)


def test_attention_never_holds_a_whole_map() -> None:
    queries, sources, chunk = torch.randn(1, 4096, 8), _sources([2048]), 2**20
    largest = 0

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal largest
            out = func(*args, **(kwargs or {}))
            if isinstance(out, Tensor) and func is not torch.Tensor.new_empty:
                largest = max(largest, out.numel() * out.element_size())
            return out

    sources = [KeyValues(s.keys[:1], s.values[:1]) for s in sources]
    with torch.no_grad(), Watch():
        attend(queries, sources, chunk)
    assert 0 < largest <= chunk < queries.shape[1] * sources[0].keys.shape[1] * 4


def test_masses_and_rows_are_parts_of_one() -> None:
    queries, sources = torch.randn(2, 30, 8), _sources([5, 50, 11])
    mass, rows = attention_mass(queries, sources, chunk=7), attention_rows(queries, sources)
    assert [row.shape[-1] for row in rows] == [5, 50, 11]
    assert torch.allclose(mass.sum(-1), torch.ones(2, 30))
    assert torch.allclose(torch.stack([row.sum(-1) for row in rows], dim=-1), mass, atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 60.0])
def test_shares_of_the_sources_come_along(scale: float) -> None:
    torch.manual_seed(0)
    sources = [KeyValues(s.keys[:1], s.values[:1]) for s in _sources([40, 7, 300])]
    marked = [
        KeyValues(torch.cat([torch.eye(3)[n].expand(1, s.keys.shape[1], -1), s.keys], dim=-1), s.values)
        for n, s in enumerate(sources)
    ]
    marks = torch.eye(3)[torch.arange(90) // 30][None]
    queries = torch.cat([scale * marks, torch.randn(1, 90, 8)], dim=-1)
    with torch.inference_mode():
        logs = attention_of(queries, marked, 4096, wants_shares=True).logs
    truth = attention_mass(queries.double(), [KeyValues(s.keys.double(), s.values) for s in marked])
    assert logs is not None
    assert torch.allclose(logs.exp().double(), truth, atol=1e-6)
    assert (logs >= truth.log() - 1e-4).all(), "a share is never said to be smaller than it is"
    assert (logs - truth.log()).max() < 8, "nor larger by more than there are positions"
