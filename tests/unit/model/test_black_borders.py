"""Black borders of scans are told, painted over while colours are looked for, and stay without colour."""

from __future__ import annotations

from contextlib import suppress

import pytest
import torch

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.black_borders import border_widths, painted_over, shade
from remaster_gui.model.temporal import Limits, MoreFramesNeededError, StreamingState
from tests.conftest import TINY_COMPACT, make_network

HEIGHT, WIDTH = 64, 96


def scan(frames: int = 1) -> torch.Tensor:
    """A picture with softly ending black of 4 lines at the left and 3 at the bottom, and a speck of dust in it."""
    picture = 0.5 + 0.3 * torch.rand(1, frames, 1, HEIGHT, WIDTH, generator=torch.Generator().manual_seed(1))
    picture[..., :4], picture[..., 4] = 0.03, 0.2
    picture[..., -3:, :], picture[..., -4, :] = 0.02, 0.2
    picture[..., 20, 1] = 0.9
    return picture


def test_borders_are_told_from_what_is_dark_in_the_picture() -> None:
    assert border_widths(scan()).tolist() == [[[0, 6, 7, 0]]]
    dark = scan()
    dark[..., :5] = 0.15  # a door frame
    assert border_widths(dark)[0, 0, 2] == 0
    night = torch.full((1, 1, 1, HEIGHT, WIDTH), 0.05)
    assert not border_widths(night).any() and not border_widths(torch.zeros_like(night)).any()
    wide = scan()
    wide[..., :30] = 0.0  # more than a border
    assert border_widths(wide)[0, 0, 2] == 0


def test_each_frame_is_painted_over_by_itself_with_the_lines_beside_its_border() -> None:
    frames = torch.cat([scan(), torch.rand(1, 1, 1, HEIGHT, WIDTH) / 2 + 0.5], dim=1)
    painted = painted_over(frames, border_widths(frames))
    assert torch.equal(painted[:, 1], frames[:, 1])
    assert torch.equal(painted[0, 0, 0, :-7, 7:], frames[0, 0, 0, :-7, 7:])
    assert torch.equal(painted[0, 0, 0, :-6, :7], frames[0, 0, 0, :-6, 7:8].expand(-1, 7))
    assert torch.equal(painted[0, 0, 0, -6:], painted[0, 0, 0, -7:-6].expand(6, -1))
    left = shade(frames, painted)
    assert left[:, 1].eq(1).all() and left[0, 0, 0, 30, :4].amax() < 0.1 and left[0, 0, 0, 30, 7:].eq(1).all()


@pytest.fixture(scope="module")
def network() -> RemasterNetwork:
    return make_network(TINY_COMPACT).fold()


def test_colours_do_not_depend_on_how_black_a_border_is_and_there_are_none_in_it(
    network: RemasterNetwork,
) -> None:
    """Neither in the film nor in the reference, and whatever the windows."""
    film, reference = scan(7), scan()[0].expand(1, 3, -1, -1) * torch.tensor([0.6, 1, 1]).view(1, 3, 1, 1)

    def colored(luminance: torch.Tensor, picture: torch.Tensor, window: int) -> torch.Tensor:
        features, state = [network.encode_references(picture[None])], StreamingState(limits=Limits(window))
        made = []
        for first in range(0, len(luminance[0]), window):
            state.last = first + window >= len(luminance[0])
            with suppress(MoreFramesNeededError):
                clip = luminance[:, first : first + window]
                made.append(network.colorization(clip, features, state).chrominance)
        return torch.cat(made, dim=1) - NEUTRAL

    whole = colored(film, reference, 7)
    grey = torch.where(film[..., :4] < 0.1, 0.06, film[..., :4])
    blacker = torch.where(reference[..., :4] < 0.1, 0.0, reference[..., :4])
    changed = colored(
        torch.cat([grey, film[..., 4:]], dim=-1), torch.cat([blacker, reference[..., 4:]], dim=-1), 3
    )
    torch.testing.assert_close(changed[..., :-6, 7:], whole[..., :-6, 7:])
    assert whole[..., :-6, 7:].abs().mean() > 0.005
    assert whole[..., -3:, :].abs().mean() < 0.1 * whole[..., :-6, 7:].abs().mean()
