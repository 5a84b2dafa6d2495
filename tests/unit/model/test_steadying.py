"""Chrominance averaged along the motion: flicker goes, nothing lags behind, nothing leaks from what is covered."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.steadying import Steadying
from remaster_gui.model.temporal import WholeClip

EDGE, FRAMES, STEP = 64, 7, 2
"""Pixels, frames, and by how many pixels a frame the picture moves."""


@pytest.fixture
def picture() -> Tensor:
    """Smooth texture ``(1, 1, EDGE, EDGE + FRAMES * STEP)`` in [0, 1]."""
    noise = torch.rand(1, 1, 8, 8 + FRAMES, generator=torch.Generator().manual_seed(2))
    size = (EDGE, EDGE + FRAMES * STEP)
    return F.interpolate(noise, size, mode="bicubic", align_corners=True).clamp(0, 1)


@pytest.fixture
def pan(picture: Tensor) -> Tensor:
    """A film ``(1, T, 1, EDGE, EDGE)`` that moves over the picture."""
    return torch.stack([picture[..., t * STEP : t * STEP + EDGE] for t in range(FRAMES)], dim=1)


def _steadied(chrominance: Tensor, luminance: Tensor) -> Tensor:
    context, steadying = WholeClip(), Steadying()
    return steadying(chrominance, steadying.look(luminance, context), context)


def test_flicker_goes_and_nothing_lags_behind(pan: Tensor) -> None:
    truth = torch.cat([pan, 1 - pan], dim=2)
    flicker = 0.1 * torch.randn(1, FRAMES, 2, 1, 1, generator=torch.Generator().manual_seed(3))
    steady = _steadied(truth + flicker, pan)
    inner = (..., slice(8, -8), slice(8, -8))
    before, after = (flicker.expand_as(truth)[inner], (steady - truth)[inner])
    assert after.std() < 0.6 * before.std()
    still = _steadied(truth, pan)
    assert (still - truth)[inner].abs().mean() < 0.01


def test_a_frame_alone_stays_as_it_is(pan: Tensor) -> None:
    color = torch.rand(1, 1, 2, EDGE, EDGE, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(_steadied(color, pan[:, :1]), color, atol=3e-5, rtol=1e-4)


def test_what_looks_otherwise_has_nothing_to_say(picture: Tensor) -> None:
    """In the middle frame a white square covers the picture; its colour must not spread to the frames around."""
    luminance = 0.4 * picture[None, ..., :EDGE].repeat(1, 3, 1, 1, 1)
    color = torch.full((1, 3, 2, EDGE, EDGE), 0.5)
    square = (..., slice(16, 48), slice(16, 48))
    luminance[:, 1][square], color[:, 1][square] = 1.0, 0.9
    steady = _steadied(color, luminance)
    centre = (..., slice(24, 40), slice(24, 40))
    assert (steady[:, [0, 2]][centre] - 0.5).abs().max() < 0.02
    assert (steady[:, 1][centre] - 0.9).abs().max() < 0.02


def test_steadying_is_learned_through(pan: Tensor) -> None:
    color = torch.rand(1, FRAMES, 2, EDGE, EDGE).requires_grad_()
    _steadied(color, pan).square().sum().backward()
    assert color.grad is not None
    assert color.grad.abs().amin((0, 2, 3, 4)).shape == (FRAMES,)
    assert (color.grad.flatten(2).abs().sum(-1) > 0).all()
