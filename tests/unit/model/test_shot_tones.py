from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from remaster_gui.model.shot_tones import (
    CELLS,
    KNOTS,
    ShotTones,
    corrected,
    darkening,
    describe,
    small_frames,
    without_borders,
)
from remaster_gui.model.temporal import StreamingState, WholeClip


@pytest.fixture
def tones() -> ShotTones:
    """One that does something."""
    torch.manual_seed(1)
    tones = ShotTones()
    for parameter in tones.deciding.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return tones.eval()


def smooth(frames: int, size: tuple[int, int] = (64, 80)) -> Tensor:
    """Make pictures with large areas ``(1, T, 1, H, W)``."""
    return interpolate(torch.rand(frames, 1, 5, 6), size=size, mode="bicubic").clamp(0, 1)[None]


def test_tones_stay_as_they_are_before_anything_is_learned() -> None:
    clip = torch.rand(2, 3, 1, 32, 40)
    torch.testing.assert_close(ShotTones()(clip, WholeClip()), clip)


def test_all_frames_of_a_shot_get_the_same_correction(tones: ShotTones) -> None:
    clip = smooth(4)
    clip[:, 2] = clip[:, 0]
    changed = tones(clip, WholeClip())
    assert (changed - clip).abs().max() > 1e-3
    torch.testing.assert_close(changed[:, 2], changed[:, 0])


def test_a_window_gets_what_the_shot_got(tones: ShotTones) -> None:
    clip = smooth(6)
    state = StreamingState(shot=clip)
    parts = [tones(clip[:, start : start + 2], state) for start in (0, 2, 4)]
    torch.testing.assert_close(torch.cat(parts, dim=1), tones(clip, WholeClip()))


def test_nothing_is_done_where_nothing_is_known_of_the_shot(tones: ShotTones) -> None:
    clip = smooth(2)
    assert torch.equal(tones(clip, StreamingState()), clip)


def test_clips_of_a_batch_are_judged_apart(tones: ShotTones) -> None:
    one, other = smooth(3), 0.5 * smooth(3)
    both = tones(torch.cat([one, other]), WholeClip())
    torch.testing.assert_close(both, torch.cat([tones(each, WholeClip()) for each in (one, other)]))


def test_a_curve_is_drawn_through_its_knots_and_keeps_the_order_of_tones() -> None:
    levels = torch.linspace(0, 1, KNOTS).view(1, 1, 1, 1, KNOTS)
    bent = torch.tensor([[0.05, 0.0, 0.1, 0.0, -0.1, 0.0, -0.05]])
    torch.testing.assert_close(
        corrected(levels, bent, torch.zeros(1))[0, 0, 0, 0], levels[0, 0, 0, 0] + bent[0]
    )
    upside_down = torch.tensor([[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]])
    assert (corrected(levels, upside_down, torch.zeros(1)).diff(dim=-1) > 0).all()


def test_light_lost_in_the_corners_is_given_back() -> None:
    clean = smooth(2)
    dark = clean * (1 - 0.25 * darkening(64, 80, clean.device))
    torch.testing.assert_close(corrected(dark, torch.zeros(1, KNOTS), torch.tensor([0.25])), clean)


def test_specks_hardly_change_what_is_seen_of_a_shot() -> None:
    shot = 0.3 + 0.4 * smooth(5, (CELLS, CELLS))[:, :, 0]
    speckled = shot.clone()
    speckled[..., ::16, ::16], speckled[..., 8::16, ::16] = 0.0, 1.0
    for before, after in zip(describe(shot), describe(speckled), strict=True):
        numbers = slice(0, -1) if before.ndim == 2 else slice(None)  # the last number counts specks
        torch.testing.assert_close(after[:, numbers], before[:, numbers], atol=0.25, rtol=0)


def test_the_size_of_a_frame_hardly_matters(tones: ShotTones) -> None:
    """Full size and working size get the same tones."""
    small = interpolate(torch.rand(1, 1, 8, 8), size=(128, 128), mode="bilinear")
    large = small.repeat_interleave(4, -1).repeat_interleave(4, -2)
    torch.testing.assert_close(small_frames(large), small_frames(small))
    shrunk = avg_pool2d(tones(large[None], WholeClip())[0], 4)
    torch.testing.assert_close(shrunk, tones(small[None], WholeClip())[0], atol=2e-3, rtol=0)


def test_faded_contrast_can_be_learned() -> None:
    torch.manual_seed(0)
    tones = ShotTones()
    optimizer = torch.optim.Adam(tones.parameters(), 3e-3)
    errors = []
    for _ in range(40):
        clean = interpolate(torch.rand(8, 1, 8, 8), size=(CELLS, CELLS))[:, None]
        mean = clean.mean((-1, -2), keepdim=True)
        faded = mean + (clean - mean) * torch.empty(8, 1, 1, 1, 1).uniform_(0.5, 1.0)
        error = (tones(faded, WholeClip()) - clean).square().mean()
        optimizer.zero_grad()
        error.backward()
        optimizer.step()
        errors.append(error.item())
    assert sum(errors[-5:]) < 0.5 * sum(errors[:5])


@pytest.mark.parametrize("sides", [(8, 8, 0, 0), (0, 0, 6, 4), (3, 0, 0, 5)])
def test_black_borders_are_no_part_of_the_picture(sides: tuple[int, int, int, int]) -> None:
    top, bottom, left, right = sides
    rows, columns = slice(top, CELLS - bottom), slice(left, CELLS - right)
    brightness = torch.linspace(0.3, 0.9, CELLS)[None, :].expand(3, CELLS, CELLS)
    framed = torch.zeros(2, 3, CELLS, CELLS)
    framed[:, :, rows, columns] = brightness[:, rows, columns]
    framed[1] = brightness
    framed[:, 1, 0] = 1.0  # a scratch of one frame
    cut, whole = without_borders(framed)
    assert cut[0].min() > 0.25, "nothing black is left"
    assert torch.equal(whole, framed[1]), "a shot without borders stays as it is"


def test_dark_frames_have_no_borders() -> None:
    night = torch.full((1, 4, CELLS, CELLS), 0.02)
    night[..., 30:34, 30:34] = 0.9
    assert torch.equal(without_borders(night), night)
