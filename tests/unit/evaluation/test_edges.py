"""Where colours bleed, on a saturated block that passes before a grey one."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from remaster_gui.evaluation.edges import moving_color_edges
from remaster_gui.evaluation.measuring import Measurement, Report, Row
from remaster_gui.evaluation.methods import LabPicture, Problem
from remaster_gui.evaluation.protocols import SHORT, Case, whole_clip
from remaster_gui.evaluation.tables import COLUMNS, cells

_SPAN = slice(24, 72)


def passing(step: int) -> Case:
    """A red block that moves `step` pixels a frame over grey cloth."""
    rng = np.random.default_rng(0)
    cloth = rng.integers(90, 130, (96, 128, 1), np.uint8).repeat(3, axis=2)
    block = rng.integers(0, 60, (48, 48, 3), np.uint8) + np.array([180, 0, 0], np.uint8)
    film = np.stack([cloth] * 3)
    for index, frame in enumerate(film):
        frame[_SPAN, 30 + index * step : 78 + index * step] = block
    return whole_clip("block", film, SHORT)


def measured(case: Case, off: slice) -> Row:
    """Colour some columns of the cloth or of the block wrongly."""

    def method(problem: Problem) -> Iterator[LabPicture]:
        for index in problem.indices():
            chrominance = case.chrominance(index).copy()
            chrominance[_SPAN, off] += np.float32(0.1)
            yield LabPicture(problem.luminance[index], chrominance)

    return Measurement(case, "colorization").run("off", method)


def test_what_bleeds_over_a_moving_edge_is_seen_and_the_same_error_elsewhere_is_not() -> None:
    case = passing(step=3)
    spilt, elsewhere = measured(case, slice(82, 85)), measured(case, slice(108, 111))
    assert spilt.psnr == pytest.approx(elsewhere.psnr, abs=1e-3)
    assert spilt.edges < elsewhere.edges - 20


def test_a_film_without_moving_edges_has_no_such_measure() -> None:
    still, moving = measured(passing(step=0), slice(82, 85)), measured(passing(step=3), slice(82, 85))
    assert math.isnan(still.edges)
    assert cells(still)[COLUMNS.index("edges")] == ""
    assert Report("colorization", (still, moving), (still,)).mean("off").edges == moving.edges


def test_the_band_lies_on_both_sides_of_what_moves() -> None:
    chrominance = np.full((100, 100, 2), 0.5, np.float32)
    chrominance[:, 50:, 0] += 0.2
    speed = np.zeros((100, 100), np.float32)
    speed[:50] = 2.0
    found = moving_color_edges(chrominance, speed)
    assert found[20, 47:53].all()
    assert not found[20, :45].any() and not found[20, 55:].any()
    assert not found[60:].any()
