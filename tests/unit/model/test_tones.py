from __future__ import annotations

import pytest
import torch

from remaster_gui.model.tones import ToneCorrection


@pytest.fixture
def correction() -> ToneCorrection:
    """One that does something."""
    torch.manual_seed(1)
    correction = ToneCorrection()
    for parameter in correction.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return correction


def test_tones_stay_as_they_are_before_anything_is_learned() -> None:
    clip = torch.rand(2, 3, 1, 32, 40)
    torch.testing.assert_close(ToneCorrection()(clip), clip)


def test_every_frame_is_corrected_by_itself_with_one_gain_and_offset(correction: ToneCorrection) -> None:
    clip = torch.rand(2, 3, 1, 32, 40)
    corrected = correction(clip)
    torch.testing.assert_close(corrected[1:, 2:], correction(clip[1:, 2:]))
    for before, after in zip(clip.flatten(0, 1), corrected.flatten(0, 1), strict=True):
        assert (after - before).abs().max() > 1e-3
        flat = torch.stack([before.flatten(), torch.ones(before.numel())], 1)
        line = torch.linalg.lstsq(flat, after.flatten()[:, None]).solution
        torch.testing.assert_close((flat @ line)[:, 0], after.flatten(), atol=1e-5, rtol=0)


def test_the_size_of_a_frame_hardly_matters(correction: ToneCorrection) -> None:
    """Full size and working size get the same tones."""
    small = torch.nn.functional.interpolate(torch.rand(1, 1, 8, 8), size=(64, 64), mode="bilinear")
    large = small.repeat_interleave(4, -1).repeat_interleave(4, -2)
    shrunk = torch.nn.functional.avg_pool2d(correction(large[None])[0], 4)
    torch.testing.assert_close(shrunk, correction(small[None])[0], atol=1e-5, rtol=0)


def test_faded_contrast_can_be_learned() -> None:
    torch.manual_seed(0)
    correction = ToneCorrection()
    optimizer = torch.optim.Adam(correction.parameters(), 3e-3)
    errors = []
    for _ in range(300):
        clean = torch.rand(16, 1, 1, 16, 16)
        mean = clean.mean((-1, -2), keepdim=True)
        faded = mean + (clean - mean) * torch.empty(16, 1, 1, 1, 1).uniform_(0.6, 1.0)
        error = (correction(faded) - clean).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append((error.item(), (faded - clean).square().mean().item()))
    ours, theirs = torch.tensor(errors[-50:]).mean(0)
    assert ours < 0.5 * theirs
