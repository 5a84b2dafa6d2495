from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.model.blocks import pool
from remaster_gui.model.reference_tones import in_reference_tones


@pytest.fixture
def clip() -> Tensor:
    """Pictures with large areas ``(2, 3, 1, 64, 80)``."""
    torch.manual_seed(1)
    coarse = torch.rand(6, 1, 5, 6)
    smooth = torch.nn.functional.interpolate(coarse, size=(64, 80), mode="bicubic")
    return smooth.clamp(0, 1).unflatten(0, (2, 3))


def test_tones_that_agree_stay_as_they_are(clip: Tensor) -> None:
    torch.testing.assert_close(in_reference_tones(clip, pool(clip, 8)), clip, atol=1e-4, rtol=0)


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (0.65, 0.15), (1.4, -0.2)])
def test_gain_and_offset_of_each_frame_are_taken_back(gain: float, offset: float, clip: Tensor) -> None:
    changed = clip.clone()
    changed[0, 1] = gain * clip[0, 1] + offset
    torch.testing.assert_close(in_reference_tones(changed, pool(clip, 8)), clip, atol=0.01, rtol=0)


def test_a_third_of_wrong_matches_has_hardly_any_say(clip: Tensor) -> None:
    found = pool(clip, 8)
    wrong = torch.rand(found.shape) < 0.33
    found = torch.where(wrong, torch.rand(found.shape), found)
    restored = in_reference_tones(0.6 * clip + 0.1, found)
    assert (restored - clip).abs().mean() < 0.02
    assert (0.6 * clip + 0.1 - clip).abs().mean() > 0.1


def test_matches_that_say_nothing_leave_a_picture_within_reason(clip: Tensor) -> None:
    flat = in_reference_tones(torch.full_like(clip, 0.3), pool(clip, 8))
    assert flat.isfinite().all() and flat.min() >= -0.01 and flat.max() <= 1.01
    against_flat = in_reference_tones(clip, torch.full_like(pool(clip, 8), 0.3))
    assert (against_flat.amax((2, 3, 4)) - against_flat.amin((2, 3, 4)) > 0.3).all()
