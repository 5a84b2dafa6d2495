"""Motion is found in pictures of every shape."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.model.motion import dense_flow, optical_flow


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
    flow = optical_flow(clip, clip.roll(1, dims=-1))
    assert flow.shape == (1, 3, 16, 1000, 2) and bool(torch.isfinite(flow).all())


def _film() -> torch.Tensor:
    """Five frames ``(1, 5, 1, 48, 64)`` that move by a pixel each; two of them are equal."""
    noise = np.random.default_rng(2).integers(0, 256, (48, 72), np.uint8)
    scene = torch.from_numpy(cv2.GaussianBlur(noise, (0, 0), 2)).float() / 255
    return torch.stack([scene[:, start : start + 64] for start in (0, 1, 2, 2, 3)])[None, :, None]


def test_any_number_of_threads_finds_the_same_motion(monkeypatch: pytest.MonkeyPatch) -> None:
    film = _film()
    found = []
    for threads in (1, 3, 64):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        found.append(optical_flow(film[:, :-1], film[:, 1:]))
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])
    assert (found[0][:, 2] == 0).all()
    assert found[0][:, 0, 8:-8, 8:-8, 0].median() == pytest.approx(-1, abs=0.3)


@pytest.mark.cuda
def test_motion_is_the_same_wherever_frames_are(cuda: torch.device) -> None:
    film = _film()
    found = optical_flow(film[:, :-1].to(cuda), film[:, 1:].to(cuda))
    assert found.device.type == "cuda"
    assert torch.equal(found.cpu(), optical_flow(film[:, :-1], film[:, 1:]))
