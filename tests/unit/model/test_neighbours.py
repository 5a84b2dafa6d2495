from __future__ import annotations

import pytest
import torch
from torch import Tensor

from remaster_gui.model.motion import begin_flow, registered
from remaster_gui.model.neighbours import (
    NeighbourRepair,
    median_of_five,
    median_of_three,
)
from remaster_gui.model.temporal import WholeClip


def moving(frames: int = 5, step: int = 2, seed: int = 0) -> Tensor:
    """Smooth texture that drifts `step` pixels to the left with each frame: ``(1, T, 1, 48, 64)``."""
    coarse = torch.rand(1, 1, 10, 24, generator=torch.Generator().manual_seed(seed))
    wide = torch.nn.functional.interpolate(coarse, size=(48, 64 + frames * step), mode="bicubic").clamp(0, 1)
    return torch.stack([wide[0, :, :, t * step : t * step + 64] for t in range(frames)])[None]


def test_frames_are_brought_into_register_along_the_motion() -> None:
    clip = moving()
    here, before = clip[:, 1:-1], clip[:, :-2]
    moved = registered(here, before, begin_flow(clip, (-1,))())
    still = (here - before).abs().mean()
    assert (moved - here).abs()[..., 6:-6, 6:-6].mean() < 0.25 * still


def test_dirt_on_one_frame_goes_before_anything_is_learned() -> None:
    clean = moving()
    dirty = clean.clone()
    dirty[:, 2, :, 20:26, 30:37] = 0.0
    with torch.no_grad():
        repaired = NeighbourRepair().eval()(dirty, WholeClip())
    spot = (slice(None), 2, slice(None), slice(20, 26), slice(30, 37))
    assert (repaired - clean)[spot].abs().mean() < 0.4 * (dirty - clean)[spot].abs().mean()
    assert (repaired - clean).abs().mean() < (dirty - clean).abs().mean()


def test_a_frame_without_neighbours_stays_as_it_is() -> None:
    clip = moving(frames=1)
    with torch.no_grad():
        torch.testing.assert_close(NeighbourRepair().eval()(clip, WholeClip()), clip)


@pytest.mark.parametrize("dirty", [0, 1, 4])
def test_the_ends_of_a_shot_are_repaired_like_its_middle(dirty: int) -> None:
    clean = moving(step=0)
    spotted = clean.clone()
    spotted[:, dirty, :, 20:26, 30:37] = 0.0
    with torch.no_grad():
        repaired = NeighbourRepair().eval()(spotted, WholeClip())
    assert (repaired - clean).abs().max() < 0.4 * (spotted - clean).abs().max()


@pytest.mark.parametrize("count", [3, 5])
def test_medians(count: int) -> None:
    values = torch.rand(count, 1000)
    ours = (median_of_three if count == 3 else median_of_five)(*values)
    torch.testing.assert_close(ours, values.median(0).values)


@pytest.mark.parametrize("size", [(1, 1), (4, 40), (16, 12)])
def test_pictures_too_small_for_optical_flow_pass(size: tuple[int, int]) -> None:
    clip = torch.rand(1, 3, 1, *size)
    with torch.no_grad():
        assert NeighbourRepair().eval()(clip, WholeClip()).shape == clip.shape


def test_what_to_trust_is_learned() -> None:
    """With grain on the frames only the mean of all is better than any of them."""
    torch.manual_seed(0)
    repair = NeighbourRepair().eval()
    clean = moving(step=0)
    optimizer = torch.optim.Adam(repair.parameters(), 1e-2)
    errors = []
    for _ in range(30):
        loss = (repair(clean + 0.1 * torch.randn_like(clean), WholeClip()) - clean)[:, 1:-1].square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        errors.append(loss.item())
    assert sum(errors[-5:]) < 0.9 * sum(errors[:5])
