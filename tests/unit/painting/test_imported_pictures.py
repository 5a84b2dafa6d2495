from __future__ import annotations

import cv2
import numpy as np
import pytest

from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.painting.placement import content_box
from remaster_gui.painting.raster import LAID, Raster
from remaster_gui.painting.registration import Registration, register

FRAME = (120, 160)


@pytest.fixture
def scene() -> np.ndarray:
    """A colourful picture (120, 160, 3) with structure at all sizes."""
    rng = np.random.default_rng(8)
    rgb = np.zeros((*FRAME, 3), np.float32)
    for size in (4, 10, 24):
        noise = rng.uniform(0, 1, (size, size * 4 // 3, 3)).astype(np.float32)
        rgb += cv2.resize(noise, FRAME[::-1], interpolation=cv2.INTER_CUBIC) / 3
    return (rgb.clip(0.05, 1) * 255).astype(np.uint8)


def luma_of(rgb: np.ndarray) -> np.ndarray:
    luminance, _ = rgb_to_lab(to_unit(rgb))
    grey = np.full((*luminance.shape, 3), 128, np.uint8)
    grey[..., 0] = np.rint(luminance * 255)
    return cv2.cvtColor(grey, cv2.COLOR_Lab2RGB)[..., 0]


def color_error(raster: Raster, scene: np.ndarray) -> np.ndarray:
    wanted = Raster.of_picture(scene)
    return np.abs(raster.chrominance.astype(int) - wanted.chrominance).max(axis=-1)


def test_a_free_standing_picture_keeps_its_size_and_looks(scene: np.ndarray) -> None:
    raster = Raster.of_picture(scene)
    assert (raster.height, raster.width) == FRAME and raster.coverage.min() == LAID
    assert np.abs(raster.rgb().astype(int) - scene).mean() < 2


def test_deep_pictures_are_the_same(scene: np.ndarray) -> None:
    deep = Raster.of_picture(scene.astype(np.uint16) * 257)
    np.testing.assert_array_equal(deep.chrominance, Raster.of_picture(scene).chrominance)


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 1.7, 3.0])
def test_any_size_takes_the_frames_place_and_luminance(scene: np.ndarray, scale: float) -> None:
    luma = luma_of(scene)
    size = (round(160 * scale), round(120 * scale))
    raster = Raster.of_picture(cv2.resize(scene, size, interpolation=cv2.INTER_AREA), luma)
    np.testing.assert_array_equal(raster.luminance, Raster.of_frame(luma).luminance)
    assert raster.coverage.min() == LAID
    assert color_error(raster, scene).mean() < (6 if scale < 1 else 2.5)


def test_black_bars_are_found_and_left_out(scene: np.ndarray) -> None:
    barred = np.zeros((120, 240, 3), np.uint8)
    barred[:, 40:200] = scene
    assert content_box(Raster.of_picture(barred).luminance) == (40, 0, 160, 120)
    raster = Raster.of_picture(barred, luma_of(scene))
    assert raster.coverage.min() == LAID
    assert color_error(raster, scene).max() <= 2


def test_bars_of_the_film_itself_stay(scene: np.ndarray) -> None:
    letterboxed = scene.copy()
    letterboxed[:20] = 0
    letterboxed[-20:] = 0
    raster = Raster.of_picture(letterboxed, luma_of(letterboxed))
    assert color_error(raster, letterboxed).max() <= 2


def test_a_part_of_the_picture_leaves_the_rest_unpainted(scene: np.ndarray) -> None:
    # Bars were cropped away at the other end: the picture is wider than the frame and lies in its middle.
    letterboxed = scene.copy()
    letterboxed[:20] = 0
    letterboxed[-20:] = 0
    raster = Raster.of_picture(scene[20:100], luma_of(letterboxed))
    assert not raster.coverage[:20].any() and not raster.coverage[100:].any()
    assert raster.coverage[20:100].min() == LAID
    assert color_error(raster, scene)[20:100].max() <= 2


def registered(picture: np.ndarray, frame: np.ndarray) -> Registration:
    return register(Raster.of_picture(picture).luminance, Raster.of_frame(luma_of(frame)).luminance)


def test_a_stretched_picture_is_unstretched(scene: np.ndarray) -> None:
    wide = cv2.resize(scene, (240, 120), interpolation=cv2.INTER_CUBIC)
    found = registered(wide, scene)
    np.testing.assert_allclose(found.matrix[:, :2], [[1.5, 0], [0, 1]], atol=0.02)
    assert found.fit > 0.97


def test_a_picture_that_shows_more_is_cropped(scene: np.ndarray) -> None:
    # The print shows more at both sides than the film does.
    found = registered(scene, scene[:, 30:130])
    np.testing.assert_allclose(found.matrix, [[1, 0, 30], [0, 1, 0]], atol=0.05)
    assert found.box == (30, 0, 100, 120)


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 2)])
def test_odd_shapes_do_no_harm(size: tuple[int, int], scene: np.ndarray) -> None:
    picture = np.full((*size, 3), (200, 40, 40), np.uint8)
    raster = Raster.of_picture(picture, luma_of(scene))
    assert raster.chrominance.shape == (*FRAME, 2)
    tiny = Raster.of_picture(scene, np.full(size, 90, np.uint8))
    assert tiny.coverage.shape == size
    # What is thinner than a pixel covers none.
    assert 1 in size or (raster.is_colored and tiny.is_colored)


def test_black_pictures_do_no_harm(scene: np.ndarray) -> None:
    raster = Raster.of_picture(np.zeros((100, 100, 3), np.uint8), luma_of(scene))
    assert np.abs(raster.chrominance.astype(int) - 128).max() <= 1
