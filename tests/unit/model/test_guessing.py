"""Guesses go from the mean to the vivid, and neighbours that look alike decide together."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.filling import EDGE
from remaster_gui.model.guessing import guess_colors, smoothed
from remaster_gui.model.prior import UNITS, ColorPrior, PriorConfig


@pytest.fixture
def prior() -> ColorPrior:
    torch.manual_seed(1)
    prior = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1, bins=3))
    torch.nn.init.normal_(prior.color.weight, std=0.1)
    torch.nn.init.normal_(prior.likely.weight, std=4.0)
    prior.centres.copy_(torch.tensor([[50.0, 20.0], [-40.0, 30.0], [10.0, -60.0]]))
    return prior.fold()


def picture(height: int, width: int) -> Tensor:
    return torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(2))


def test_from_the_mean_to_the_vivid(prior: ColorPrior) -> None:
    luminance = picture(64, 96)
    mean, half, vivid = (guess_colors(prior, luminance, each) for each in (0.0, 0.5, 1.0))
    torch.testing.assert_close(mean, prior.guess(luminance).chrominance)
    torch.testing.assert_close(half, (mean + vivid) / 2, atol=1e-5, rtol=0)
    assert (vivid - NEUTRAL).abs().mean() > 2 * (mean - NEUTRAL).abs().mean()
    assert (vivid - NEUTRAL).abs().max() * UNITS <= 60 * 1.3, (
        "no further from grey than the likely colours, about"
    )


def test_neighbours_that_look_alike_decide_together_and_others_do_not() -> None:
    """Left and right of an edge each side prefers another colour, with spots that prefer a third."""
    luminance = torch.full((1, 1, 32, 64), 0.2)
    luminance[..., 32:] = 0.8
    logits = torch.zeros(1, 3, 32, 64)
    logits[:, 0, :, :32] = logits[:, 1, :, 32:] = 2.0
    spots = torch.rand(32, 64, generator=torch.Generator().manual_seed(2)) < 0.1
    logits[:, 2, spots] = 6.0
    assert (logits.argmax(1)[0] == 2).sum() > 100
    likely = smoothed(logits, luminance).argmax(1)[0]
    expected = torch.zeros(32, 64, dtype=torch.int64)
    expected[:, 32:] = 1
    assert torch.equal(likely, expected)


def test_pictures_of_any_size_are_coloured_as_small_ones_are(prior: ColorPrior) -> None:
    small = torch.nn.functional.interpolate(picture(6, 9), (EDGE, 264), mode="bicubic").clamp(0, 1)
    large = torch.nn.functional.interpolate(small, (528, 792), mode="bilinear").clamp(0, 1)
    few, many = (guess_colors(prior, each, 0.5) for each in (small, large))
    assert many.shape == (1, 2, 528, 792)
    back = torch.nn.functional.interpolate(many, (EDGE, 264), mode="bilinear", antialias=True)
    assert (back - few).abs().mean() * UNITS < 1.5
