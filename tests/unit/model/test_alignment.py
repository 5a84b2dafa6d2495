from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model.alignment import Alignment


def lab_picture(height: int = 48, width: int = 64, seed: int = 0) -> Tensor:
    """Smooth texture with colours of its own ``(1, 1, 3, H, W)``."""
    coarse = torch.rand(1, 3, height // 8, width // 8, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(coarse, size=(height, width), mode="bicubic").clamp(0, 1)[:, None]


def straight(height: int, width: int) -> Tensor:
    """Matches ``(1, Q)`` of a picture with itself, cell by cell."""
    return torch.arange(height // 8 * (width // 8))[None]


def warp(alignment: Alignment, source: Tensor, matches: Tensor, *references: Tensor) -> Tensor:
    with torch.no_grad():
        _, warped = alignment(source[:, :, :1], matches, [alignment.encode(r) for r in references])
    warped[:, :, 1:] += NEUTRAL
    return warped


def test_a_picture_is_found_again_in_itself() -> None:
    picture = lab_picture()
    assert (warp(Alignment(), picture, straight(48, 64), picture) - picture).abs().mean() < 0.01


@pytest.mark.parametrize("shift", [(4, 0), (0, 3), (-5, 6)])
def test_a_displaced_picture_is_followed(shift: tuple[int, int]) -> None:
    whole = lab_picture(80, 96)
    y, x = 16 + shift[0], 16 + shift[1]
    source, reference = whole[..., y : y + 48, x : x + 64], whole[..., 16:64, 16:80]
    error = (warp(Alignment(), source, straight(48, 64), reference) - source).abs()[..., 8:-8, 8:-8]
    unmoved = (reference - source).abs()[..., 8:-8, 8:-8]
    assert error.mean() < 0.3 * unmoved.mean()


def test_good_matches_spread_over_wrong_ones() -> None:
    picture = lab_picture()
    matches = straight(48, 64)
    wrong = torch.tensor([10, 19, 28, 37])
    matches[0, wrong] = torch.tensor([40, 2, 44, 5])
    error = (warp(Alignment(), picture, matches, picture) - picture).abs()
    assert error.mean() < 0.03


def test_pixels_come_from_the_reference_that_was_matched_whatever_its_size() -> None:
    source, other = lab_picture(seed=1), lab_picture(32, 40, seed=2)
    matches = straight(48, 64) + 32 // 8 * (40 // 8)
    assert (warp(Alignment(), source, matches, other, source) - source).abs().mean() < 0.01


def test_chunks_of_rows_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = lab_picture()
    whole = warp(Alignment(), picture, straight(48, 64), picture)
    monkeypatch.setattr("remaster_gui.model.alignment.ROWS_AT_A_TIME", 7)
    torch.testing.assert_close(warp(Alignment(), picture, straight(48, 64), picture), whole)


def test_trust_and_scales_are_learned() -> None:
    alignment, picture = Alignment(), lab_picture()
    matches = straight(48, 64).roll(1)
    carried, warped = alignment(picture[:, :, :1], matches, [alignment.encode(picture)])
    ((warped - picture).square().mean() + carried.square().mean()).backward()
    assert alignment.log_trust.grad is not None and alignment.log_trust.grad.abs() > 0
    assert alignment.log_scales.grad is not None and alignment.log_scales.grad.abs().max() > 0


def passing(before: int, after: int, width: int, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """A red strip that moves across grey cloth: reference, source ``(1, 1, 3, 64, 96)``, matches as attention has them.

    Attention sees cells of 8 pixels: one that the strip mostly covers is found where the strip was.
    """
    cloth, strip = (
        torch.nn.functional.interpolate(
            torch.rand(1, 1, 16, 24, generator=torch.Generator().manual_seed(s)),
            size=(64, 96),
            mode="bicubic",
        )[0, 0]
        for s in (seed, 100 + seed)
    )
    pictures = []
    for x in (before, after):
        picture = torch.stack([0.25 + 0.25 * cloth, *torch.full((2, 64, 96), NEUTRAL)])
        picture[0, 8:56, x : x + width] = 0.55 + 0.25 * strip[8:56, :width]
        picture[1, 8:56, x : x + width] += 0.2
        pictures.append(picture[None, None])
    matches = straight(64, 96).view(8, 12)
    for column in range(12):
        if min(8 * column + 8, after + width) - max(8 * column, after) >= 4:
            found = round((8 * column - after + before) / 8)
            matches[1:7, column] = 12 * torch.arange(1, 7) + found
    return pictures[0], pictures[1], matches.reshape(1, -1)


@pytest.mark.parametrize("width", [6, 10, 16])
def test_something_coloured_that_passes_does_not_colour_the_grey_beside_it(width: int) -> None:
    before, after, spilt, inside = 40, 43, [], []
    for seed in range(2):
        reference, source, matches = passing(before, after, width, seed)
        off = (warp(Alignment(), source, matches, reference) - source).abs()[0, 0, 1, 8:56]
        beside = torch.cat([off[:, after - 5 : after], off[:, after + width : after + width + 5]], dim=1)
        spilt.append(float(beside.mean()))
        inside.append(float(off[:, after : after + width].mean()))
    assert max(spilt) < 0.012
    assert max(inside) < 0.025
