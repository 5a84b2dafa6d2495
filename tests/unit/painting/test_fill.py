from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.painting.fill import fill
from remaster_gui.painting.raster import Raster

COLOR = (30.0, 40.0)


def filled(
    raster: Raster, x: float, y: float, tolerance: float = 12.0, color: tuple[float, float] = COLOR
) -> Raster:
    delta = fill(raster, x, y, color, tolerance)
    assert delta is not None
    raster = raster.copy()
    delta.apply(raster)
    return raster


def test_a_field_is_filled_up_to_its_edges(fields: Raster) -> None:
    untouched = fields.copy()
    raster = filled(fields, 90, 60)
    assert not fields.is_colored
    np.testing.assert_array_equal(raster.luminance, untouched.luminance)
    assert (raster.coverage[:, 64:116] == 255).all()
    np.testing.assert_array_equal(raster.chrominance[60, 90], (158, 168))
    assert not raster.coverage[:, :55].any() and not raster.coverage[:, 125:].any()
    # The border lies on the edge.
    assert (raster.coverage[:, 61] > 128).mean() > 0.95 and (raster.coverage[:, 58] < 128).mean() > 0.95


def test_a_narrow_gap_does_not_leak(fields: Raster) -> None:
    luma = np.full((120, 180), 150, np.uint8)
    luma[:, 88:92] = 20
    luma[58:61, 88:92] = 150
    raster = filled(Raster.of_frame(luma), 30, 60)
    assert (raster.coverage[:, :84] == 255).all()
    assert not raster.coverage[:, 100:].any()


def test_specks_are_filled_but_not_islands() -> None:
    luma = np.full((120, 180), 150, np.uint8)
    luma[30:33, 30:34] = 255
    luma[60:90, 60:90] = 255
    raster = filled(Raster.of_frame(luma), 150, 60)
    assert (raster.coverage[30:33, 30:34] == 255).all()
    assert not raster.coverage[68:82, 68:82].any()


def test_tolerance_decides_how_far_a_slope_is_followed() -> None:
    luma = np.linspace(40, 220, 180).astype(np.uint8)[None].repeat(60, 0)
    near, far = (filled(Raster.of_frame(luma), 90, 30, tolerance) for tolerance in (6.0, 20.0))
    widths = [np.count_nonzero(raster.coverage[30] > 128) for raster in (near, far)]
    assert widths[0] < 0.5 * widths[1]


def test_another_colour_is_another_region(fields: Raster) -> None:
    fields.chrominance[:60, 60:120] = (100, 100)
    fields.coverage[:60, 60:120] = 255
    raster = filled(fields, 90, 100)
    np.testing.assert_array_equal(raster.chrominance[30, 90], (100, 100))
    np.testing.assert_array_equal(raster.chrominance[100, 90], (158, 168))


def test_outside_nothing_is_filled(fields: Raster) -> None:
    assert fill(fields, -1, 10, COLOR) is None and fill(fields, 180, 10, COLOR) is None


def test_filling_twice_changes_nothing_more(fields: Raster) -> None:
    once = filled(fields, 30, 60)
    delta = fill(once, 30, 60, COLOR)
    if delta is not None:
        # At most a soft border gets a little harder.
        twice = once.copy()
        delta.apply(twice)
        inside = once.coverage == 255
        np.testing.assert_array_equal(twice.chrominance[inside], once.chrominance[inside])


@given(st.integers(0, 2**32 - 1), st.floats(0, 59.9), st.floats(0, 39.9))
@settings(max_examples=15)
def test_wherever_one_clicks_there_is_colour(seed: int, x: float, y: float) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (40, 60), np.uint8)
    raster = filled(Raster.of_frame(noise), x, y)
    assert raster.coverage[int(y), int(x)] > 0
    assert (raster.chrominance[raster.coverage == 0] == 128).all()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 50)])
def test_tiny_pictures_can_be_filled(size: tuple[int, int]) -> None:
    raster = filled(Raster.of_frame(np.full(size, 99, np.uint8)), 0, 0)
    assert (raster.coverage == 255).all()
