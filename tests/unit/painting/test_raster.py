from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.base.color import lab_to_rgb, luma_to_lightness, rgb_to_lab, to_unit
from remaster_gui.painting.raster import LAID, Box, PixelDelta, Raster

Make = Callable[..., Raster]
boxes = st.builds(Box, st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 60), st.integers(1, 60))


@given(boxes, boxes)
def test_the_united_box_holds_both(first: Box, second: Box) -> None:
    both = first.united(second)
    for box in (first, second):
        assert both.x <= box.x and both.y <= box.y
        assert both.right >= box.right and both.bottom >= box.bottom


@given(boxes)
def test_tiles_cover_the_box_once_and_stay_within_the_picture(box: Box) -> None:
    clipped = box.clipped(100, 70)
    if clipped.is_empty:
        return
    count = np.zeros((70, 100), int)
    for tile in clipped.tiles(100, 70):
        assert tile == tile.clipped(100, 70)
        count[tile.slices] += 1
    assert (count[clipped.slices] == 1).all() and count.max() == 1


def test_an_unpainted_frame_looks_as_it_was_decoded() -> None:
    luma = np.arange(256, dtype=np.uint8).reshape(16, 16)
    raster = Raster.of_frame(luma)
    assert not raster.is_colored
    rgb = raster.rgb().astype(int)
    assert np.abs(rgb - luma[..., None]).max() <= 1
    assert (rgb.min(-1) == rgb.max(-1)).all()


def test_frames_of_16_bits_have_the_same_luminance() -> None:
    luma = np.arange(256, dtype=np.uint8).reshape(16, 16)
    deep = luma.astype(np.uint16) * 257
    np.testing.assert_array_equal(Raster.of_frame(deep).luminance, Raster.of_frame(luma).luminance)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_luminance_shows_whatever_the_colour(seed: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (12, 16)
    raster = Raster(
        rng.integers(0, 256, shape, np.uint8),
        rng.integers(0, 256, (*shape, 2), np.uint8),
        rng.integers(0, 256, shape, np.uint8),
    )
    shown, _ = rgb_to_lab(to_unit(raster.rgb()))
    # Bytes of sRGB are coarser in the darks than those of luminance.
    assert np.abs(shown * 255 - raster.luminance).max() < 5.0
    assert np.abs(shown * 255 - raster.luminance).mean() < 1.0


def test_colours_within_the_screens_reach_are_shown_as_they_are() -> None:
    primaries = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [90, 60, 30]]], np.uint8)
    raster = Raster.of_picture(primaries)
    difference = np.abs(raster.rgb().astype(int) - primaries)
    # Next to 0 a step of a byte of Lab is many of sRGB.
    assert difference.max() <= 32 and difference.mean() < 6 and difference[0, 4].max() <= 2


def test_a_colour_too_strong_for_its_luminance_keeps_luminance_and_hue() -> None:
    raster = Raster(
        np.array([[40]], np.uint8), np.array([[[128, 255]]], np.uint8), np.array([[255]], np.uint8)
    )
    light, color = rgb_to_lab(to_unit(raster.rgb()))
    a, b = color[0, 0] * 255 - 128
    assert light[0, 0] * 255 == pytest.approx(40, abs=3)
    assert b > 5 and abs(a) < 0.35 * b
    # Clipping red, green and blue instead, as a plain conversion does, would miss by far more.
    clipped, _ = rgb_to_lab(lab_to_rgb(np.float32([[0.95]]), np.float32([[[1.0, 1.0]]])))
    assert abs(clipped[0, 0] - 0.95) > 0.1


def test_coverage_fades_colour_to_grey(grey: Make) -> None:
    raster = grey()
    raster.chrominance[:] = (168, 108)
    for coverage, expected in ((0, (128, 128)), (128, (148, 118)), (255, (168, 108))):
        raster.coverage[:] = coverage
        np.testing.assert_array_equal(raster.faded()[0, 0], expected)


def test_a_box_is_cut_from_the_whole(grey: Make) -> None:
    raster = grey()
    raster.chrominance[:, 70:] = (180, 150)
    raster.coverage[:, 70:] = 200
    box = Box(60, 11, 33, 20)
    np.testing.assert_array_equal(raster.rgb(box), raster.rgb()[box.slices])


def test_promoting_brings_colour_to_the_frames_size_and_edges() -> None:
    luma = np.full((96, 128), 60, np.uint8)
    luma[:, 61:] = 200
    chrominance = np.full((24, 32, 2), 128 * 257, np.uint16)
    chrominance[:, :15, 0], chrominance[:, 15:, 0] = 160 * 257, 100 * 257
    raster = Raster.of_result(luma, chrominance)
    assert raster.coverage.min() == raster.coverage.max() == LAID and not raster.strokes().any()
    np.testing.assert_array_equal(raster.faded(), raster.chrominance)
    np.testing.assert_array_equal(raster.luminance[:, 0], np.rint(luma_to_lightness(luma)[:, 0] * 255))
    assert np.abs(raster.chrominance[:, :58, 0].astype(int) - 160).max() <= 6
    assert np.abs(raster.chrominance[:, 64:, 0].astype(int) - 100).max() <= 6


@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
@settings(max_examples=25)
def test_applying_and_reverting_are_inverse(seed: int, changes: int) -> None:
    rng = np.random.default_rng(seed)
    before = Raster(
        rng.integers(0, 256, (150, 200), np.uint8),
        rng.integers(0, 256, (150, 200, 2), np.uint8),
        rng.integers(0, 256, (150, 200), np.uint8),
    )
    after = before.copy()
    for _ in range(changes):
        y, x = rng.integers(0, 150), rng.integers(0, 200)
        after.chrominance[y, x] ^= 5
        after.coverage[y, x] ^= 3
    delta = PixelDelta.between(
        (before.chrominance, before.coverage),
        (after.chrominance, after.coverage),
        before.bounds.tiles(before.width, before.height),
    )
    assert delta is not None and len(delta.tiles) <= changes
    raster = before.copy()
    delta.apply(raster)
    np.testing.assert_array_equal(raster.chrominance, after.chrominance)
    np.testing.assert_array_equal(raster.coverage, after.coverage)
    delta.revert(raster)
    np.testing.assert_array_equal(raster.chrominance, before.chrominance)
    np.testing.assert_array_equal(raster.coverage, before.coverage)
    assert raster.changes == before.changes + 2


def test_no_change_is_no_atom(grey: Make) -> None:
    raster = grey()
    arrays = (raster.chrominance, raster.coverage)
    assert PixelDelta.between(arrays, arrays, raster.bounds.tiles(raster.width, raster.height)) is None


def test_an_atom_takes_little_memory(grey: Make) -> None:
    raster = grey(1536, 2048)
    after = raster.copy()
    after.chrominance[100:164, 200:1800] = (150, 160)
    after.coverage[100:164, 200:1800] = 255
    delta = PixelDelta.between(
        (raster.chrominance, raster.coverage),
        (after.chrominance, after.coverage),
        raster.bounds.tiles(2048, 1536),
    )
    assert delta is not None and delta.nbytes < 20_000
