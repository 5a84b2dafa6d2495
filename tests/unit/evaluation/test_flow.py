from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.evaluation.flow import FlowEstimator, FlowStep, fetch

PAN = 3


@pytest.fixture(scope="module")
def luminance(panned: Callable[..., np.ndarray]) -> np.ndarray:
    return np.stack([rgb_to_lab(to_unit(frame))[0] for frame in panned(2, 96, 128, step=PAN)])


def test_flow_leads_to_the_same_place(luminance: np.ndarray) -> None:
    flow = FlowEstimator().flow(luminance[1], luminance[0])
    inner = flow[16:-16, 16:-16]
    assert np.median(inner[..., 0]) == pytest.approx(PAN, abs=0.1)
    assert np.median(inner[..., 1]) == pytest.approx(0, abs=0.1)
    assert np.abs(fetch(luminance[0], flow) - luminance[1])[16:-16, 16:-16].mean() < 0.01


def test_fetching_without_motion_changes_nothing(luminance: np.ndarray) -> None:
    assert np.array_equal(fetch(luminance[0], np.zeros((*luminance[0].shape, 2), np.float32)), luminance[0])


def test_constant_color_does_not_flicker(luminance: np.ndarray) -> None:
    constant = np.full((*luminance[0].shape, 2), 0.6, np.float32)
    assert FlowStep(*luminance, FlowEstimator()).change(constant, constant) < 1e-6


def test_a_change_of_color_is_measured_whatever_moves(luminance: np.ndarray) -> None:
    constant = np.full((*luminance[0].shape, 2), 0.5, np.float32)
    brighter = constant + np.float32([0.1, 0.3])
    assert FlowStep(*luminance, FlowEstimator()).change(constant, brighter) == pytest.approx(0.2, abs=1e-5)


def test_what_was_out_of_sight_does_not_count(luminance: np.ndarray) -> None:
    """The camera moves right, so the last columns of the later frame are new."""
    before, after = np.zeros_like(luminance)
    after[:, -(PAN - 1) :] = 1.0
    assert FlowStep(*luminance, FlowEstimator()).change(before, after) < 0.001
    assert np.abs(after - before).mean() > 0.01
