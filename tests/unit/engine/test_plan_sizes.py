"""Whatever the film's size and the memory, no tensor has so many numbers that operations on GPUs cannot count them.

The networks run without numbers, on PyTorch's device `meta`, which knows shapes alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from remaster_gui.base.errors import DeviceError
from remaster_gui.engine import device as planning
from remaster_gui.engine.device import Plan, make_plan
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.tiles import tile_picture
from remaster_gui.model import COMPACT, PAPER, ModelConfig, RemasterNetwork, motion, neighbours
from remaster_gui.model.precision import MIXED
from remaster_gui.model.temporal import MoreFramesNeededError, StreamingState

GPU = torch.device("cuda")
SIZES = (Size(432, 320), Size(1920, 1440), Size(8192, 4320))
EDGES = (320, 720, 2160)
MEMORY = (12, 1000)
"""GiB that are free on the made-up device."""


class _Largest(TorchDispatchMode):
    """Notes the largest number of elements that any operation gives back."""

    elements = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for each in out if isinstance(out, tuple | list) else (out,):
            if isinstance(each, Tensor):
                self.elements = max(self.elements, each.numel())
        return out


@pytest.fixture(autouse=True)
def made_up_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "best_precision", lambda device: MIXED)


def _network(config: ModelConfig) -> RemasterNetwork:
    with torch.device("meta"):
        network = RemasterNetwork(config)
    return network.eval().requires_grad_(False)


NETWORKS = {config.name: config for config in (PAPER, COMPACT)}


@pytest.fixture(params=NETWORKS, scope="module")
def network(request: pytest.FixtureRequest) -> RemasterNetwork:
    return _network(NETWORKS[request.param])


def _plans(config: ModelConfig, size: Size, edge: int) -> Iterator[tuple[Plan, Size]]:
    """Yield the different plans for a film, and its working size."""
    working, seen = working_size(size, edge), set()
    for gigabytes in MEMORY:
        try:
            plan = make_plan(config, size, working, Settings(edge=edge), GPU, gigabytes * 2**30)
        except DeviceError:
            continue
        if (plan.window, plan.tile_edge) not in seen:
            seen.add((plan.window, plan.tile_edge))
            yield plan, working


@torch.inference_mode()
def _restore(network: RemasterNetwork, size: Size, plan: Plan) -> int:
    """Restore the largest tile of a shot to its end; return the largest number of elements met."""
    height, width = (-(-edge // 4) * 4 for edge in (size.height, size.width))
    tiles = tile_picture(height, width, plan.tile_edge or max(height, width))
    rows, columns = max(
        (t.outer for t in tiles), key=lambda o: (o[0].stop - o[0].start) * (o[1].stop - o[1].start)
    )
    shape = rows.stop - rows.start, columns.stop - columns.start
    with _Largest() as largest:
        state = StreamingState(limits=plan.limits)
        for push in range(4):
            state.last = push == 3
            try:
                network.restoration.repair(torch.empty(1, plan.window, 1, *shape, device="meta"), state)
            except MoreFramesNeededError:
                continue
        # What needs whole frames, of the shortest shot and at the end of a longer one.
        for frames in {1, plan.window}:
            whole = StreamingState(limits=plan.limits)
            whole.last = True
            network.restoration.begin(torch.empty(1, frames, 1, height, width, device="meta"), whole)()
    return largest.elements


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Say that nothing moves: motion is found frame by frame on the processor, from pixels that are not there."""

    def no_flow(around: torch.Tensor, shifts: Sequence[int]) -> motion.Motion:
        batch, frames, _, height, width = around.shape
        count = frames - 2 * max(map(abs, shifts))
        return lambda: torch.zeros(batch, len(shifts) * count, height, width, 2, device=around.device)

    monkeypatch.setattr(neighbours, "begin_flow", no_flow)


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_restoration_stays_countable(network: RemasterNetwork, size: Size) -> None:
    for plan, _ in _plans(network.config, size, 320):
        assert 0 < _restore(network, size, plan) < 2**31, plan


def test_colorization_stays_countable() -> None:
    """Its largest tensors are those of the decoder, of 48 numbers a pixel in the paper's network."""
    for config, numbers in ((PAPER, 48), (COMPACT, 24)):
        for edge in EDGES:
            plans = list(_plans(config, Size(8192, 4320), edge))
            assert plans
            assert all(plan.window * numbers * working.pixels < 2**31 for plan, working in plans)


def test_one_piece_would_not_be_countable() -> None:
    """What planning avoids: the paper's network over 1920x1440 in one piece."""
    network = _network(PAPER)
    plan = Plan(16, None, 2**28)
    assert _restore(network, Size(1920, 1440), plan) >= 2**31


def test_less_memory_gives_smaller_pieces_of_the_same_film() -> None:
    pieces = []
    for gigabytes in (80, 24, 12, 9):
        plan = make_plan(PAPER, SIZES[1], working_size(SIZES[1]), Settings(), GPU, gigabytes * 2**30)
        pieces.append((plan.tile_edge or 10**4) ** 2 * plan.window)
        halved = plan.halved()
        assert halved.window < plan.window or plan.window == 1
        assert dataclasses.replace(halved, window=plan.window) != plan
    assert pieces == sorted(pieces, reverse=True) and pieces[0] > pieces[-1]
