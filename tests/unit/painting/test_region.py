"""Which part of a reference is meant: kept small, and made of strokes, outlines and luminance."""

from __future__ import annotations

import numpy as np
import pytest

from remaster_gui.base.packed_regions import LONGEST
from remaster_gui.painting.region import along_path, grid_of, in_range, laid_over, within_outline


def test_the_grid_covers_the_picture_and_stays_small() -> None:
    assert grid_of(320, 240) == (320, 240)
    assert grid_of(4096, 3112) == (LONGEST, 486)
    assert grid_of(10_000, 3) == (LONGEST, 1)


def test_an_outline_takes_in_what_lies_within() -> None:
    square = np.array([[400, 200], [800, 200], [800, 600], [400, 600]], np.float32)
    mask = within_outline(square, 1600, 1200)
    assert mask.shape == grid_of(1600, 1200)[::-1]
    full = laid_over(mask, 1600, 1200)
    assert full[210:590, 410:790].all()
    assert full.sum() == pytest.approx(400 * 400, rel=0.03)


def test_a_stroke_is_as_wide_as_its_brush() -> None:
    mask = along_path(np.array([[20, 50], [80, 50]], np.float32), 10, 100, 100)
    rows, columns = np.nonzero(mask)
    assert rows.min() == pytest.approx(40, abs=1) and rows.max() == pytest.approx(60, abs=1)
    assert columns.min() == pytest.approx(10, abs=1) and columns.max() == pytest.approx(90, abs=1)
    assert along_path(np.array([[5, 5]], np.float32), 0.5, 100, 100).sum() >= 1


def test_a_key_takes_what_is_as_bright() -> None:
    luminance = np.tile(np.arange(0, 200, 2, dtype=np.uint8), (40, 1))
    mask = in_range(luminance, 60, 120)
    assert mask[20, 30:61].all() and not mask[20, :29].any() and not mask[20, 62:].any()
