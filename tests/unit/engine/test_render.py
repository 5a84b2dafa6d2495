"""Rendering with references that the editor hands over, and with the editor's own cuts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import cv2
import numpy as np
import pytest

from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import RenderRequest, render

FRAMES = 12


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    return write_film(tmp_path / "film.mkv", two_shots(FRAMES, 96, 128))


def pictures() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    deep = cv2.resize(rng.integers(0, 65536, (8, 8, 3), np.uint16), (80, 96))
    return {"a.png": rng.integers(0, 256, (96, 128, 3), np.uint8), "b.png": deep}


def run(request: RenderRequest) -> None:
    for _ in render(request, Event()):
        pass


@pytest.mark.parametrize("preset", ["ffv1-16", "prores-hq"])
def test_references_handed_over_give_the_bytes_of_references_in_a_folder(
    film: Path, weights: Path, tmp_path: Path, preset: str
) -> None:
    folder = tmp_path / "references"
    folder.mkdir()
    for name, picture in pictures().items():
        cv2.imwrite(str(folder / name), picture[..., ::-1])
    suffix = ".mkv" if preset == "ffv1-16" else ".mov"
    ours, theirs = (tmp_path / f"{name}{suffix}" for name in ("ours", "theirs"))
    references = tuple(Reference(n, n, lambda p=p: p) for n, p in pictures().items())  # type: ignore[misc]
    request = RenderRequest(
        film, ours, references, weights=weights, preset=preset, settings=Settings(edge=64), device="cpu",
        span="3:10",
    )  # fmt: skip
    run(request)
    arguments = ["--references", folder, "--output", theirs, "--weights", weights, "--preset", preset]
    more = ["--size", "64", "--device", "cpu", "--range", "3:10"]
    assert main(["render", str(film), *map(str, arguments), *more]) == 0
    assert ours.read_bytes() == theirs.read_bytes()


def test_shots_that_are_given_are_not_looked_for(film: Path, weights: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mkv"
    shots = (FrameRange(0, 4), FrameRange(4, FRAMES))
    run(RenderRequest(film, output, weights=weights, settings=Settings(edge=64), device="cpu", shots=shots))
    report = json.loads(Path(f"{output}.report.json").read_text())
    assert report["shots"] == ["0:4", "4:12"]
