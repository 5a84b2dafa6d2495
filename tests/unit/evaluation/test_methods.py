from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.loaded import LoadedNetwork
from remaster_gui.evaluation.measuring import Measurement
from remaster_gui.evaluation.methods import (
    METHODS,
    EvaluationTask,
    Method,
    Problem,
    copy,
    flow,
    non_local_means,
    temporal_median,
)
from remaster_gui.evaluation.network import NetworkMethod
from remaster_gui.evaluation.protocols import SHORT, Case, whole_clip
from remaster_gui.model import COMPACT, RemasterNetwork
from remaster_gui.model.temporal import WholeClip


def test_copying_is_perfect_for_a_still(panned: Callable[..., np.ndarray]) -> None:
    row = Measurement(whole_clip("still", panned(4), SHORT), "colorization").run("copy", copy)
    assert row.psnr == 100.0
    assert row.ssim == pytest.approx(1.0)


def test_flow_carries_colors_with_a_moving_camera(panned: Callable[..., np.ndarray]) -> None:
    measurement = Measurement(whole_clip("pan", panned(8, 96, 128, step=2), SHORT), "colorization")
    carried, copied = measurement.run("flow", flow), measurement.run("copy", copy)
    assert carried.psnr > copied.psnr + 6
    inner = np.s_[16:-16, 24:-24]
    for index, picture in enumerate(flow(measurement.problem)):
        assert picture.chrominance is not None
        assert np.abs(picture.chrominance - measurement.case.chrominance(index))[inner].mean() < 0.006


@pytest.mark.parametrize("method", [copy, flow])
def test_each_frame_takes_the_nearest_reference_and_of_two_the_earlier(
    panned: Callable[..., np.ndarray], method: Method
) -> None:
    still = panned(11)
    luminance = np.stack([rgb_to_lab(to_unit(frame))[0] for frame in still])
    red, blue = np.zeros((2, *still.shape[1:]), np.float32)
    red[..., 0], blue[..., 2] = 1.0, 1.0
    problem = Problem("colorization", luminance, {2: red, 8: blue}, (FrameRange(0, 11),))
    is_red = []
    for picture in method(problem):
        assert picture.chrominance is not None
        is_red.append(bool(picture.chrominance[..., 1].mean() > 0.5))
    assert is_red == [True] * 6 + [False] * 5


def test_the_median_removes_what_lasts_one_frame(panned: Callable[..., np.ndarray]) -> None:
    clean = np.stack([rgb_to_lab(to_unit(frame))[0] for frame in panned(5)])
    spotted = clean.copy()
    spotted[2, 10:20, 10:20] = 1.0
    problem = Problem("restoration", spotted, {}, (FrameRange(0, 5),))
    for index, picture in enumerate(temporal_median(problem)):
        assert np.array_equal(picture.luminance, clean[index])


def test_the_median_stays_within_its_range() -> None:
    frames = np.stack([np.full((16, 16), level, np.float32) for level in (0.9, 0.1, 0.2, 0.8)])
    results = list(temporal_median(Problem("restoration", frames, {}, (FrameRange(1, 3),))))
    assert [float(picture.luminance[0, 0]) for picture in results] == pytest.approx([0.1, 0.2])


def test_non_local_means_removes_noise(damaged: Callable[..., np.ndarray]) -> None:
    clean = np.tile(np.linspace(0.2, 0.8, 64, dtype=np.float32), (2, 64, 1))
    noisy = damaged(clean, 1)
    problem = Problem("restoration", noisy, {}, (FrameRange(0, 2),))
    results = np.stack([picture.luminance for picture in non_local_means(problem)])
    assert ((results - clean) ** 2).mean() < ((noisy - clean) ** 2).mean() / 2


def test_followed_colours_are_those_of_the_references(
    panned: Callable[..., np.ndarray], full_weights: Path
) -> None:
    case = whole_clip("a", panned(5, 64, 80, step=1), SHORT)
    problem = Measurement(case, "colorization").problem
    network = LoadedNetwork.load(full_weights, "cpu").network
    off = [
        np.mean([
            np.abs(picture.chrominance - case.chrominance(index)).mean()
            for index, picture in enumerate(NetworkMethod(network, follows=follows)(problem))
            if picture.chrominance is not None
        ])
        for follows in (False, True)
    ]  # fmt: skip
    assert off[1] < off[0]


def test_what_is_masked_out_of_references_gives_no_colour(
    panned: Callable[..., np.ndarray], full_weights: Path
) -> None:
    case = whole_clip("a", panned(3, 64, 80, step=1), SHORT)
    masked = np.zeros(case.rgb.shape[1:3], bool)
    masked[16:48, 20:50] = True
    luma = case.reference(0) @ np.array([0.299, 0.587, 0.114], np.float32)
    network = LoadedNetwork.load(full_weights, "cpu").network
    results = []
    for tint in (-0.2, 0.2):
        painted = np.stack([luma + tint, luma - tint * 0.299 / 0.587, luma], axis=-1).clip(0, 1)
        shown = np.where(masked[..., None], painted, case.reference(0))
        problem = Problem("colorization", case.luminance, {0: shown}, case.measured)
        for each in (problem, replace(problem, covered=masked)):
            pictures = list(NetworkMethod(network, follows=True)(each))
            results.append(np.stack([p.chrominance for p in pictures if p.chrominance is not None]))
    seen, hidden = np.abs(results[0] - results[2]), np.abs(results[1] - results[3])
    assert hidden.max() < 0.02 < 0.05 < seen.max() and hidden.mean() < seen.mean() / 20


@pytest.mark.parametrize("task", METHODS)
def test_all_methods_deliver_the_measured_frames(
    panned: Callable[..., np.ndarray], damaged: Callable[..., np.ndarray], task: EvaluationTask
) -> None:
    case = Case("a", panned(6, 48, 64), (0, 4), (FrameRange(1, 3), FrameRange(5, 6)))
    problem = Measurement(case, task, damaged).problem
    for method in METHODS[task].values():
        pictures = list(method(problem))
        assert len(pictures) == 3
        assert all(picture.luminance.shape == (48, 64) for picture in pictures)


def test_the_network_is_run_as_one_piece_would_be(panned: Callable[..., np.ndarray]) -> None:
    torch.manual_seed(0)
    network = RemasterNetwork(COMPACT)
    case = whole_clip("a", panned(7, 48, 64, step=1), SHORT)
    problem = Measurement(case, "remastering", lambda luminance, seed: luminance).problem
    pictures = list(NetworkMethod(network)(problem))
    assert network.training
    network.eval()
    with torch.inference_mode():
        luminance = network.restore(torch.from_numpy(problem.luminance)[None, None])
        reference = torch.from_numpy(problem.references[0]).permute(2, 0, 1)[None, None]
        chrominance = network.colorize(luminance, [network.encode_references(reference)], WholeClip(span=2))
    for index, picture in enumerate(pictures):
        assert picture.chrominance is not None
        assert np.abs(picture.luminance - luminance[0, 0, index].numpy()).max() < 1e-4
        expected = chrominance[0, :, index].permute(1, 2, 0).numpy()
        assert np.abs(picture.chrominance - expected).max() < 1e-4
    assert len(pictures) == 7
