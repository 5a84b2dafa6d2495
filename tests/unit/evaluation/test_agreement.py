"""Agreement of two results, and whether it suffices."""

from __future__ import annotations

import pytest
import torch

from remaster_gui.evaluation.agreement import Agreement, ClipResult, agreement, built_in_clip


def _off(luminance: float, chrominance: float, frames: int = 4) -> Agreement:
    """Results that differ everywhere by so much, in the first `frames` of four frames."""
    truth = ClipResult(torch.full((4, 8, 8), 0.5), torch.full((4, 2, 8, 8), 0.5))
    found = ClipResult(truth.luminance.clone(), truth.chrominance.clone())
    found.luminance[:frames] += luminance
    found.chrominance[:frames] += chrominance
    return agreement(found, truth)


def test_agreement_is_a_peak_signal_to_noise_ratio() -> None:
    found = _off(0.01, -0.001)
    assert found.luminance == pytest.approx(40, abs=1e-3)
    assert found.chrominance == pytest.approx(60, abs=1e-3)
    assert found.worst_frame == pytest.approx(40, abs=1e-3)


def test_what_can_be_seen_does_not_suffice() -> None:
    assert _off(0.003, 0.005).suffices("compact")
    assert not _off(0.004, 0.005).suffices("compact")
    assert not _off(0.003, 0.006).suffices("compact")
    assert _off(0.009, 0.009).suffices("paper") and not _off(0.011, 0.009).suffices("paper")


def test_a_single_wrong_frame_does_not_suffice() -> None:
    found = _off(0.0, 0.0105, frames=1)
    assert found.chrominance > 45 and found.worst_frame < 40
    assert not found.suffices("compact")


def test_the_built_in_clip_moves_and_has_colours() -> None:
    clip, references = built_in_clip(3)
    assert clip.shape == (3, 160, 208) and clip[0].std() > 0.1
    assert abs(clip[1] - clip[0]).max() > 0.1
    assert len(references) == 4 and all(r.shape == (160, 208, 3) for r in references)
