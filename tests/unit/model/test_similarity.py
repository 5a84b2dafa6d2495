"""Votes: references that a frame resembles as a whole match better everywhere in it."""

import pytest
import torch
from torch import Tensor

from remaster_gui.model.attention import KeyValues, attention_mass
from remaster_gui.model.attention_layers import SourceReferenceAttention
from remaster_gui.model.similarity import Similarity, elect

HEIGHT, WIDTH, CHANNELS = 8, 12, 16


@pytest.fixture
def attention() -> SourceReferenceAttention:
    torch.manual_seed(0)
    similarity = Similarity("cosine", places=True, votes=True)
    made = SourceReferenceAttention(CHANNELS, CHANNELS, similarity, gamma=1.0)
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
    queries, tagged = attention.query_references(frame[None, None], sources)
    mass = attention_mass(queries.vectors, tagged)
    return mass.reshape(HEIGHT, WIDTH, -1)


def test_sky_goes_with_the_frame_below_it(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    for index, film in enumerate(films):
        sky = _mass(attention, film, sources)[: HEIGHT // 2]
        assert sky[..., index].min() > 0.9
    attention.similarity.votes = None
    undecided = _mass(attention, films[0], sources)[: HEIGHT // 2]
    torch.testing.assert_close(undecided, torch.full_like(undecided, 0.5), atol=0.05, rtol=0)


def test_each_frame_votes_for_itself(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    clip = films[None, [0, 1, 0]]
    alone = [attention(films[None, None, i], sources).features for i in (0, 1, 0)]
    torch.testing.assert_close(attention(clip, sources).features, torch.cat(alone, dim=1))


def test_a_single_reference_needs_no_votes(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)[:1]
    queries, tagged = attention.query_references(films[None, :1], sources)
    assert tagged is sources
    assert queries.vectors.shape[-1] == sources[0].keys.shape[-1]


def test_the_order_of_references_means_nothing(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    there = attention(films[None, :1], sources).features
    back = attention(films[None, :1], sources[::-1]).features
    torch.testing.assert_close(there, back)


def test_learning_and_inference_agree_on_votes(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    learned = attention(films[None, :1], sources).features
    assert learned.requires_grad
    with torch.no_grad():
        inferred = attention(films[None, :1], sources).features
    torch.testing.assert_close(learned.detach(), inferred, atol=1e-5, rtol=1e-4)


def test_the_favourite_loses_nothing(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources, frame = _sources(attention, films), films[None, :1]
    attention.similarity.votes = None
    queries, _ = attention.query_references(frame, sources)
    elected = elect(queries.vectors, sources, frame)
    assert elected.shape == (1, 1, 2)
    assert elected[0, 0, 0] == 0 and elected[0, 0, 1] < 0


def test_likeness_leaves_votes_aside(attention: SourceReferenceAttention, films: Tensor) -> None:
    sources = _sources(attention, films)
    queries, tagged = attention.query_references(films[None, :1], sources)
    assert queries.votes is not None
    scores = [queries.vectors @ source.keys.transpose(1, 2) for source in tagged]
    likeness = queries.likeness(torch.stack([each.amax(-1) for each in scores]).amax(0))
    torch.testing.assert_close(likeness, torch.ones_like(likeness), atol=1e-3, rtol=1e-3)


def test_without_references_features_stay_as_they_are(
    attention: SourceReferenceAttention, films: Tensor
) -> None:
    found = attention(films[None, :1], [])
    assert found.features is not None and torch.equal(found.features, films[None, :1])
    assert found.carried is None and found.best is None


def test_terms_add_up(attention: SourceReferenceAttention, films: Tensor) -> None:
    """The product of joined vectors is the sum of what each term says by itself."""
    similarity, like = attention.similarity, films[None, :1]
    projected = torch.rand(1, HEIGHT * WIDTH, CHANNELS, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        queries, _ = similarity.queries(projected, None, like)
        scores = queries.vectors @ similarity.keys(projected, None, like).transpose(1, 2)
        assert similarity.places is not None
        cosines = similarity.features(projected) @ similarity.features(projected).transpose(1, 2)
        rows, columns = torch.meshgrid(torch.arange(HEIGHT), torch.arange(WIDTH), indexing="ij")
        at = torch.stack([rows, columns], -1).reshape(-1, 2).float() / (HEIGHT * WIDTH) ** 0.5
        away = torch.cdist(at, at).square() / (2 * similarity.places.log_distance.exp().square())
    assert queries.place is not None
    same = 0.5 * queries.place[..., :2].square().sum(
        -1, keepdim=True
    )  # for all keys, so it is left out of scores
    torch.testing.assert_close(scores, cosines - away + same, atol=1e-3, rtol=1e-4)
