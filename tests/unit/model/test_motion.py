"""Motion is found in pictures of every shape."""

from __future__ import annotations

import threading
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from remaster_gui.model import motion
from remaster_gui.model.motion import begin_flow, dense_flow


@pytest.mark.parametrize(
    ("width", "height"),
    [(16, 16), (64, 12), (24, 2000), (1000, 16), (16, 1000), (4096, 31), (12, 64), (40, 1)],
)
@pytest.mark.parametrize("preset", [cv2.DISOPTICAL_FLOW_PRESET_FAST, cv2.DISOPTICAL_FLOW_PRESET_MEDIUM])
def test_flow_of_extreme_shapes(width: int, height: int, preset: int) -> None:
    """OpenCV fails, or ends the process, on some of these as they stand."""
    noise = np.random.default_rng(1).integers(0, 256, (height, width + 8), np.uint8)
    scene = cv2.GaussianBlur(noise, (0, 0), 2)
    here, other = (np.ascontiguousarray(scene[:, start : start + width]) for start in (2, 1))
    flow = dense_flow(cv2.DISOpticalFlow.create(preset), here, other)
    assert flow.shape == (height, width, 2) and np.isfinite(flow).all()
    if min(width, height) > 12:
        assert np.median(flow[..., 0]) == pytest.approx(1, abs=0.6)
        assert np.median(flow[..., 1]) == pytest.approx(0, abs=0.25)


def test_flow_of_a_wide_clip() -> None:
    clip = torch.rand(1, 3, 1, 16, 1000, generator=torch.Generator().manual_seed(0))
    flow = begin_flow(clip, (-1, 1))()
    assert flow.shape == (1, 2, 16, 1000, 2) and bool(torch.isfinite(flow).all())


def _film() -> torch.Tensor:
    """Six frames ``(1, 6, 1, 48, 64)`` that move by a pixel each; two of them are equal."""
    noise = np.random.default_rng(2).integers(0, 256, (48, 72), np.uint8)
    scene = torch.from_numpy(cv2.GaussianBlur(noise, (0, 0), 2)).float() / 255
    return torch.stack([scene[:, start : start + 64] for start in (0, 1, 2, 2, 3, 4)])[None, :, None]


def test_any_number_of_threads_finds_the_same_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    film = _film()
    found = []
    for threads in (1, 3, 64):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        found.append(begin_flow(film, (1, -1))())
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])
    later, earlier = found[0].chunk(2, dim=1)
    assert (later[:, 1] == 0).all() and (earlier[:, 2] == 0).all()
    inner = (slice(None), 0, slice(8, -8), slice(8, -8), 0)
    assert later[inner].median() == pytest.approx(-1, abs=0.3)
    assert earlier[inner].median() == pytest.approx(1, abs=0.3)


def test_films_of_a_batch_have_their_own_motion() -> None:
    film = _film()
    both = begin_flow(torch.cat([film, film.flip(1)]), (-1, 1, -2, 2))()
    assert torch.equal(both[:1], begin_flow(film, (-1, 1, -2, 2))())
    assert torch.equal(both[1:], begin_flow(film.flip(1), (-1, 1, -2, 2))())


def test_motion_is_looked_for_beside_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has begun goes on while the caller does something else, and need not be waited for."""
    searching, go_on = threading.Event(), threading.Event()
    search = motion.dense_flow

    def watched(*args: Any) -> NDArray[np.float32]:
        searching.set()
        assert go_on.wait(60)
        return search(*args)

    monkeypatch.setattr(motion, "dense_flow", watched)
    wait = begin_flow(_film(), (-1, 1))
    assert searching.wait(60)
    go_on.set()
    found = wait()
    monkeypatch.undo()
    assert torch.equal(found, begin_flow(_film(), (-1, 1))())


def test_what_fails_beside_the_caller_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(motion, "dense_flow", failing)
    with pytest.raises(MemoryError, match="no room"):
        begin_flow(_film(), (-1, 1))()


@pytest.mark.cuda
def test_motion_is_the_same_wherever_frames_are(cuda: torch.device) -> None:
    film = _film()
    found = begin_flow(film.to(cuda), (-1, 1))()
    assert found.device.type == "cuda"
    assert torch.equal(found.cpu(), begin_flow(film, (-1, 1))())
