"""What is seen of a preview has the film's size and as much detail as an export, whatever size it was made at."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from remaster_gui.base.color import NEUTRAL, luma_to_lightness, rgb_to_lab, to_unit
from remaster_gui.engine import preview_picture
from remaster_gui.engine.finish import Finish
from remaster_gui.engine.preview_picture import FullSizeLook, full_size_picture
from remaster_gui.engine.preview_results import PreviewedFrame, to_stored
from remaster_gui.engine.sizes import Size, resize

FILM, SMALL = Size(320, 240), Size(80, 64)
GRAIN = 0.004


def scene(film: Size = FILM) -> np.ndarray:
    """Luma with fine stripes that nobody takes for grain, without grain."""
    across = np.arange(film.width)[None] * np.ones((film.height, 1))
    return (90 + 60 * (across / film.width) + 24 * np.sin(across * 1.6)).astype(np.uint8)


def previewed(luminance: np.ndarray, share: float = 1.0, size: Size = SMALL) -> PreviewedFrame:
    small = resize(luminance, size)
    color = np.full((size.height, size.width, 2), NEUTRAL + 0.1, np.float32)
    rgb = np.zeros((size.height, size.width, 3), np.uint8)
    return PreviewedFrame(0, rgb, to_stored(color), None, to_stored(small), Finish(share), 1.0)


def lightness(picture: np.ndarray) -> np.ndarray:
    return rgb_to_lab(to_unit(picture))[0]


def detail(luminance: np.ndarray) -> float:
    return float(cv2.Laplacian(luminance, cv2.CV_32F)[4:-4, 4:-4].var())


def test_restored_luminance_has_the_tones_of_the_preview_and_the_detail_of_the_source() -> None:
    luma = scene()
    clean = luma_to_lightness(luma)
    brighter = (clean + 0.1).clip(0, 1)
    seen = lightness(full_size_picture(previewed(brighter), luma, FullSizeLook("restored")))
    assert seen.shape == (FILM.height, FILM.width)
    assert float(seen.mean() - clean.mean()) == pytest.approx(0.1, abs=0.01)
    assert detail(resize(resize(brighter, SMALL), FILM)) < 0.2 * detail(clean), (
        "the preview alone would look soft"
    )
    assert 0.9 < detail(seen) / detail(clean) < 1.1


def test_what_restoration_takes_for_grain_does_not_come_back() -> None:
    flat = np.full((FILM.height, FILM.width), 0.5, np.float32)
    noise = np.random.default_rng(0).normal(0, GRAIN, flat.shape).astype(np.float32)
    grainy = np.rint(255 * (0.46 + noise * 1.05)).astype(np.uint8)
    seen = lightness(full_size_picture(previewed(flat), grainy, FullSizeLook("restored")))
    assert float(seen.std()) < 0.5 * float(luma_to_lightness(grainy).std())


@pytest.mark.parametrize("luminance", ["source", "restored"])
def test_the_films_own_luminance_is_shown_untouched(luminance: str) -> None:
    luma = scene()
    look = FullSizeLook(luminance)  # type: ignore[arg-type]
    seen = lightness(full_size_picture(previewed(luma_to_lightness(luma), share=0.0), luma, look))
    assert np.abs(seen - luma_to_lightness(luma)).max() < 0.006


def test_what_an_export_enlarges_is_no_sharper_in_the_preview() -> None:
    luma = scene()
    clean = luma_to_lightness(luma)
    working = Size(80, 64)
    seen = lightness(
        full_size_picture(previewed(clean, size=Size(40, 32)), luma, FullSizeLook("working", 64))
    )
    enlarged = resize(resize(clean, working), FILM)
    assert detail(seen) < 0.05 * detail(clean)
    assert np.abs(seen - enlarged)[8:-8, 8:-8].mean() < 0.004


def test_a_film_too_large_to_compose_is_shown_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview_picture, "MOST_PIXELS", 120 * 90)
    luma = scene()
    seen = full_size_picture(previewed(luma_to_lightness(luma)), luma, FullSizeLook("restored"))
    assert seen.shape == (90, 120, 3)
