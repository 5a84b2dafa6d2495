"""However a shot is cut into windows, the result is that of the whole shot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from remaster_gui.model import COMPACT, RemasterNetwork
from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState, TemporalContext, WholeClip

WINDOWS = (1, 5, 8, 16)


def _in_windows(step: Callable[[Tensor, TemporalContext], Tensor], frames: Tensor, window: int) -> Tensor:
    state, parts = StreamingState(), []
    for start in range(0, frames.shape[2], window):
        state.last = start + window >= frames.shape[2]
        try:
            parts.append(step(frames[:, :, start : start + window], state))
        except MoreFramesNeededError:
            assert not state.last
    return torch.cat(parts, dim=2)


def test_restoration_in_windows_equals_the_whole_shot(network: RemasterNetwork, frames: Tensor) -> None:
    with torch.inference_mode():
        whole = network.restore(frames)
        for window in WINDOWS:
            assert torch.allclose(_in_windows(network.restore, frames, window), whole, atol=1e-5), window


def test_colorization_in_windows_equals_the_whole_shot(
    network: RemasterNetwork, frames: Tensor, references: Tensor
) -> None:
    with torch.inference_mode():
        features = [network.encode_references(references[:, n : n + 1]) for n in range(3)]

        def colorize(clip: Tensor, context: TemporalContext) -> Tensor:
            return network.colorize(clip, features, context)

        whole = colorize(frames, WholeClip(span=2))
        for window in WINDOWS:
            assert torch.allclose(_in_windows(colorize, frames, window), whole, atol=1e-5), window


def test_blocks_of_five_differ_from_the_whole_shot(paper: RemasterNetwork, frames: Tensor) -> None:
    """What carrying is for: blocks without memory have seams."""
    with torch.inference_mode():
        blocks = torch.cat([paper.restore(frames[:, :, t : t + 5]) for t in range(0, 20, 5)], dim=2)
        assert not torch.allclose(blocks, paper.restore(frames)[:, :, :20], atol=1e-3)


def test_memory_of_a_shot_does_not_grow(network: RemasterNetwork) -> None:
    state, sizes = StreamingState(), []
    with torch.inference_mode():
        for _ in range(24):
            try:
                network.restore(torch.rand(1, 1, 2, 32, 32), state)
            except MoreFramesNeededError:
                continue
            finally:
                sizes.append(state.nbytes())
    assert sizes[-1] == sizes[-6]


def test_a_new_compact_network_colors_frame_by_frame(frames: Tensor, references: Tensor) -> None:
    """So that learning can begin with single frames, which never see what neighbours' weights do."""
    torch.manual_seed(0)
    small = replace(COMPACT.colorization, width=1 / 16, key_channels=8, steady_color=False)
    network = RemasterNetwork(replace(COMPACT, colorization=small)).eval()
    last = network.colorization.decoder[-1].conv.weight
    with torch.no_grad():
        torch.nn.init.normal_(last[:, last.shape[1] // 3 : 2 * last.shape[1] // 3])
        features = [network.encode_references(references[:, :1])]
        clip = network.colorize(frames[:, :, :3], features, WholeClip(span=0))
        alone = network.colorize(frames[:, :, 1:2], features, WholeClip(span=0))
    assert clip.std() > 1e-3
    torch.testing.assert_close(clip[:, :, 1:2], alone, atol=1e-5, rtol=1e-4)
