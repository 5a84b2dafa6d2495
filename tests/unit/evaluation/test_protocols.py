from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from remaster_gui.base.errors import SettingsError
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.protocols import (
    FADES,
    LONG,
    SHORT,
    UNSEEN,
    Case,
    cut_together,
    faded,
    sampled_clip,
    whole_clip,
)
from remaster_gui.evaluation.running import Evaluation


def film(count: int, height: int = 16, width: int = 16, first: int = 0) -> np.ndarray:
    """Frames that say their number."""
    numbers = (first + np.arange(count)).astype(np.uint8)
    return np.broadcast_to(numbers[:, None, None, None], (count, height, width, 3)).copy()


def test_the_short_protocol_has_its_first_frame_as_reference() -> None:
    case = whole_clip("a", film(120), SHORT)
    assert (len(case.rgb), case.references, case.measured) == (90, (0,), (FrameRange(0, 90),))
    assert case.short == ""


@pytest.mark.parametrize(("count", "references"), [(400, (0, 60, 120, 180, 240)), (61, (0, 60)), (60, (0,))])
def test_the_long_protocol_has_every_sixtieth_frame_as_reference(count: int, references: tuple[int]) -> None:
    case = whole_clip("a", film(count), LONG)
    assert case.references == references
    assert case.measured_count == min(count, 300)


def test_a_short_film_gives_all_it_has_and_says_so() -> None:
    case = whole_clip("brief.mp4", film(50), SHORT)
    assert case.measured_count == 50
    assert case.short == "brief.mp4 (50)"


@pytest.mark.parametrize(("most", "references"), [(0, ()), (2, (0, 60)), (9, (0, 60, 120, 180, 240))])
def test_references_can_be_limited(most: int, references: tuple[int]) -> None:
    assert whole_clip("a", film(300), LONG, most).references == references


def test_cutting_together_measures_across_cuts_only() -> None:
    case = cut_together(("a", film(60)), ("b", film(60, first=100)))
    numbers = case.rgb[:, 0, 0, 0]
    assert numbers.tolist() == [*range(20), *range(100, 120), *range(20, 40), *range(120, 140)]
    assert case.measured == (FrameRange(40, 60), FrameRange(60, 80))
    assert [numbers[index] for index in case.references] == [0, 100]


def test_short_films_are_cut_in_halves() -> None:
    case = cut_together(("a", film(60)), ("b", film(11, first=100)))
    assert case.rgb[:, 0, 0, 0].tolist() == [*range(20), *range(100, 105), *range(20, 40), *range(105, 110)]
    assert case.measured == (FrameRange(25, 45), FrameRange(45, 50))
    assert case.references == (0, 20)
    assert case.short == "b (2 x 5)"


def test_films_of_different_sizes_are_cut_to_what_both_show() -> None:
    wide, high = film(4, 32, 64), film(4, 48, 32)
    wide[:, :, 16:48] = 7  # the middle
    case = cut_together(("wide", wide), ("high", high))
    assert case.rgb.shape[1:3] == (32, 32)
    assert (case.rgb[:2] == 7).all()


def test_a_single_frame_cannot_be_cut() -> None:
    with pytest.raises(SettingsError):
        cut_together(("a", film(1)), ("b", film(9)))


def test_a_quick_look_measures_late_windows_that_do_not_overlap() -> None:
    case = sampled_clip("a", film(120), SHORT, windows=2, length=5)
    assert case.measured == (FrameRange(42, 47), FrameRange(85, 90))
    assert (len(case.rgb), case.references) == (90, (0,))
    crowded = sampled_clip("a", film(7), SHORT, windows=3, length=4)
    indices = [index for span in crowded.measured for index in span]
    assert indices == sorted(set(indices))
    assert indices[-1] == 6


def test_seeds_follow_from_names() -> None:
    seeds = {name: whole_clip(name, film(2), SHORT).seed for name in ("a", "b")}
    assert seeds["a"] != seeds["b"]
    assert seeds["a"] == Case("a", film(9), (), ()).seed


def test_a_third_of_the_reference_is_covered_the_same_way_every_time() -> None:
    rgb = np.full((5, 64, 96, 3), 200, np.uint8)
    case, again, other = (whole_clip(name, rgb, UNSEEN) for name in ("a", "a", "b"))
    assert case.covered is not None and again.covered is not None and other.covered is not None
    assert case.covered.mean() == pytest.approx(1 / 3, abs=0.01)
    assert np.array_equal(case.covered, again.covered) and not np.array_equal(case.covered, other.covered)
    shown = case.reference(0)
    assert (shown[case.covered] == 0.5).all()
    np.testing.assert_allclose(shown[~case.covered], 200 / 255, atol=1e-6)
    assert case.references == (0,)


def test_fades_change_tones_smoothly_and_leave_the_reference_as_it_was() -> None:
    rgb = np.random.default_rng(1).integers(40, 140, (90, 16, 16, 3), np.uint8)
    case = whole_clip("a", rgb, FADES)
    shown = case.shown_luminance
    assert case.references == (0,) and case.measured == (FrameRange(0, 90),)
    np.testing.assert_allclose(case.reference(0), rgb[0] / 255, atol=1e-6)
    np.testing.assert_array_equal(shown, whole_clip("a", rgb, FADES).shown_luminance)
    assert not np.array_equal(shown, whole_clip("b", rgb, FADES).shown_luminance)
    still = faded(np.full((90, 4, 4), 0.5, np.float32), seed=3)[:, 0, 0]
    assert 0.1 < still[0] < 0.5 * 1.4 * 0.41 and still[-1] < 0.5 * 1.4 * 0.41
    assert 0.3 <= still[6:-6].min() < 0.45 and 0.55 < still[6:-6].max() <= 0.7
    assert np.abs(np.diff(still)).max() < 0.12
    grey = np.linspace(0.3, 0.6, 16, dtype=np.float32).reshape(1, 4, 4).repeat(90, axis=0)
    contrast = (
        faded(grey, seed=3).std((1, 2)) / faded(grey, seed=3).mean((1, 2)) / (grey[0].std() / grey[0].mean())
    )
    assert 0.59 < contrast.min() < 0.8 and 1.2 < contrast.max() < 1.41


def test_fades_are_for_colour_alone(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="measures colour alone"):
        Evaluation([tmp_path / "a.mp4"], "restoration", "fades")
