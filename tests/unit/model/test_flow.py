"""Optical flow in torch finds motion as well as the one on processors does."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from remaster_gui.model.flow import search_flow
from remaster_gui.model.motion import fetched, optical_flow

HEIGHT, WIDTH = 96, 128


@pytest.fixture
def texture() -> Tensor:
    """Detail of all sizes ``(1, 1, HEIGHT + 32, WIDTH + 32)`` in [0, 1]."""
    generator = torch.Generator().manual_seed(1)
    size = (HEIGHT + 32, WIDTH + 32)
    layers = [
        F.interpolate(
            torch.rand(1, 1, n, n, generator=generator), size, mode="bicubic", align_corners=True
        ).clamp(0, 1)
        for n in (5, 15, 40)
    ]
    return (0.5 * layers[0] + 0.3 * layers[1] + 0.2 * layers[2]).clamp(0, 1)


def _window(texture: Tensor, down: int, right: int) -> Tensor:
    return texture[..., 16 + down : 16 + down + HEIGHT, 16 + right : 16 + right + WIDTH]


@pytest.mark.parametrize(("down", "right"), [(0, 1), (3, -2), (-9, 12)])
def test_a_shift_is_found(texture: Tensor, down: int, right: int) -> None:
    here, other = _window(texture, 0, 0), _window(texture, down, right)
    flow = search_flow(here, other)
    assert flow.shape == (1, HEIGHT, WIDTH, 2)
    error = (flow + torch.tensor([right, down])).norm(dim=-1)[:, 16:-16, 16:-16]
    assert error.mean() < 0.3 and error.quantile(0.95) < 0.8


def test_brightness_does_not_matter(texture: Tensor) -> None:
    here, other = _window(texture, 0, 0), 0.9 * _window(texture, 2, 3) + 0.08
    error = (search_flow(here, other) + torch.tensor([3, 2])).norm(dim=-1)[:, 16:-16, 16:-16]
    assert error.mean() < 0.3


def test_equal_frames_do_not_move_and_flat_ones_stay_finite(texture: Tensor) -> None:
    here = _window(texture, 0, 0)
    assert search_flow(here, here).abs().max() < 1e-4
    flat = torch.full_like(here, 0.5)
    assert search_flow(flat, flat + 0.1).abs().max() < 1e-4
    assert search_flow(flat, here).isfinite().all()


@pytest.mark.parametrize("size", [(12, 12), (13, 200), (41, 39)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    frames = torch.rand(2, 1, *size)
    flow = search_flow(frames, frames.flip(0))
    assert flow.shape == (2, *size, 2) and flow.isfinite().all()


def test_pairs_have_nothing_to_do_with_each_other(texture: Tensor) -> None:
    here = torch.cat([_window(texture, 0, 0), _window(texture, 4, 4)])
    other = torch.cat([_window(texture, 1, 2), _window(texture, 0, 0)])
    together = search_flow(here, other)
    apart = torch.cat([search_flow(here[i : i + 1], other[i : i + 1]) for i in range(2)])
    torch.testing.assert_close(together, apart, atol=1e-4, rtol=1e-4)


def test_frames_are_registered_as_well_as_on_a_processor(texture: Tensor) -> None:
    """A picture that turns and grows, with grain."""
    angle, size = 0.04, 1.03
    turn = torch.tensor([[size, -angle, 0.02], [angle, size, -0.03]])[None]
    here = _window(texture, 0, 0)
    grid = F.affine_grid(turn, list(here.shape), align_corners=True)
    other = F.grid_sample(here, grid, padding_mode="border", align_corners=True)
    grain = 0.02 * torch.randn(2, *here.shape, generator=torch.Generator().manual_seed(2))
    one, two = (here + grain[0]).clamp(0, 1), (other + grain[1]).clamp(0, 1)

    def left(flow: Tensor) -> float:
        moved, _ = fetched(other[None], flow[None])
        return float((moved[0] - here).abs()[..., 8:-8, 8:-8].mean())

    assert left(search_flow(one, two)) < 1.05 * left(optical_flow(one[None], two[None])[0])


@pytest.mark.cuda
def test_a_gpu_searches_by_itself(cuda: torch.device, texture: Tensor) -> None:
    here, other = _window(texture, 0, 0), _window(texture, 3, -2)
    found = optical_flow(here[None].to(cuda), other[None].to(cuda))
    assert found.device.type == "cuda"
    torch.testing.assert_close(found[0].cpu(), search_flow(here, other), atol=0.05, rtol=0.01)
