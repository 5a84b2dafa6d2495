"""Votes: references that a frame resembles as a whole match better everywhere in it."""

import pytest
import torch
from torch import Tensor

from remaster_gui.model.attention import (
    KeyValues,
    SourceReferenceAttention,
    attention_mass,
    count_votes,
)

HEIGHT, WIDTH, CHANNELS = 8, 12, 16


@pytest.fixture
def attention() -> SourceReferenceAttention:
    torch.manual_seed(0)
    made = SourceReferenceAttention(CHANNELS, CHANNELS, kind="cosine", positions=True, votes=True, gamma=1.0)
    made.key.load_state_dict(made.query.state_dict())
    return made.eval()


@pytest.fixture
def films() -> Tensor:
    """Two unlike frames ``(2, C, h, w)`` whose upper halves, a flat sky, are the same."""
    frames = torch.rand(2, CHANNELS, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))
    frames[:, :, : HEIGHT // 2] = frames[0, :, :1, :1]
    return frames


def _sources(attention: SourceReferenceAttention, films: Tensor) -> list[KeyValues]:
    with torch.no_grad():
        return [attention.key_values(film[None, None]) for film in films]


def _mass(attention: SourceReferenceAttention, frame: Tensor, sources: list[KeyValues]) -> Tensor:
    """Share of each source ``(h, w, N)`` of a frame ``(C, h, w)``."""
    mass = attention_mass(*attention.ask(frame[None, None], sources))
    return mass.reshape(HEIGHT, WIDTH, -1)


def test_sky_goes_with_the_frame_below_it(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    for index, film in enumerate(films):
        sky = _mass(attention, film, sources)[: HEIGHT // 2]
        assert sky[..., index].min() > 0.9
    attention.votes = False
    undecided = _mass(attention, films[0], sources)[: HEIGHT // 2]
    torch.testing.assert_close(undecided, torch.full_like(undecided, 0.5), atol=0.05, rtol=0)


def test_each_frame_votes_for_itself(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    clip = films[None, [0, 1, 0]]
    alone = [attention.match(films[None, None, i], sources, [])[0] for i in (0, 1, 0)]
    torch.testing.assert_close(attention.match(clip, sources, [])[0], torch.cat(alone, dim=1))


def test_a_single_reference_needs_no_votes(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)[:1]
    queries, asked = attention.ask(films[None, :1], sources)
    assert asked is sources
    assert queries.shape[-1] == sources[0].keys.shape[-1]


def test_the_order_of_references_means_nothing(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    there, _ = attention(films[None, :1], sources)
    back, _ = attention(films[None, :1], sources[::-1])
    torch.testing.assert_close(there, back)


def test_learning_and_inference_agree_on_votes(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    learned, _ = attention(films[None, :1], sources)
    assert learned.requires_grad
    with torch.no_grad():
        inferred, _ = attention(films[None, :1], sources)
    torch.testing.assert_close(learned.detach(), inferred, atol=1e-5, rtol=1e-4)


def test_the_favourite_loses_nothing(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources, frame = _sources(attention, films), films[None, :1]
    attention.votes = False
    queries, _ = attention.ask(frame, sources)
    votes = count_votes(queries, sources, frame)
    assert votes.shape == (1, 1, HEIGHT, WIDTH, 2)
    assert torch.equal(votes[..., 0], torch.zeros_like(votes[..., 0]))
    assert votes[..., 1].max() < 0


def test_likeness_leaves_votes_aside(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    queries, asked = attention.ask(films[None, :1], sources)
    best = torch.stack([(queries @ source.keys.transpose(1, 2)).amax(-1) for source in asked]).amax(0)
    likeness = attention.likeness(queries, best, len(sources))
    assert likeness is not None
    torch.testing.assert_close(likeness, torch.ones_like(likeness), atol=1e-3, rtol=1e-3)
