from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from remaster_gui.base.color import NEUTRAL
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.measuring import Measurement, Report, Row
from remaster_gui.evaluation.methods import LabPicture, Problem, unchanged
from remaster_gui.evaluation.protocols import SHORT, UNSEEN, Case, whole_clip


def decibels(squared: float) -> float:
    return float(-10 * np.log10(squared))


def off_by(luminance: float, chrominance: float, case: Case) -> Callable[[Problem], Iterator[LabPicture]]:
    """A method that misses the truth by so much."""

    def method(problem: Problem) -> Iterator[LabPicture]:
        for index in problem.indices():
            yield LabPicture(
                case.luminance[index] + np.float32(luminance),
                case.chrominance(index) + np.float32(chrominance),
            )

    return method


def test_each_task_is_judged_by_its_own_planes(
    panned: Callable[..., np.ndarray], damaged: Callable[..., np.ndarray]
) -> None:
    case = whole_clip("a", panned(3), SHORT)
    method = off_by(0.1, 0.2, case)
    found = {
        task: Measurement(case, task, damaged).run("off", method).psnr
        for task in ("colorization", "restoration", "remastering")
    }
    assert found == {
        "colorization": pytest.approx(decibels(0.04), abs=1e-3),
        "restoration": pytest.approx(decibels(0.01), abs=1e-3),
        "remastering": pytest.approx(decibels((0.01 + 2 * 0.04) / 3), abs=1e-3),
    }


def test_grey_misses_exactly_the_chrominance(panned: Callable[..., np.ndarray]) -> None:
    case = whole_clip("a", panned(3), SHORT)
    row = Measurement(case, "colorization").run("grey", unchanged)
    squared = np.mean([(case.chrominance(index) - NEUTRAL) ** 2 for index in range(3)])
    assert row.psnr == pytest.approx(decibels(float(squared)), abs=1e-4)
    assert (row.flicker, row.colorfulness) == (0.0, 0.0)


def test_restoration_is_given_damage_and_no_references(
    panned: Callable[..., np.ndarray], damaged: Callable[..., np.ndarray]
) -> None:
    case = whole_clip("a", panned(3), SHORT)
    problem = Measurement(case, "restoration", damaged).problem
    assert not problem.references
    assert np.array_equal(problem.luminance, damaged(case.luminance, case.seed))
    assert np.array_equal(Measurement(case, "colorization", damaged).problem.luminance, case.luminance)


def test_flicker_is_in_units_of_lab_and_not_measured_across_cuts(panned: Callable[..., np.ndarray]) -> None:
    case = Case("a", panned(4), (), (FrameRange(0, 2), FrameRange(2, 4)))

    def jumping(problem: Problem) -> Iterator[LabPicture]:
        for index in problem.indices():
            level = 0.5 + 0.01 * index + (0.2 if index >= 2 else 0.0)
            chrominance = np.full((*problem.luminance.shape[1:], 2), level, np.float32)
            yield LabPicture(problem.luminance[index], chrominance)

    row = Measurement(case, "colorization").run("jumping", jumping)
    assert row.flicker == pytest.approx(2.55, abs=1e-3)


def test_the_truth_is_the_truth(panned: Callable[..., np.ndarray]) -> None:
    row = Measurement(whole_clip("a", panned(3), SHORT), "colorization").run_truth()
    assert (row.psnr, row.ssim) == (100.0, pytest.approx(1.0))
    assert row.colorfulness > 10


def test_means_are_taken_over_clips_and_counts_are_added_up() -> None:
    rows = (
        Row("a", "x", 90, 1, 20.0, 0.5, 1.0, 10.0, 5.0),
        Row("a", "y", 90, 1, 50.0, 0.9, 0.0, 0.0, 1.0),
        Row("b", "x", 10, 2, 30.0, 0.7, 3.0, 20.0, 7.0),
        Row("b", "y", 10, 2, 60.0, 0.9, 0.0, 0.0, 1.0),
    )
    report = Report("colorization", rows, ())
    assert report.methods == ("x", "y")
    assert report.mean("x") == Row("mean", "x", 100, 3, 25.0, pytest.approx(0.6), 2.0, 15.0, 6.0)


def test_only_what_a_covered_reference_does_not_show_is_measured(panned: Callable[..., np.ndarray]) -> None:
    """Followed along the motion: what is wrong elsewhere costs nothing."""
    step = 3
    case = whole_clip("pan", panned(6, 96, 128, step=step), UNSEEN)
    measurement = Measurement(case, "colorization")
    assert case.covered is not None
    np.testing.assert_array_equal(measurement.problem.references[0], case.reference(0))

    def wrong(where: Callable[[int], np.ndarray]) -> float:
        def method(problem: Problem) -> Iterator[LabPicture]:
            for index in problem.indices():
                chrominance = case.chrominance(index).copy()
                chrominance[where(index)] += 0.1
                yield LabPicture(case.luminance[index], chrominance)

        return measurement.run("wrong", method).psnr

    def moved(index: int) -> np.ndarray:
        """The covered parts, carried to the left as the camera moves to the right, with a margin for the flow."""
        covered = np.roll(case.covered, -step * index, axis=1).astype(np.uint8)
        return cv2.dilate(covered, np.ones((9, 9), np.uint8)).astype(bool)

    inside, outside = wrong(moved), wrong(lambda index: ~moved(index))
    assert inside == pytest.approx(20, abs=0.3)
    assert outside > 35
