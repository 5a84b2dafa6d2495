"""The forms in which a processor convolves compute what the plain form does."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from remaster_gui.model import convolution, winograd
from remaster_gui.model.blocks import ConvUnit
from remaster_gui.model.convolution import (
    EnlargedConvolution,
    channels_last,
    convolve_in_turn,
    form_of,
)
from remaster_gui.model.temporal import WholeClip
from remaster_gui.model.winograd import WinogradConvolution


def _stacked(conv: nn.Conv2d, frames: Tensor, taps: int) -> Tensor:
    count = frames.shape[0] - taps + 1
    return conv(torch.cat([frames[t : t + count] for t in range(taps)], dim=1))


@settings(max_examples=40, deadline=None)
@given(
    taps=st.sampled_from([1, 3]),
    extra=st.integers(0, 3),
    inputs=st.integers(1, 9),
    outputs=st.integers(1, 9),
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    fewer=st.booleans(),
)
@torch.no_grad()
def test_pictures_need_not_be_enlarged_first(
    taps: int, extra: int, inputs: int, outputs: int, height: int, width: int, fewer: bool
) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(taps * inputs, outputs, 3, padding=1)
    frames = torch.randn(taps + extra, inputs, height, width)
    with pytest.MonkeyPatch.context() as patch:
        if fewer:
            patch.setattr(winograd, "LEAST_INPUTS", 1)
            patch.setattr(winograd, "LEAST_OUTPUTS", 1)
        enlarged = EnlargedConvolution(conv, taps)
    assert (enlarged.winograd is not None) is fewer
    large = F.interpolate(frames, scale_factor=2, mode="bilinear", align_corners=False)
    cut = extra if taps > 1 else 0
    pieces = [channels_last(frames[:cut]), channels_last(frames[cut:])] if cut else [channels_last(frames)]
    ours = enlarged(pieces)
    assert ours.shape == (1 + extra, outputs, 2 * height, 2 * width)
    assert torch.allclose(ours, _stacked(conv, large, taps), atol=1e-5)


@pytest.mark.parametrize("adds_up", [True, False])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (4, 2), (9, 16)])
@torch.no_grad()
def test_frames_need_not_be_stacked(
    adds_up: bool, stride: int, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convolution, "ADDS_UP", adds_up and convolution.ADDS_UP)
    torch.manual_seed(0)
    for inputs, outputs in ((1, 1), (1, 8), (5, 3), (16, 32)):
        conv = nn.Conv2d(3 * inputs, outputs, 3, stride, padding=1)
        frames = torch.randn(6, inputs, *size)
        kernels = conv.weight.chunk(3, dim=1)
        for lengths in ((6,), (2, 4), (1, 5), (1, 4, 1), (3, 3), (1, 1, 1, 1, 1, 1)):
            pieces = [channels_last(piece) for piece in frames.split(lengths)]
            ours = convolve_in_turn(pieces, kernels, conv.bias, stride, 1)
            assert torch.allclose(ours, _stacked(conv, frames, 3), atol=1e-5)


@pytest.mark.parametrize("upsampled", [False, True])
@pytest.mark.parametrize("batch", [1, 2])
def test_a_folded_unit_computes_what_it_has_learned_to(upsampled: bool, batch: int) -> None:
    torch.manual_seed(0)
    unit = ConvUnit(5, 7, frames=3, upsampled=upsampled).eval()
    clip = torch.randn(batch, 4, 5, 6, 8)
    plain = unit(clip, WholeClip())
    unit.fold()
    with torch.inference_mode():
        folded = unit(clip, WholeClip())
    assert torch.allclose(folded, plain, atol=1e-5)
    # Whoever wants gradients of a folded network gets the same numbers.
    assert torch.allclose(unit(clip, WholeClip()), plain, atol=1e-5)


def test_forms_are_for_float32_on_processors() -> None:
    def kind(conv: nn.Conv2d, *, upsampled: bool = False) -> type | None:
        form = form_of(conv, 3, upsampled=upsampled)
        return None if form is None else type(form)

    assert kind(nn.Conv2d(768, 128, 3, padding=1)) is WinogradConvolution
    assert kind(nn.Conv2d(24, 8, 3, padding=1)) is None
    assert kind(nn.Conv2d(24, 8, 3, padding=1), upsampled=True) is EnlargedConvolution
    assert kind(nn.Conv2d(24, 8, 3, padding=1).bfloat16(), upsampled=True) is None
    assert kind(nn.Conv2d(24, 8, 3, padding=1, device="meta"), upsampled=True) is None


def test_forms_hold_nothing_that_is_saved() -> None:
    unit = ConvUnit(5, 7, frames=3, upsampled=True).eval()
    unit.fold()
    assert set(unit.state_dict()) == {"conv.weight", "conv.bias"}


@pytest.mark.parametrize("channels", [1, 3])
def test_strides_say_that_channels_come_last(channels: int) -> None:
    pictures = torch.randn(2, channels, 4, 6)
    ours = channels_last(pictures)
    assert torch.equal(ours, pictures)
    assert ours.stride() == (channels * 24, 1, channels * 6, channels)
