"""The systems that the paper compares with as methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from remaster_gui.base.color import rgb_to_lab, to_unit
from remaster_gui.base.timebase import FrameRange
from remaster_gui.evaluation.methods import LabPicture, Problem
from remaster_gui.evaluation.rival_methods import Remembering, method_of, one_after_the_other
from remaster_gui.model.rivals import systems
from remaster_gui.model.rivals.dncnn import DnCNNConfig
from remaster_gui.model.rivals.vondrick import VondrickConfig
from remaster_gui.model.rivals.wdsr import WDSRConfig
from remaster_gui.model.rivals.zhang import ZhangConfig

FRAMES = 5


@pytest.fixture
def problem(panned: Callable[..., np.ndarray]) -> Problem:
    rgb = panned(FRAMES, 32, 48, step=1)
    luminance = np.stack([rgb_to_lab(to_unit(frame))[0] for frame in rgb])
    references = {0: to_unit(rgb[0]), 3: np.ascontiguousarray(to_unit(rgb[3])[..., ::-1])}
    return Problem("colorization", luminance, references, (FrameRange(0, FRAMES),))


def small(config: systems.RivalConfig) -> systems.RivalNetwork:
    torch.manual_seed(0)
    return systems.build(config)


@pytest.mark.parametrize("config", [DnCNNConfig(0.13, 3), WDSRConfig(0.25, 1)], ids=["dncnn", "wdsr"])
def test_restorers_deliver_grey_frames_within_range(config: systems.RivalConfig, problem: Problem) -> None:
    loud = replace(problem, task="restoration", luminance=problem.luminance * 3 - 1)
    pictures = list(method_of(small(config))(loud))
    assert len(pictures) == FRAMES
    for picture in pictures:
        assert picture.chrominance is None
        assert picture.luminance.min() >= 0 and picture.luminance.max() <= 1


def test_vondrick_keeps_references_and_starts_anew_from_each(problem: Problem) -> None:
    network = small(VondrickConfig(0.03))
    pictures = list(method_of(network)(problem))
    for index, rgb in problem.references.items():
        np.testing.assert_allclose(pictures[index].chrominance, rgb_to_lab(rgb)[1], atol=1e-6)
    alone = replace(problem, references={3: problem.references[3]}, measured=(FrameRange(3, FRAMES),))
    np.testing.assert_allclose(
        pictures[4].chrominance, list(method_of(network)(alone))[1].chrominance, atol=1e-5
    )
    assert network.training


def test_zhang_gets_the_reference_next_in_time_as_a_whole(problem: Problem) -> None:
    method = method_of(small(ZhangConfig(0.03)))
    both = [picture.chrominance for picture in method(problem)]
    for first, indices in ((0, (0, 1)), (3, (2, 3, 4))):
        mirrored = np.ascontiguousarray(problem.references[first][:, ::-1])
        alone = list(method(replace(problem, references={first: mirrored})))
        for index in indices:  # where a colour is does not matter, nor do other references
            np.testing.assert_allclose(both[index], alone[index].chrominance, atol=1e-4)
    assert not np.array_equal(both[1], next(method(replace(problem, references={}))).chrominance)


def test_both_halves_one_after_the_other(problem: Problem) -> None:
    restorer, colorer = method_of(small(DnCNNConfig(0.13, 3))), method_of(small(VondrickConfig(0.03)))
    remastering = replace(problem, task="remastering")
    pictures = list(one_after_the_other(restorer, colorer)(remastering))
    restored = [picture.luminance for picture in restorer(remastering)]
    runs: list[Problem] = []

    def counted(problem: Problem) -> Iterator[LabPicture]:
        runs.append(problem)
        return restorer(problem)

    remembering = Remembering(counted)
    for film in (remastering, remastering, replace(remastering, luminance=problem.luminance.copy())):
        again = list(one_after_the_other(remembering, colorer)(film))
        np.testing.assert_array_equal([picture.luminance for picture in again], restored)
    assert len(runs) == 2
    np.testing.assert_array_equal([picture.luminance for picture in pictures], restored)
    colored = list(colorer(replace(problem, luminance=np.stack(restored))))
    for picture, expected in zip(pictures, colored, strict=True):
        np.testing.assert_array_equal(picture.chrominance, expected.chrominance)
