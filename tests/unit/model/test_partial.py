"""References of which only a part counts, or counts only so much."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.model import RemasterNetwork
from remaster_gui.model.attention import attention_rows
from remaster_gui.model.lab import LUMA
from remaster_gui.model.partial import without_other_colors
from remaster_gui.model.restoration import LUMINANCE_MEAN
from remaster_gui.model.temporal import WholeClip


@pytest.fixture
def left_half() -> Tensor:
    """The left half of a reference ``(1, 1, 1, 64, 48)``, its edge amid cells."""
    weights = torch.zeros(1, 1, 1, 64, 48)
    weights[..., :21] = 1.0
    return weights


def _recolored(pictures: Tensor, where: Tensor) -> Tensor:
    """Give pixels quite other colours of the same luma."""
    luma = (pictures * torch.tensor(LUMA).view(3, 1, 1)).sum(2, keepdim=True)
    # What blue gains, red and green lose.
    other = torch.tensor([-0.114 / 0.299, 0.0, 1.0]).view(3, 1, 1)
    strange = luma + other * torch.minimum(1 - luma, luma) * 0.9
    return torch.where(where > 0, pictures, strange)


def test_colors_outside_a_region_are_not_even_looked_at(
    network: RemasterNetwork, frames: Tensor, references: Tensor, left_half: Tensor
) -> None:
    pictures = references[:, :1]
    strange = _recolored(pictures, left_half)
    assert (strange - pictures).abs().amax() > 0.3
    with torch.inference_mode():
        for lone in (True, False):
            others = [] if lone else [network.encode_references(references[:, 1:2])]
            results = [
                network.colorize(frames[:, :, :3], [network.encode_references(each, left_half), *others])
                for each in (pictures, strange)
            ]
            assert torch.allclose(*results, atol=1e-4)


def test_a_region_of_the_whole_picture_changes_nothing(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    everything = torch.ones(1, 1, 1, 64, 48)
    with torch.inference_mode():
        plain = network.colorize(frames[:, :, :3], [network.encode_references(references[:, :1])])
        weighed = network.colorize(
            frames[:, :, :3], [network.encode_references(references[:, :1], everything)]
        )
    assert torch.allclose(weighed, plain, atol=1e-4)


def test_colors_go_on_beyond_a_region_as_they_are_at_its_edge() -> None:
    rgb = torch.full((1, 1, 3, 8, 9), 0.5)
    rgb[..., 0, :, :3], rgb[..., 2, :, 3:] = 0.7, 1.0
    weights = torch.zeros(1, 1, 1, 8, 9)
    weights[..., :3] = 1.0
    told = without_other_colors(rgb, weights)
    luma = (told * torch.tensor(LUMA).view(3, 1, 1)).sum(2)
    assert torch.allclose(told[..., :3], rgb[..., :3])
    assert torch.allclose(told[..., 0, :, :] - luma, torch.full((1, 1, 8, 9), 0.7 - luma[0, 0, 0, 0]))
    assert torch.allclose(luma, (rgb * torch.tensor(LUMA).view(3, 1, 1)).sum(2))
    nothing = without_other_colors(rgb, torch.zeros_like(weights))
    assert torch.allclose(nothing, luma[:, :, None].expand_as(nothing))


def test_nothing_is_found_outside_a_region(
    network: RemasterNetwork, frames: Tensor, references: Tensor, left_half: Tensor
) -> None:
    with torch.inference_mode():
        features = [
            network.encode_references(references[:, :1], left_half),
            network.encode_references(references[:, 1:2]),
        ]
        found = network.colorization.queries_of(frames[:, :, :1].transpose(1, 2), features, "fine")
        first, second = attention_rows(found.queries.vectors, found.sources)
    columns = first.unflatten(-1, (8, 6))
    assert columns[..., 3:].amax() == 0
    assert columns[..., :3].sum() > 0
    assert second.unflatten(-1, (8, 6))[..., 3:].sum() > 0.01


def test_a_reference_without_strength_is_as_none(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    with torch.inference_mode():
        one, other = (network.encode_references(references[:, n : n + 1]) for n in range(2))
        alone = network.colorize(frames[:, :, :3], [one])
        both = network.colorize(frames[:, :, :3], [one, other.weighed(0.0)])
        assert torch.allclose(both, alone, atol=1e-4)
        assert not torch.allclose(network.colorize(frames[:, :, :3], [one, other]), alone, atol=1e-3)
    assert one.weighed(1.0) is one


@pytest.mark.parametrize("network", ["compact"], indirect=True)
def test_what_matches_outside_a_region_better_is_not_believed(
    network: RemasterNetwork, references: Tensor, left_half: Tensor
) -> None:
    """A frame that is the reference's own: what lies outside its region is not like what lies inside."""
    luminance = (references[:, :1] * torch.tensor(LUMA).view(3, 1, 1)).sum(2, keepdim=True)
    colors = network.colorization
    with torch.inference_mode():
        plain = network.encode_references(references[:, :1])
        partial = network.encode_references(references[:, :1], left_half)
        source = colors.source(luminance - LUMINANCE_MEAN, WholeClip())
        trust = colors.attend_fine(source, [partial.fine], luminance).believed
        assert colors.attend_fine(source, [plain.fine], luminance).believed is None
    assert trust is not None
    places = trust.unflatten(1, (8, 6))
    # What is one with the picture's border is like much else.
    assert places[:, 1:-1, :2].amin() > 0.99
    assert places[..., 3:].mean() < 0.3
