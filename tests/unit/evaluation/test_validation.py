from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from remaster_gui.evaluation import (
    ValidationClips,
    evaluate_colorization,
    evaluate_remastering,
    evaluate_restoration,
)
from remaster_gui.model import COMPACT, RemasterNetwork


@pytest.fixture
def clips(panned: Callable[..., np.ndarray]) -> ValidationClips:
    films = ((name, panned(12, 80, 128, step=1, seed=seed)) for seed, name in enumerate("abc"))
    return ValidationClips(films, size=48, windows=2, length=2, limit=2)


@pytest.fixture
def network() -> RemasterNetwork:
    torch.manual_seed(1)
    return RemasterNetwork(COMPACT)


def test_windows_of_some_clips_are_measured(clips: ValidationClips, network: RemasterNetwork) -> None:
    report = evaluate_colorization(network, clips, ("grey", "copy", "flow"))
    assert [(row.clip, row.method) for row in report.rows] == [
        (clip, method) for clip in "ab" for method in ("network", "grey", "copy", "flow")
    ]
    assert {row.frames for row in report.rows} == {4}
    assert clips.cases[0].rgb.shape[1:3] == (48, 80)
    assert network.training


def test_only_the_network_is_run_again(
    clips: ValidationClips, network: RemasterNetwork, damaged: Callable[..., np.ndarray]
) -> None:
    damages = []

    def degrade(luminance: np.ndarray, seed: int) -> np.ndarray:
        damages.append(seed)
        return damaged(luminance, seed)

    first = evaluate_restoration(network, clips, degrade, ("input", "nlm"))
    with torch.no_grad():
        network.restoration.get_parameter("layers.12.conv.bias").add_(0.1)
    second = evaluate_restoration(network, clips, degrade, ("input", "nlm"))
    assert len(damages) == len(clips.cases)
    # Times of a second run would differ.
    assert first.mean("nlm") == second.mean("nlm")
    assert first.mean("input") == second.mean("input")
    assert first.mean("network").psnr != second.mean("network").psnr


def test_both_networks_together_are_judged_by_all_channels(
    clips: ValidationClips, network: RemasterNetwork, damaged: Callable[..., np.ndarray]
) -> None:
    report = evaluate_remastering(network, clips, damaged, ("input+grey",))
    assert report.methods == ("network", "input+grey")
    assert all(np.isfinite(row.psnr) for row in report.rows)
    assert report.mean("network").references == 2
