from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.ui.timeline.scale import LARGEST_FRAME, Scale, thumbnail_step, ticks

SCALES = st.builds(
    lambda count, width, zoom, x: Scale(count, width).fitted().zoomed(zoom, x * width),
    st.integers(1, 200_000),
    st.floats(100, 4000),
    st.floats(0.1, 1e5),
    st.floats(0, 1),
)


@given(SCALES, st.floats(0, 1))
def test_the_frame_at_a_place_covers_it(scale: Scale, share: float) -> None:
    x = share * min(scale.width, scale.x_of(scale.frame_count)) * 0.999
    frame = scale.frame_at(x)
    assert scale.x_of(frame) - 1e-6 <= x <= scale.x_of(frame + 1) + 1e-6


@given(SCALES, st.floats(1.01, 4), st.floats(0.1, 0.9))
def test_zooming_in_holds_what_lies_under_the_pointer(scale: Scale, factor: float, share: float) -> None:
    x = share * scale.width
    zoomed = scale.zoomed(factor, x)
    held, after = scale.first + x / scale.frame_width, zoomed.first + x / zoomed.frame_width
    if held <= scale.frame_count and zoomed.first > 0 and zoomed.frame_width < LARGEST_FRAME:
        assert after == pytest.approx(held, abs=1e-3) or zoomed.first + zoomed.width / zoomed.frame_width >= (
            zoomed.frame_count - 1e-3
        )


@given(SCALES)
def test_the_view_never_leaves_the_film(scale: Scale) -> None:
    for moved in (scale.scrolled(1e9), scale.scrolled(-1e9)):
        assert moved.first >= 0
        assert moved.first * moved.frame_width <= moved.frame_count * moved.frame_width
        assert len(moved.visible) > 0


def test_a_whole_film_stays_whole_when_the_window_grows() -> None:
    scale = Scale(360, 500.0).fitted().resized(1000.0)
    assert scale.visible.start == 0 and scale.visible.stop == 360
    assert scale.x_of(360) == pytest.approx(1000.0)


def test_snapping_prefers_the_nearest_target_within_reach() -> None:
    scale = Scale(1000, 1000.0).fitted()
    assert scale.snapped(103.0, [100, 110, 500], 5.0) == 100
    assert scale.snapped(107.0, [100, 110, 500], 5.0) == 110
    assert scale.snapped(300.0, [100, 110, 500], 5.0) == 300


def test_wide_frames_do_not_snap() -> None:
    scale = Scale(50, 1000.0).fitted()
    assert scale.snapped(41.0, [1, 3], 5.0) == 2


@given(SCALES, st.sampled_from([Fraction(24), Fraction(29), Fraction(24000, 1001), Fraction(16)]))
def test_labels_of_the_ruler_keep_their_distance(scale: Scale, rate: Fraction) -> None:
    labels = [tick.frame for tick in ticks(scale, rate) if tick.labelled]
    gaps = [scale.x_of(b) - scale.x_of(a) for a, b in pairwise(labels)]
    assert all(gap >= 90 - 1e-6 for gap in gaps)
    assert len(labels) < 100


@given(SCALES, st.floats(10, 200))
def test_thumbnails_do_not_overlap_and_are_not_far_apart(scale: Scale, width: float) -> None:
    step = thumbnail_step(scale, width)
    assert step * scale.frame_width >= width - 1e-6 or step == 1
    assert step == 1 or step * scale.frame_width <= 2 * width + 2 * scale.frame_width
