"""Motion is looked for while the networks are at work on something else."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from remaster_gui.engine.sizes import Size
from remaster_gui.engine.stream import Pass, ShotStream
from remaster_gui.model import (
    ColorizationConfig,
    ModelConfig,
    RemasterNetwork,
    RestorationConfig,
    neighbours,
    steadying,
)
from remaster_gui.model import motion as flows
from remaster_gui.model.restoration import RestorationNetwork
from remaster_gui.model.temporal import Limits

SIZE = Size(48, 32)
WINDOW, FRAMES = 3, 12


@pytest.fixture(scope="module")
def network() -> RemasterNetwork:
    """A small network that looks for motion in both halves."""
    torch.manual_seed(0)
    restoration = RestorationConfig(width=1 / 16, tones=True, neighbours=True)
    color = ColorizationConfig(width=1 / 16, key_channels=8, carried_color=True, steady_color=True)
    return RemasterNetwork(ModelConfig("tiny", restoration, color)).fold()


def test_motion_of_a_window_is_looked_for_while_the_one_before_is_restored(
    network: RemasterNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    begin, repair = flows.begin_flow, RestorationNetwork.repair

    def begun(around: torch.Tensor, shifts: Sequence[int]) -> flows.Motion:
        number = sum(event.startswith("begin") for event in events)
        events.append(f"begin {number}")
        wait = begin(around, shifts)

        def motion() -> torch.Tensor:
            events.append(f"wait {number}")
            return wait()

        return motion

    def repaired(self: RestorationNetwork, *rest: object) -> torch.Tensor:
        events.append("repair")
        return repair(self, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(neighbours, "begin_flow", begun)
    monkeypatch.setattr(RestorationNetwork, "repair", repaired)
    work = Pass(network, (), SIZE, SIZE, colorization=False, limits=Limits(WINDOW))
    stream, film = ShotStream(work), torch.rand(FRAMES, SIZE.height, SIZE.width)
    for start in range(0, FRAMES, WINDOW):
        for _ in stream.push(film[start : start + WINDOW], start + WINDOW == FRAMES):
            pass
    windows = sum(event.startswith("begin") for event in events)
    expected = ["begin 0"]
    for number in range(1, windows):
        expected += [f"begin {number}", f"wait {number - 1}", "repair"]
    assert windows > 2 and events == [*expected, f"wait {windows - 1}", "repair"]


def test_motion_for_steadying_is_looked_for_before_colours_are_found(
    network: RemasterNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    begin = flows.begin_flow

    def begun(around: torch.Tensor, shifts: Sequence[int]) -> flows.Motion:
        events.append("begin")
        wait = begin(around, shifts)

        def motion() -> torch.Tensor:
            events.append("wait")
            return wait()

        return motion

    last = network.colorization.decoder[0]
    monkeypatch.setattr(steadying, "begin_flow", begun)
    watch = last.register_forward_hook(lambda *_: events.append("decode"))
    work = Pass(network, (), SIZE, SIZE, restoration=False, limits=Limits(WINDOW))
    try:
        for _ in ShotStream(work).push(torch.rand(FRAMES, SIZE.height, SIZE.width), last=True):
            pass
    finally:
        watch.remove()
    assert events == ["begin", "decode", "wait"]
