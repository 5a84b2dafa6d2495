from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.painting.brush import LARGEST, SMALLEST, Brush, dab, stepped_size
from remaster_gui.painting.raster import LAID, PAINTED, SPREAD, Box, Raster
from remaster_gui.painting.stroke import Stroke

Make = Callable[..., Raster]
Points = list[tuple[float, float]]

PLAIN = Brush(size=20, hardness=0.5, color=(40.0, -30.0))


def paint(raster: Raster, points: Points, brush: Brush = PLAIN, mode: str = "paint") -> Stroke:
    stroke = Stroke(raster, brush, mode)  # type: ignore[arg-type]
    for x, y in points:
        stroke.add(x, y)
    return stroke


@pytest.mark.parametrize("size", [1.0, 2.5, 9.0, 60.0, 150.0])
@pytest.mark.parametrize("hardness", [0.0, 0.5, 1.0])
def test_a_dab_has_the_brushs_size(size: float, hardness: float) -> None:
    left, top, mask = dab(100.3, 50.6, size, hardness)
    assert mask.min() >= 0.0 and mask.max() <= 1.0
    y, x = np.nonzero(mask)
    assert np.hypot(x + left + 0.5 - 100.3, y + top + 0.5 - 50.6).max() <= size / 2 + 1.3
    if hardness == 1.0:
        assert mask.sum() == pytest.approx(np.pi * size**2 / 4, rel=0.08, abs=0.6)


def test_harder_dabs_hold_more() -> None:
    sums = [float(dab(0, 0, 40, hardness)[2].sum()) for hardness in (0.0, 0.3, 0.6, 1.0)]
    assert sums == sorted(sums) and sums[-1] > 2 * sums[0]


@pytest.mark.parametrize("steps", [-30, -1, 1, 30])
def test_sizes_step_up_and_down_within_bounds(steps: int) -> None:
    size = stepped_size(20.0, steps)
    assert SMALLEST <= size <= LARGEST
    assert (size > 20) == (steps > 0)
    assert stepped_size(1.0, 1) == 2.0


def test_a_stroke_colours_where_it_went_and_only_there(grey: Make) -> None:
    raster = grey()
    luminance = raster.luminance.copy()
    delta = paint(raster, [(30, 45), (110, 45)]).finish()
    assert delta is not None
    np.testing.assert_array_equal(raster.luminance, luminance)
    np.testing.assert_array_equal(raster.chrominance[45, 40:100], np.full((60, 2), (168, 98)))
    assert (raster.coverage[45, 35:105] == 255).all()
    assert not raster.coverage[:33].any() and not raster.coverage[58:].any()
    assert (raster.chrominance[raster.coverage == 0] == 128).all()


def test_a_fast_move_leaves_no_gaps(grey: Make) -> None:
    raster = grey(90, 900)
    paint(raster, [(10, 45), (890, 45)], Brush(size=8, hardness=1.0, color=(20, 20))).finish()
    assert (raster.coverage[45, 12:888] == 255).all()
    assert (raster.coverage[43, 12:888] > 240).all()


@given(st.lists(st.floats(0.01, 0.99), min_size=0, max_size=12), st.sampled_from([0.3, 1.0]))
@settings(max_examples=25)
def test_how_a_motion_is_cut_into_events_does_not_matter(shares: list[float], flow: float) -> None:
    brush = Brush(size=24, hardness=0.2, flow=flow, opacity=0.8, color=(50, 10))
    once, often = (Raster.of_frame(np.full((90, 200), 128, np.uint8)) for _ in range(2))
    paint(once, [(20, 30), (180, 60)], brush).finish()
    paint(often, [(20 + 160 * s, 30 + 30 * s) for s in (0.0, *sorted(shares), 1.0)], brush).finish()
    # A dab may be rounded to the next quarter of a pixel.
    assert np.abs(once.coverage.astype(int) - often.coverage).max() <= 12
    assert np.abs(once.coverage.astype(int) - often.coverage).mean() < 0.2


@given(
    st.lists(st.tuples(st.floats(-40, 180), st.floats(-40, 130)), min_size=1, max_size=20),
    st.floats(0.05, 1.0),
)
@settings(max_examples=25)
def test_a_stroke_never_exceeds_its_opacity(points: Points, opacity: float) -> None:
    raster = Raster.of_frame(np.full((90, 140), 100, np.uint8))
    paint(raster, points, Brush(size=30, opacity=opacity, flow=0.5, color=(60, 60))).finish()
    assert raster.coverage.max() <= np.ceil(255 * opacity) + 1
    # Unpainted below: the colour itself is the brush's wherever anything is covered.
    assert (raster.chrominance[raster.coverage > 0] == 188).all()


def test_two_strokes_add_up(grey: Make) -> None:
    raster = grey()
    half = Brush(size=30, hardness=1.0, opacity=0.5, color=(40, 0))
    paint(raster, [(70, 45)], half).finish()
    assert int(raster.coverage[45, 70]) == pytest.approx(128, abs=1)
    paint(raster, [(70, 45)], half).finish()
    assert int(raster.coverage[45, 70]) == pytest.approx(191, abs=2)


def test_flow_builds_up_within_a_stroke(grey: Make) -> None:
    brush = Brush(size=40, hardness=1.0, flow=0.2, color=(40, 0))
    once, again = grey(), grey()
    paint(once, [(70, 45)], brush).finish()
    paint(again, [(70, 45), (74, 45), (70, 45), (74, 45), (70, 45)], brush).finish()
    assert int(once.coverage[45, 70]) == pytest.approx(0.2 * 255, abs=1)
    assert again.coverage[45, 70] > 1.7 * once.coverage[45, 70]


