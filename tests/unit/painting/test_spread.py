from __future__ import annotations

from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from remaster_gui.media import open_film
from remaster_gui.painting.brush import Brush
from remaster_gui.painting.painted_hints import blocked_reason
from remaster_gui.painting.raster import SPREAD, Raster
from remaster_gui.painting.smooth import Ties, solve
from remaster_gui.painting.spread import spread
from remaster_gui.painting.stroke import Stroke


def dot(raster: Raster, x: float, y: float, color: tuple[float, float], size: float = 14) -> None:
    stroke = Stroke(raster, Brush(size=size, hardness=0.8, color=color))
    stroke.add(x, y)
    stroke.finish()


def spread_over(raster: Raster) -> Raster:
    delta = spread(raster)
    assert delta is not None
    result = raster.copy()
    delta.apply(result)
    return result


def exact_solution(ties: Ties, given_values: np.ndarray) -> np.ndarray:
    """Solve the same equations with a general sparse solver."""
    height, width = ties.data.shape
    index = np.arange(height * width).reshape(height, width)
    rows, columns, values = [], [], []
    for first, second, weight in (
        (index[:, :-1], index[:, 1:], ties.right),
        (index[:-1], index[1:], ties.below),
    ):
        for one, other in ((first, second), (second, first)):
            rows.append(one.ravel())
            columns.append(other.ravel())
            values.append(-weight.ravel())
    rows.append(index.ravel())
    columns.append(index.ravel())
    values.append(ties.diagonal.ravel())
    matrix = coo_array(
        (np.concatenate(values).astype(float), (np.concatenate(rows), np.concatenate(columns)))
    ).tocsc()
    return np.stack(
        [spsolve(matrix, (ties.data * each).ravel()).reshape(height, width) for each in given_values]
    )


@given(st.integers(0, 2**32 - 1), st.integers(3, 40), st.integers(3, 40))
@settings(max_examples=15)
def test_multigrid_solves_what_a_general_solver_does(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    data = np.where(rng.random((height, width)) < 0.05, 30.0, 0.0).astype(np.float32)
    data[0, 0] = 30.0
    right = rng.uniform(0.01, 1.0, (height, width - 1)).astype(np.float32)
    below = rng.uniform(0.01, 1.0, (height - 1, width)).astype(np.float32)
    ties = Ties.of(right, below, data)
    given_values = rng.uniform(-100, 100, (2, height, width)).astype(np.float32)
    solved = solve(ties, given_values, np.zeros_like(given_values), 1e-3)
    assert solved is not None
    np.testing.assert_allclose(solved, exact_solution(ties, given_values), atol=0.2)


def test_strokes_grow_up_to_the_edges(fields: Raster) -> None:
    colors = ((60.0, 40.0), (-40.0, 30.0), (0.0, -50.0))
    for place, color in enumerate(colors):
        dot(fields, 30 + 60 * place, 60, color)
    raster = spread_over(fields)
    np.testing.assert_array_equal(raster.luminance, fields.luminance)
    assert raster.coverage.min() >= SPREAD
    for place, color in enumerate(colors):
        inside = raster.chrominance[:, 60 * place + 6 : 60 * place + 54].astype(float) - 128
        assert np.abs(inside - color).max() < 8


def test_what_is_painted_stays_exactly(fields: Raster) -> None:
    dot(fields, 30, 60, (60.0, 40.0))
    dot(fields, 150, 60, (-20.0, -50.0))
    painted = fields.coverage == 255
    raster = spread_over(fields)
    np.testing.assert_array_equal(raster.chrominance[painted], fields.chrominance[painted])
    assert (raster.coverage[painted] == 255).all()


def test_spreading_again_takes_new_strokes_in(fields: Raster) -> None:
    dot(fields, 30, 60, (60.0, 40.0))
    once = spread_over(fields)
    assert np.abs(once.chrominance[60, 150].astype(float) - 128 - (60, 40)).max() < 8
    dot(once, 150, 60, (-20.0, -50.0))
    twice = spread_over(once)
    assert np.abs(twice.chrominance[20, 150].astype(float) - 128 - (-20, -50)).max() < 8
    assert np.abs(twice.chrominance[20, 30].astype(float) - 128 - (60, 40)).max() < 8


def test_nothing_to_spread_is_said(fields: Raster) -> None:
    assert "Paint a few strokes" in blocked_reason(fields) and spread(fields) is None
    fields.coverage[:] = 255
    assert "erase" in blocked_reason(fields) and spread(fields) is None
    fields.coverage[:10] = 0
    assert blocked_reason(fields) == ""


def test_spreading_can_be_cancelled(fields: Raster) -> None:
    dot(fields, 30, 60, (60.0, 40.0))
    cancel = Event()
    cancel.set()
    assert spread(fields, cancel) is None


@pytest.mark.parametrize("size", [(1, 2), (3, 2), (5, 300), (41, 7)])
def test_any_size_can_be_spread(size: tuple[int, int]) -> None:
    raster = Raster.of_frame(np.full(size, 120, np.uint8))
    raster.chrominance[0, 0] = (160, 100)
    raster.coverage[0, 0] = 255
    result = spread_over(raster)
    assert np.abs(result.chrominance.astype(int) - (160, 100)).max() <= 3


def test_a_real_frame_is_spread(shared: Path) -> None:
    with open_film(shared / "data" / "vintage" / "oldfilm_002.mp4") as film:
        raster = Raster.of_frame(film.read(40).pixels)
    # Wall and shutter, far apart in luminance, near in place.
    dot(raster, 245, 184, (2.0, 22.0))
    dot(raster, 332, 245, (-18.0, 8.0))
    result = spread_over(raster)
    assert np.abs(result.chrominance[300, 290].astype(int) - (130, 150)).max() <= 8
    assert np.abs(result.chrominance[280, 332].astype(int) - (110, 136)).max() <= 8
