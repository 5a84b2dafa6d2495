from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.color import lab_to_rgb as host_lab_to_rgb
from remaster_gui.model.lab import lab_to_rgb, rgb_to_lab
from remaster_gui.training.augmentation import CropView, crop
from remaster_gui.training.views import FilmStock, cut, turn_hues


def smooth_picture() -> np.ndarray:
    """Waves that no interpolation has trouble with: ``(120, 160, 3)`` uint8."""
    y, x = np.mgrid[0:120, 0:160]
    planes = [np.sin(x / 17) + np.cos(y / 13), np.cos(x / 11 + y / 23), np.sin((x - y) / 19)]
    return np.rint(127 + 60 * np.stack(planes, -1)).astype(np.uint8)


@settings(max_examples=40)
@given(st.floats(0.4, 2.5), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(-20, 20), st.booleans())
def test_a_view_shows_what_the_view_of_the_processor_shows(
    scale: float, x: float, y: float, angle: float, flip: bool
) -> None:
    picture = smooth_picture()
    view = CropView(scale, x * 160 * scale, y * 120 * scale, angle, flip, 40)
    expected = crop(picture, view).astype(np.float32) / 255
    found = cut(torch.from_numpy(picture).permute(2, 0, 1), view).permute(1, 2, 0).numpy()
    # Outside the frame both mirror it, on slightly different lines.
    middle = np.abs(found - expected)[4:-4, 4:-4]
    assert np.median(middle) < 0.01


def test_a_warp_displaces_by_shares_of_the_view() -> None:
    picture = torch.from_numpy(smooth_picture()).permute(2, 0, 1)
    view = CropView(1.0, 80.0, 60.0, 0.0, False, 40)
    moved = CropView(1.0, 84.0, 58.0, 0.0, False, 40)
    warp = torch.tensor([0.1, -0.05])[:, None, None].expand(2, 5, 5).contiguous()
    torch.testing.assert_close(cut(picture, view, warp), cut(picture, moved), atol=2e-3, rtol=0)


def test_lab_goes_back_to_what_it_came_from() -> None:
    rgb = torch.rand(2, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    lab = rgb_to_lab(rgb)
    torch.testing.assert_close(lab_to_rgb(lab), rgb, atol=1e-4, rtol=0)
    host = host_lab_to_rgb(lab[0, 0].numpy(), lab[0, 1:].permute(1, 2, 0).numpy())
    torch.testing.assert_close(torch.from_numpy(host), rgb[0].permute(1, 2, 0), atol=1e-3, rtol=0)


def test_hues_turn_and_luminance_stays() -> None:
    lab = torch.full((2, 3, 4, 4), 0.5)
    lab[:, 1] = NEUTRAL + 0.1
    lab[:, 2] = NEUTRAL
    turned = turn_hues(lab, torch.tensor([0.0, np.pi / 2]))
    torch.testing.assert_close(turned[0], lab[0], atol=1e-3, rtol=0)
    torch.testing.assert_close(turned[:, 0], lab[:, 0])
    assert turned[1, 1].mean().item() == pytest.approx(NEUTRAL, abs=2e-3)
    assert turned[1, 2].mean().item() == pytest.approx(NEUTRAL + 0.1, abs=2e-3)


def test_a_film_that_sees_like_the_eye_gives_luminance() -> None:
    rgb = torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0))
    plain = FilmStock(None, 1.0, 1.0, 0.0, False, 0.0, 0)
    torch.testing.assert_close(plain.expose(rgb), rgb_to_lab(rgb)[:1])
    blind_to_red = FilmStock((0.0, 0.5, 0.5), 1.0, 1.0, 0.0, False, 0.0, 0)
    red = torch.zeros(3, 2, 2)
    red[0] = 1.0
    assert blind_to_red.expose(red).max().item() == pytest.approx(0.0, abs=1e-3)


def test_a_stock_is_the_same_whenever_it_is_used_and_stays_in_range() -> None:
    rgb = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(0))
    seen = set()
    for seed in range(30):
        stock = FilmStock.drawn(np.random.default_rng(seed))
        once = stock.expose(rgb)
        assert torch.equal(once, stock.expose(rgb))
        assert once.shape == (1, 16, 16) and once.min() >= 0 and once.max() <= 1
        seen.add((stock.soft, stock.grain > 0, stock.sensitivity is None))
    assert len(seen) > 4
