"""A shot is looked at as a whole, whichever part of it is made."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import pytest
import torch

from remaster_gui.base.arrays import Float
from remaster_gui.base.timebase import FrameRange
from remaster_gui.engine.shot_look import LOOKED_AT, look_at, looked_at, needs_look
from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, walk
from remaster_gui.model import ColorizationConfig, ModelConfig, RemasterNetwork, RestorationConfig
from remaster_gui.model.shot_tones import CELLS

SIZE, SHOT = Size(32, 24), FrameRange(3, 40)


@pytest.fixture
def network() -> RemasterNetwork:
    """A small network whose tones do something."""
    torch.manual_seed(0)
    restoration = RestorationConfig(width=1 / 16, shot_tones=True)
    network = RemasterNetwork(
        ModelConfig("tiny", restoration, ColorizationConfig(width=1 / 16, key_channels=8))
    )
    tones = network.restoration.shot_tones
    assert tones is not None
    for parameter in tones.deciding.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    return network.fold()


@pytest.fixture
def film() -> Float:
    """A film that gets brighter."""
    rng = np.random.default_rng(0)
    frames = rng.random((SHOT.stop, SIZE.height, SIZE.width), np.float32)
    return frames * np.linspace(0.2, 1, SHOT.stop, dtype=np.float32)[:, None, None]


def restored(network: RemasterNetwork, film: Float, span: FrameRange) -> list[Float]:
    def windows(needed: FrameRange) -> Generator[Float]:
        for start in range(needed.start, needed.stop, 4):
            yield film[start : min(start + 4, needed.stop)]

    work = Pass(network, (), SIZE, SIZE, colorization=False)
    return [frame.luminance for frames in walk(work, SHOT, span, windows) for frame in frames]


def test_a_long_shot_is_looked_at_at_even_distances_and_a_short_one_whole() -> None:
    assert looked_at(FrameRange(5, 9)) == [5, 6, 7, 8]
    found = looked_at(FrameRange(100, 1300))
    assert len(found) == LOOKED_AT and set(np.diff(found)) == {100}
    assert found[0] == 150 and found[-1] == 1250


def test_a_look_holds_small_frames_of_the_shot_alone(film: Float) -> None:
    asked: list[FrameRange] = []

    def windows(needed: FrameRange) -> Generator[Float]:
        asked.append(needed)
        yield film[needed.start : needed.stop]

    seen = look_at(SHOT, windows)
    assert seen.shape == (1, LOOKED_AT, 1, CELLS, CELLS)
    assert [span.start for span in asked] == looked_at(SHOT) and all(len(span) == 1 for span in asked)
    assert seen.mean((0, 2, 3, 4)).tolist() == pytest.approx(film[looked_at(SHOT)].mean((1, 2)), abs=0.02)


def test_a_part_of_a_shot_comes_out_as_within_the_whole(network: RemasterNetwork, film: Float) -> None:
    whole = restored(network, film, SHOT)
    part = restored(network, film, FrameRange(20, 25))
    for alone, within in zip(part, whole[17:22], strict=True):
        np.testing.assert_array_equal(alone, within)
    assert abs(whole[17] - film[20]).max() > 1e-3


def test_the_first_frame_depends_on_the_whole_shot(network: RemasterNetwork, film: Float) -> None:
    first = FrameRange(SHOT.start, SHOT.start + 1)
    before = restored(network, film, first)[0]
    film[-8:] = 0.9
    assert abs(restored(network, film, first)[0] - before).max() > 1e-4


def test_only_what_corrects_shots_asks_for_a_look(network: RemasterNetwork) -> None:
    assert needs_look(network)
    assert not needs_look(RemasterNetwork(network.config.changed(["restoration.shot_tones=off"])))
