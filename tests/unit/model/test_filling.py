"""What is sure stays, what is open is the prior's to decide, and a shot comes out the same however it is cut."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from remaster_gui.base.color import NEUTRAL
from remaster_gui.model import RemasterNetwork
from remaster_gui.model.carrying import CarriedColor
from remaster_gui.model.colorization import ReferenceFeatures
from remaster_gui.model.filling import EDGE, SIGNS, Confidence, Filling, signs
from remaster_gui.model.filling_weights import read_confidence, save_confidence
from remaster_gui.model.fusion import EVIDENCE
from remaster_gui.model.prior import ColorPrior, Hints, PriorConfig
from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState, WholeClip

from .conftest import TINY_COMPACT, build


@pytest.fixture
def filling() -> Filling:
    torch.manual_seed(1)
    prior = ColorPrior(PriorConfig((16, 16, 16, 16, 16), (1, 1, 1, 1, 1), (1, 1, 1, 1), 1, bins=4))
    torch.nn.init.normal_(prior.color.weight, std=0.1)
    return Filling(prior.fold(), Confidence())


@pytest.fixture
def filled(filling: Filling) -> RemasterNetwork:
    """A tiny network of the compact kind whose open places a prior fills."""
    network = build(TINY_COMPACT)
    assert isinstance(network.colorization.color_path, CarriedColor)
    network.colorization.color_path.filling = filling
    return network.eval()


def planes(height: int = 64, width: int = 96) -> tuple[Tensor, Tensor]:
    rng = torch.Generator().manual_seed(2)
    color = 0.2 * torch.rand(1, 2, 2, height, width, generator=rng) - 0.1
    return torch.rand(1, 2, 1, height, width, generator=rng), color


def test_what_is_sure_stays_as_it_is(filling: Filling) -> None:
    luminance, color = planes()
    made = filling(luminance, color, torch.ones_like(color))
    assert torch.equal(made[:, :, :2], color)
    assert torch.equal(made[:, :, 2:], torch.ones_like(luminance))


def test_what_nothing_is_known_of_is_the_priors_guess(filling: Filling) -> None:
    luminance, color = planes()
    made = filling(luminance, color, torch.zeros_like(color))
    guess = filling.prior.guess(luminance[0]).chrominance - NEUTRAL
    assert guess.std() > 1e-3
    torch.testing.assert_close(made[0, :, :2], guess)
    assert not made[:, :, 2].any()


def test_hints_count_as_far_as_they_are_sure(filling: Filling) -> None:
    luminance, color = planes()
    sure = torch.zeros_like(color)
    sure[:, :, 0, :, :48] = 0.7
    made = filling(luminance, color, sure)
    hints = Hints(color[0] + NEUTRAL, sure[0, :, :1])
    torch.testing.assert_close(made[0, :, :2], filling.prior.guess(luminance[0], hints).chrominance - NEUTRAL)


def test_large_pictures_are_asked_small(filling: Filling) -> None:
    luminance, color = planes(352, 480)
    seen = []
    filling.prior.stem.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape[-2:]))
    made = filling(luminance, color, torch.zeros_like(color))
    assert made.shape == (1, 2, 3, 352, 480)
    assert [2 * min(size) for size in seen] == [-(-EDGE // 32) * 32]
    # Colours are the small picture's, brought along its edges.
    assert made[:, :, :2].mean((-1, -2)).std() < 0.1 and made.isfinite().all()


@pytest.mark.parametrize("count", [0, 2])
def test_windows_give_what_the_whole_shot_gives(
    filled: RemasterNetwork, frames: Tensor, references: Tensor, count: int
) -> None:
    compare_windows(filled, frames, references, (1, 4, 21), count)


@pytest.mark.parametrize("count", [0, 2])
def test_without_a_prior_it_is_known_as_well_what_references_carry(
    frames: Tensor, references: Tensor, count: int
) -> None:
    compare_windows(build(TINY_COMPACT).eval(), frames, references, (4,), count)


def compare_windows(
    filled: RemasterNetwork, frames: Tensor, references: Tensor, windows: Sequence[int], count: int
) -> None:
    features = [filled.encode_references(references[:, n : n + 1]) for n in range(count)]
    with torch.inference_mode():
        whole = filled.colorize_clip(frames, features, WholeClip(span=2))
    assert whole.share is not None
    assert whole.chrominance.std() > 1e-3
    assert (whole.share == 0).all() if not count else whole.share.std() > 1e-3
    for window in windows:
        chrominance, share = in_windows(filled, frames, features, window)
        torch.testing.assert_close(chrominance, whole.chrominance, atol=1e-5, rtol=0)
        torch.testing.assert_close(share, whole.share, atol=1e-5, rtol=0)


def in_windows(
    filled: RemasterNetwork, frames: Tensor, features: list[ReferenceFeatures], window: int
) -> tuple[Tensor, Tensor]:
    """Chrominance and share of a shot that comes in windows."""
    state, colors, shares = StreamingState(), [], []
    for start in range(0, frames.shape[2], window):
        state.last = start + window >= frames.shape[2]
        with torch.inference_mode(), contextlib.suppress(MoreFramesNeededError):
            part = filled.colorize_clip(frames[:, :, start : start + window], features, state)
            assert part.share is not None
            colors.append(part.chrominance)
            shares.append(part.share)
    return torch.cat(colors, 1), torch.cat(shares, 1)


def test_only_frames_within_reach_have_influence(filled: RemasterNetwork, references: Tensor) -> None:
    film = torch.rand(1, 1, 21, 32, 32, generator=torch.Generator().manual_seed(3))
    reach = filled.colorization.reach(0)
    changed = film.clone()
    changed[:, :, : 20 - reach] = 0.3
    features = [filled.encode_references(references[:, :1])]
    with torch.inference_mode():
        before, after = (filled.colorize(clip, features, WholeClip(span=0)) for clip in (film, changed))
    torch.testing.assert_close(after[:, :, 20], before[:, :, 20], atol=1e-6, rtol=0)
    assert reach == 9  # six convolutions, and steadying


def test_signs_are_numbers_whatever_the_evidence() -> None:
    rng = torch.Generator().manual_seed(4)
    for scale in (0.0, 1.0, 100.0):
        evidence = scale * torch.randn(2, 18, 16, 24, generator=rng)
        evidence[:, 11].abs_()  # how far fetched luminance is off
        shares = torch.softmax(scale * torch.randn(2, 6, 16, 24, generator=rng), dim=1)
        found = signs(evidence, shares, scale * torch.randn(2, 1, 4, 6, generator=rng))
        assert found.shape == (2, SIGNS, 16, 24) and found.isfinite().all()
    assert EVIDENCE == 18


def test_confidence_survives_its_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    confidence = Confidence()
    confidence.usual.fill_(0.5)
    save_confidence(confidence, tmp_path / "sure.safetensors", "a" * 64, "CC0")
    again, network = read_confidence(tmp_path / "sure.safetensors")
    assert network == "a" * 64
    for name, tensor in confidence.state_dict().items():
        assert torch.equal(again.state_dict()[name], tensor)
