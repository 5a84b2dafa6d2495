"""The convolution with fewer multiplications computes what the direct one computes."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from remaster_gui.model import winograd
from remaster_gui.model.winograd import WinogradConvolution, pays


def _direct(conv: nn.Conv2d, frames: torch.Tensor, taps: int) -> torch.Tensor:
    count = frames.shape[0] - taps + 1
    return conv(torch.cat([frames[t : t + count] for t in range(taps)], dim=1))


@settings(max_examples=40)
@given(
    taps=st.sampled_from([1, 3]),
    extra=st.integers(0, 3),
    inputs=st.integers(1, 9),
    outputs=st.integers(1, 9),
    height=st.integers(1, 17),
    width=st.integers(1, 17),
    tile_bytes=st.sampled_from([1, 20_000, 1 << 24]),
)
@torch.no_grad()
def test_equals_direct_convolution(
    taps: int, extra: int, inputs: int, outputs: int, height: int, width: int, tile_bytes: int
) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(taps * inputs, outputs, 3, padding=1)
    frames = torch.randn(taps + extra, inputs, height, width)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(winograd, "TILE_BYTES", tile_bytes)
        ours = WinogradConvolution(conv, taps)([frames])
    assert torch.allclose(ours, _direct(conv, frames, taps), atol=1e-5)


@pytest.mark.parametrize(
    ("conv", "gains"),
    [
        (nn.Conv2d(384, 64, 3, padding=1), True),
        (nn.Conv2d(384, 64, 3, padding=1, stride=2), False),
        (nn.Conv2d(384, 64, 3), False),
        (nn.Conv2d(384, 64, 3, padding=1).half(), False),
        (nn.Conv2d(192, 64, 3, padding=1), False),
        (nn.Conv2d(384, 16, 3, padding=1), False),
        (nn.Conv2d(384, 64, 3, padding=1, device="meta"), False),
    ],
)
def test_is_used_where_it_gains(conv: nn.Conv2d, gains: bool) -> None:
    assert pays(conv) is gains


def test_counts_as_the_direct_convolution() -> None:
    assert winograd.operations((5, 8, 6, 10), (3, 16, 8, 4), (4,)) == 2 * 3 * 60 * 9 * 24 * 4


def test_its_first_call_brings_in_no_compiler() -> None:
    """Which would take a second, and hold up whoever waits for Python."""
    script = (
        "import sys, torch; from remaster_gui.model.winograd import WinogradConvolution;"
        "torch.inference_mode().__enter__();"
        "WinogradConvolution(torch.nn.Conv2d(8, 4, 3, padding=1), 1)([torch.rand(1, 8, 6, 6)]);"
        "assert 'torch._dynamo' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
