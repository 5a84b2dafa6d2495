from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState, WholeClip
from remaster_gui.model.tones import LEVELS, ToneCorrection, frame_statistics


@pytest.fixture
def correction() -> ToneCorrection:
    """One that does something."""
    torch.manual_seed(1)
    correction = ToneCorrection()
    for parameter in correction.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return correction


def _smooth(frames: int) -> Tensor:
    """Make pictures with large areas ``(1, T, 1, 64, 80)``."""
    coarse = torch.rand(frames, 1, 5, 6)
    return torch.nn.functional.interpolate(coarse, size=(64, 80), mode="bicubic").clamp(0, 1)[None]


def test_tones_stay_as_they_are_before_anything_is_learned() -> None:
    clip = torch.rand(2, 3, 1, 32, 40)
    torch.testing.assert_close(ToneCorrection()(clip, WholeClip()), clip)


def test_a_frame_gets_one_gain_and_offset(correction: ToneCorrection) -> None:
    clip = _smooth(3)
    corrected = correction(clip, WholeClip())
    for before, after in zip(clip.flatten(0, 1), corrected.flatten(0, 1), strict=True):
        assert (after - before).abs().max() > 1e-3
        flat = torch.stack([before.flatten(), torch.ones(before.numel())], 1)
        line = torch.linalg.lstsq(flat, after.flatten()[:, None]).solution
        torch.testing.assert_close((flat @ line)[:, 0], after.flatten(), atol=1e-4, rtol=0)


def test_only_neighbours_have_a_say(correction: ToneCorrection) -> None:
    clip = _smooth(6)
    changed = clip.clone()
    changed[:, 0] += 0.1
    difference = (correction(changed, WholeClip()) - correction(clip, WholeClip())).abs().amax((0, 2, 3, 4))
    assert (difference[:2] > 0).all()
    assert (difference[2:] == 0).all()


def test_windows_give_what_the_whole_gives(correction: ToneCorrection) -> None:
    clip, state, parts = _smooth(7), StreamingState(), []
    for start, stop in ((0, 1), (1, 4), (4, 7)):
        state.last = stop == 7
        try:
            parts.append(correction(clip[:, start:stop], state))
        except MoreFramesNeededError:
            assert start == 0
    torch.testing.assert_close(torch.cat(parts, dim=1), correction(clip, WholeClip()))


def test_specks_do_not_pass_for_black_or_white() -> None:
    clip = 0.3 + 0.4 * _smooth(3).repeat_interleave(4, -1).repeat_interleave(4, -2)
    speckled = clip.clone()
    speckled[..., ::16, ::16], speckled[..., 8::16, ::16] = 0.0, 1.0
    levels, unchanged = (frame_statistics(c)[1][..., : 2 * len(LEVELS)] for c in (speckled, clip))
    torch.testing.assert_close(levels, unchanged, atol=0.05, rtol=0)


def test_the_size_of_a_frame_hardly_matters(correction: ToneCorrection) -> None:
    """Full size and working size get the same tones."""
    small = torch.nn.functional.interpolate(torch.rand(1, 1, 8, 8), size=(128, 128), mode="bilinear")
    large = small.repeat_interleave(4, -1).repeat_interleave(4, -2)
    shrunk = torch.nn.functional.avg_pool2d(correction(large[None], WholeClip())[0], 4)
    torch.testing.assert_close(shrunk, correction(small[None], WholeClip())[0], atol=1e-5, rtol=0)


def test_faded_contrast_can_be_learned() -> None:
    torch.manual_seed(0)
    correction = ToneCorrection()
    optimizer = torch.optim.Adam(correction.parameters(), 1e-2)
    errors = []
    for _ in range(50):
        clean = torch.nn.functional.interpolate(torch.rand(8, 1, 8, 8), size=(16, 16))[:, None]
        mean = clean.mean((-1, -2), keepdim=True)
        faded = mean + (clean - mean) * torch.empty(8, 1, 1, 1, 1).uniform_(0.6, 1.0)
        error = (correction(faded, WholeClip()) - clean).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append((error.item(), (faded - clean).square().mean().item()))
    ours, theirs = torch.tensor(errors[-10:]).mean(0)
    assert ours < 0.5 * theirs
