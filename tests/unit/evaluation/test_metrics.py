from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.metrics import structural_similarity

from remaster_gui.evaluation.metrics import (
    PSNR_CAP,
    ColorConsistency,
    SquaredError,
    colorfulness,
    detail_kept,
    psnr,
    sharpness,
    ssim,
)


def plane(seed: int, height: int = 40, width: int = 56) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width), dtype=np.float32)


@pytest.mark.parametrize(("error", "decibels"), [(1.0, 0.0), (0.1, 10.0), (0.01, 20.0), (0.0, PSNR_CAP)])
def test_psnr(error: float, decibels: float) -> None:
    assert psnr(error) == pytest.approx(decibels)


def test_squared_error_is_pooled_over_a_clip_not_averaged_over_frames() -> None:
    error, clean = SquaredError(), np.full((8, 8), 0.5, np.float32)
    error.add(clean, clean)
    assert error.psnr == PSNR_CAP
    error.add(clean + np.float32(0.1), clean)
    assert error.psnr == pytest.approx(10 * np.log10(1 / 0.005), abs=1e-4)


@given(seed=st.integers(0, 1000), noise=st.floats(0.01, 0.3))
@settings(max_examples=20)
def test_ssim_is_that_of_wang_and_others(seed: int, noise: float) -> None:
    truth = plane(seed)
    result = (truth + noise * plane(seed + 1)).astype(np.float32)
    ours = ssim(result, truth)
    theirs = structural_similarity(
        result, truth, data_range=1.0, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    assert ours == pytest.approx(theirs, abs=1e-5)
    assert -1 <= ours < 1
    assert ours == pytest.approx(ssim(truth, result))


def test_ssim_of_the_same_is_one() -> None:
    assert ssim(plane(3), plane(3)) == pytest.approx(1.0)


def test_colorfulness_by_hand() -> None:
    picture = np.zeros((2, 2, 3), np.float32)
    picture[0, :, 0] = 1.0  # red above: R-G = 255, (R+G)/2-B = 127.5
    picture[1, :, 1] = 1.0  # green below: R-G = -255, (R+G)/2-B = 127.5
    assert colorfulness(picture) == pytest.approx(255 + 0.3 * 127.5)


def test_grey_has_no_color() -> None:
    assert colorfulness(np.repeat(plane(1)[..., None], 3, axis=2)) == 0.0


def test_colors_that_stay_are_consistent() -> None:
    consistency = ColorConsistency()
    assert consistency.value == 0.0
    still = np.random.default_rng(0).random((8, 10, 3)).astype(np.float32)
    for _ in range(6):
        consistency.add(still)
    assert consistency.value == 0.0


def test_consistency_is_the_mean_divergence_at_three_lags() -> None:
    red, blue = (np.zeros((4, 4, 3), np.float32) for _ in range(2))
    red[..., 0] = blue[..., 2] = 1.0
    consistency = ColorConsistency()
    for frame in (red, blue, red, blue, red):
        consistency.add(frame)
    # Of two that share nothing the divergence is log 2, here in two of three channels; at lags 2 and 4 nothing changes.
    assert consistency.value == pytest.approx(math.log(2) * 2 / 3 / 3)


def test_nothing_is_compared_across_a_cut() -> None:
    consistency = ColorConsistency()
    for level in (0.0, 1.0):
        consistency.begin_shot()
        for _ in range(3):
            consistency.add(np.full((4, 4, 3), level, np.float32))
    assert consistency.value == 0.0


def test_detail_counts_what_agrees_with_the_truth_alone() -> None:
    rng = np.random.default_rng(4)
    truth = cv2.GaussianBlur(rng.random((64, 80), np.float32), (0, 0), 1.5)
    assert detail_kept(truth, truth) == pytest.approx(1.0)
    assert detail_kept(0.5 * truth + 0.2, truth) == pytest.approx(0.5, abs=1e-4)
    assert 0.1 < detail_kept(cv2.GaussianBlur(truth, (0, 0), 2.0), truth) < 0.7
    noisy = truth + rng.normal(0, 0.02, truth.shape).astype(np.float32)
    assert detail_kept(noisy, truth) == pytest.approx(1.0, abs=0.15)
    assert detail_kept(np.full_like(truth, 0.5), truth) == pytest.approx(0.0, abs=1e-6)
    assert detail_kept(truth, np.full_like(truth, 0.5)) == 1.0
    assert sharpness(0.5 * truth + 0.2, truth) == pytest.approx(0.25, abs=1e-4)
    assert sharpness(noisy, truth) > 1.1
    assert sharpness(truth, np.full_like(truth, 0.5)) == 1.0