def test_painting_over_mixes_what_is_seen(grey: Make) -> None:
    raster = grey()
    paint(raster, [(70, 45)], Brush(size=40, hardness=1.0, color=(40, 0))).finish()
    paint(raster, [(70, 45)], Brush(size=40, hardness=1.0, opacity=0.5, color=(0, 40))).finish()
    np.testing.assert_allclose(raster.faded()[45, 70].astype(int) - 128, (20, 20), atol=1)


def test_erasing_takes_colour_away_and_leaves_no_trace(grey: Make) -> None:
    raster = grey()
    paint(raster, [(70, 45)], Brush(size=60, hardness=1.0, color=(40, 0))).finish()
    delta = paint(raster, [(70, 45)], Brush(size=30, hardness=1.0), "erase").finish()
    assert delta is not None
    assert int(raster.coverage[45, 70]) == 0 and tuple(raster.chrominance[45, 70]) == (128, 128)
    assert raster.coverage[45, 95] == 255
    assert paint(grey(), [(70, 45)], PLAIN, "erase").finish() is None


def test_pressure_scales_size_and_opacity(grey: Make) -> None:
    light, hard = grey(), grey()
    for raster, pressure in ((light, 0.3), (hard, 1.0)):
        stroke = Stroke(raster, Brush(size=40, hardness=1.0, opacity_by_pressure=True, color=(40, 0)))
        stroke.add(70, 45, pressure)
        stroke.finish()
    assert 0 < np.count_nonzero(light.coverage) < 0.5 * np.count_nonzero(hard.coverage)
    assert int(light.coverage.max()) == pytest.approx(0.3 * 255, abs=1)
    assert hard.coverage.max() == 255


def test_boxes_hold_all_that_changed_and_little_more(grey: Make) -> None:
    raster = grey(600, 800)
    stroke = Stroke(raster, Brush(size=20, color=(40, 20)))
    boxes: list[Box] = []
    for x, y in ((50, 50), (700, 500), (720, 100)):
        before = raster.copy()
        moved = stroke.advance(x, y)
        boxes += moved
        inside = np.zeros(raster.coverage.shape, bool)
        for box in moved:
            inside[box.slices] = True
        assert (raster.coverage[~inside] == before.coverage[~inside]).all()
    assert sum(box.width * box.height for box in boxes) < 0.5 * 700 * 500
    assert stroke.settle() and stroke.finish() is not None


@given(st.lists(st.tuples(st.floats(-30, 170), st.floats(-30, 120)), min_size=1, max_size=8), st.booleans())
@settings(max_examples=25)
def test_a_stroke_can_be_undone_redone_or_cancelled(points: Points, erases: bool) -> None:
    start = Raster.of_frame(np.full((90, 140), 100, np.uint8))
    paint(start, [(20, 20), (120, 70)], Brush(size=50, opacity=0.7, color=(-30, 20))).finish()
    mode = "erase" if erases else "paint"
    raster = start.copy()
    paint(raster, points, mode=mode).cancel()
    np.testing.assert_array_equal(raster.chrominance, start.chrominance)
    np.testing.assert_array_equal(raster.coverage, start.coverage)
    delta = paint(raster, points, mode=mode).finish()
    if delta is None:
        return
    painted = raster.copy()
    delta.revert(raster)
    np.testing.assert_array_equal(raster.chrominance, start.chrominance)
    np.testing.assert_array_equal(raster.coverage, start.coverage)
    delta.apply(raster)
    np.testing.assert_array_equal(raster.chrominance, painted.chrominance)
    np.testing.assert_array_equal(raster.coverage, painted.coverage)


def test_strokes_over_a_picture_are_told_from_it(grey: Make) -> None:
    raster = grey()
    raster.chrominance[:], raster.coverage[:] = (100, 100), LAID
    change = paint(raster, [(70, 45)], Brush(size=40, hardness=0.9, color=(60, 0))).finish()
    strokes = raster.strokes()
    assert strokes[45, 70] == PAINTED and not strokes[45, 100] and raster.coverage[45, 100] == LAID
    assert (raster.coverage >= LAID).all() and tuple(raster.chrominance[45, 70]) == (188, 128)
    assert change is not None
    change.revert(raster)
    assert not raster.strokes().any()


@pytest.mark.parametrize("opacity", [0.98, 0.985, 0.99, 0.995])
def test_no_stroke_is_taken_for_a_picture(grey: Make, opacity: float) -> None:
    raster = grey()
    paint(raster, [(70, 45)], Brush(size=40, hardness=0.3, opacity=opacity, color=(60, 0))).finish()
    np.testing.assert_array_equal(raster.strokes(), raster.coverage)
    assert raster.coverage[45, 70] >= 247


def test_soft_edges_over_spread_colour_are_no_hints(grey: Make) -> None:
    raster = grey()
    raster.chrominance[:], raster.coverage[:] = (100, 100), SPREAD
    paint(raster, [(70, 45)], Brush(size=40, hardness=0.3, color=(60, 0))).finish()
    marks = raster.coverage & 1
    assert raster.coverage.min() >= SPREAD - 1 and marks[45, 70] and not marks[45, 86]
    assert raster.chrominance[45, 80, 0] > 105
    assert (np.abs(raster.chrominance[marks > 0].astype(int) - (188, 128)) <= 10).all()
