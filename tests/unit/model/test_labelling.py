"""Labels of regions that ride along with colours."""

from __future__ import annotations

from contextlib import suppress

import pytest
import torch
from torch import Tensor

from remaster_gui.model import RemasterNetwork
from remaster_gui.model.fusion import statistics
from remaster_gui.model.labelling import FoundLabels, joined_labels, label_statistics
from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState


def _masks() -> Tensor:
    """Two labels: the left half of a reference of 64x48, and nothing."""
    masks = torch.zeros(2, 64, 48)
    masks[0, :, :24] = 1.0
    return masks


@pytest.mark.parametrize("network", ["compact"], indirect=True)
def test_labels_come_along_and_colors_stay_as_they_are(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    clip, count = frames, frames.shape[2]
    with torch.inference_mode():
        plain = [network.encode_references(references[:, n : n + 1]) for n in range(2)]
        named = [plain[0].labelled(_masks()), plain[1].labelled(torch.zeros_like(_masks()))]
        everything = [each.labelled(torch.ones_like(_masks())) for each in plain]
        before, after = (network.colorize_clip(clip, each) for each in (plain, named))
        whole = network.colorize_clip(clip, everything)
        state = StreamingState(2)
        pieces = []
        for window in (slice(0, 15), slice(15, count)):
            state.last = window.stop == count
            with suppress(MoreFramesNeededError):
                pieces.append(network.colorize_clip(clip[:, :, window], named, state))
    assert before.mattes is None and after.mattes is not None and whole.mattes is not None
    assert torch.allclose(before.chrominance, after.chrominance, atol=1e-5)
    assert after.mattes.shape == (1, count, 2, 48, 64)
    assert after.mattes[:, :, 1].amax() == 0
    assert 0.02 < after.mattes[:, :, 0].mean() < 0.9 * whole.mattes[:, :, 0].mean()
    assert torch.equal(whole.mattes[:, :, 0], whole.mattes[:, :, 1])
    windows = torch.cat([each.mattes for each in pieces if each.mattes is not None], dim=1)
    assert torch.allclose(windows, after.mattes, atol=1e-4)
    weighed = named[0].weighed(0.5)
    assert weighed.fine.carried.shape[-1] == 7 and weighed.detail is not None and weighed.detail.labels == 2


@pytest.mark.parametrize("network", ["paper"], indirect=True)
def test_a_network_that_carries_no_colors_carries_no_labels(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    with torch.inference_mode():
        named = network.encode_references(references[:, :1]).labelled(_masks())
        assert network.colorize_clip(frames[:, :, :2], [named]).mattes is None


def test_a_label_of_all_that_counts_is_whole_in_cells_that_count_in_part() -> None:
    counted = torch.zeros(1, 1, 1, 8, 8)
    counted[..., :3] = 1.0
    cells = torch.nn.functional.avg_pool2d(counted[0], 4)[None]
    found = label_statistics(counted, torch.full_like(counted, 0.5), 4, cells)
    assert torch.equal(found[0, 0, 0], torch.tensor([[1.0, 0.0], [1.0, 0.0]]))
    assert torch.equal(found[0, 0, 1], torch.tensor([[0.5, 0.0], [0.5, 0.0]]))


def test_labels_are_chosen_by_the_shares_of_colors_and_follow_luminance() -> None:
    luminance = torch.rand(1, 1, 1, 32, 32, generator=torch.Generator().manual_seed(1)).round()
    # Where it is light there is the label, at every size.
    label = luminance.clone()
    lab = torch.cat([luminance, torch.full((1, 1, 2, 32, 32), 0.5)], dim=2)
    parts = [
        torch.cat([statistics(lab, factor), label_statistics(label, luminance, factor, None)], dim=2)
        for factor in (8, 16, 4)
    ]
    found = FoundLabels(*parts, torch.zeros_like(label))
    logits = torch.full((1, 1, 6, 16, 16), -50.0)
    logits[:, :, 1] = 50.0
    assert torch.allclose(joined_labels(found, luminance, logits), label, atol=0.1)
    logits[:, :, 1], logits[:, :, 4] = -50.0, 50.0
    assert joined_labels(found, luminance, logits).amax() < 1e-6
