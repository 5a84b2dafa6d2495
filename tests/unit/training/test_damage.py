from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remaster_gui.training.damage import (
    KINDS,
    DamageKind,
    DamageSplit,
    Example,
    draw_hair,
    fractal_noise,
    generated_example,
    tone_curve,
)

EDGE = 180


@given(seed=st.integers(0, 2**32), rows=st.floats(2, 200), columns=st.floats(2, 200))
@settings(max_examples=30)
def test_fractal_noise_is_normalised(seed: int, rows: float, columns: float) -> None:
    field = fractal_noise((90, 120), np.random.default_rng(seed), (rows, columns))
    assert field.shape == (90, 120)
    assert abs(float(field.mean())) < 1e-3
    assert float(field.std()) == pytest.approx(1.0, abs=1e-3)


def test_unequal_cells_make_streaks() -> None:
    field = fractal_noise((200, 200), np.random.default_rng(0), (100, 2), octaves=2)
    down, across = (np.abs(np.diff(field, axis=axis)).mean() for axis in (0, 1))
    assert across > 10 * down


@given(covered=st.floats(0.01, 0.5), seed=st.integers(0, 99))
@settings(max_examples=20)
def test_tone_curve_covers_what_it_is_told(covered: float, seed: int) -> None:
    field = fractal_noise((120, 120), np.random.default_rng(seed), (4, 4), octaves=2)
    mask = tone_curve(field, covered, 3.0)
    assert mask.min() >= 0
    assert mask.max() <= 1
    assert float((mask > 0).mean()) == pytest.approx(covered, abs=0.03)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_kinds_are_masks_that_differ(kind: DamageKind) -> None:
    masks = [kind.make((240, 320), 1 / 3, np.random.default_rng(seed)) for seed in range(6)]
    for mask in masks:
        assert mask.shape == (240, 320)
        assert mask.min() >= 0
        assert mask.max() <= 1
    assert any((mask > 0.05).any() for mask in masks)
    assert not np.array_equal(masks[0], masks[1])
    # Most of a frame survives; haze is what may lie over much of it.
    if kind.name != "haze":
        assert all((mask > 0.1).mean() < 0.1 for mask in masks)


def test_shares_are_all() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1.0)


def test_examples_are_functions_of_split_and_index() -> None:
    first = generated_example(DamageSplit.TRAINING, 3, EDGE)
    generated_example.cache_clear()
    again = generated_example(DamageSplit.TRAINING, 3, EDGE)
    assert np.array_equal(first.levels[0], again.levels[0])
    assert first.amplitude == again.amplitude


def test_splits_share_no_example() -> None:
    pictures = [
        {generated_example(split, index, EDGE).levels[0].tobytes() for index in range(12)}
        for split in DamageSplit
    ]
    assert len(pictures[0]) == len(pictures[1]) == 12
    assert pictures[0].isdisjoint(pictures[1])


def test_smaller_levels_keep_thin_lines() -> None:
    mask = np.zeros((120, 160), np.float32)
    mask[:, 80] = 1.0
    levels = Example.of(mask, 0.5).levels
    assert [level.shape for level in levels] == [(120, 160), (60, 80), (30, 40)]
    assert [int(level.sum(axis=1).max()) for level in levels] == [255, 128, 64]


def test_hair_has_its_length() -> None:
    canvas = np.zeros((400, 400), np.uint8)
    draw_hair(canvas, (200, 200), 100, 1, 255, np.random.default_rng(0))
    assert 60 < (canvas > 60).sum() < 250
    rows, columns = np.nonzero(canvas)
    assert np.hypot(rows - 200, columns - 200).max() <= 105
    assert cv2.connectedComponents((canvas > 0).astype(np.uint8))[0] == 2
