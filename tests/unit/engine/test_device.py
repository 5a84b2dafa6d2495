from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from remaster_gui.base.errors import DeviceError, is_out_of_memory
from remaster_gui.engine.device import Plan, free_memory, make_plan
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.sizes import Size, working_size
from remaster_gui.engine.tiles import tile_picture
from remaster_gui.model import COMPACT, PAPER

CPU = torch.device("cpu")


HD = Size(1920, 1080)


def _plan(free: float, size: Size = HD) -> Plan:
    return make_plan(PAPER, size, working_size(size), Settings(), CPU, int(free * 2**30))


def test_plenty_of_memory_needs_no_tiles() -> None:
    assert _plan(16, Size(640, 480)).tile_edge is None
    assert _plan(16, Size(640, 480)).window == 5


def test_less_memory_means_smaller_pieces() -> None:
    plans = [_plan(free) for free in (64, 16, 10, 8)]
    pixels = [(p.tile_edge or 10**4) ** 2 * p.window for p in plans]
    assert pixels == sorted(pixels, reverse=True) and pixels[0] > pixels[-1]


def test_far_too_little_memory_is_told() -> None:
    with pytest.raises(DeviceError, match=r"^[^\n]+\.$"):
        _plan(0.5)


def test_a_plan_can_be_halved_until_nothing_is_left() -> None:
    plan, seen = Plan(16, None, 2**24), 0
    with pytest.raises(DeviceError):
        while True:
            plan = plan.halved()
            seen += 1
    assert plan.window == 1 and 4 < seen < 12


def test_the_compact_network_fits_where_the_papers_does_not() -> None:
    assert make_plan(COMPACT, HD, working_size(HD), Settings(), CPU, 2 * 2**30).window >= 1
    with pytest.raises(DeviceError):
        _plan(2)


def test_running_out_of_memory_is_recognised() -> None:
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA"))
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(ImportError("libtorch_cpu.so: failed to map segment from shared object"))
    assert not is_out_of_memory(ImportError("No module named 'openexr'"))
    assert is_out_of_memory(
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    )
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    assert free_memory(CPU) > 2**20


@given(st.integers(1, 700), st.integers(1, 700), st.integers(64, 1024))
def test_tiles_cover_every_pixel_once(rows: int, columns: int, edge: int) -> None:
    height, width = 4 * rows, 4 * columns
    tiles = tile_picture(height, width, edge)
    area = 0
    for tile in tiles:
        (top, left), (outer_rows, outer_columns) = tile.inner, tile.outer
        area += (top.stop - top.start) * (left.stop - left.start)
        assert outer_rows.start % 4 == outer_columns.start % 4 == 0
        assert 0 <= outer_rows.start <= top.start < top.stop <= outer_rows.stop <= height
        assert top.stop - top.start <= edge + 3
        assert (tile.kept[0].stop - tile.kept[0].start) == top.stop - top.start
    assert area == height * width
    assert len({(t.inner[0].start, t.inner[1].start) for t in tiles}) == len(tiles)


@pytest.mark.parametrize(
    "text",
    [
        "alloc_cpu.cpp:121] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes.",
        "could not create a primitive",
        "could not execute a primitive",
        "could not create a memory object",
        "std::bad_alloc",
        "CUDA error: out of memory",
    ],
)
def test_every_way_of_saying_that_memory_ran_out_is_understood(text: str) -> None:
    assert is_out_of_memory(RuntimeError(text))


@pytest.mark.parametrize("text", ["shapes differ", "could not open the file"])
def test_other_faults_are_not_taken_for_it(text: str) -> None:
    assert not is_out_of_memory(RuntimeError(text))
