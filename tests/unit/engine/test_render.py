"""Rendering with references that the editor hands over, and with the editor's own cuts."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator
from fractions import Fraction
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch

from remaster_gui.base.errors import SettingsError, StorageError
from remaster_gui.base.notices import Progress
from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine.messages import Reference, Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.schemes import scheme_of
from remaster_gui.engine.session import CancelledError
from remaster_gui.engine.source import film_notices
from remaster_gui.media import PRESETS, Film, open_film
from remaster_gui.model.precision import FULL, MIXED

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


def test_joining_fields_that_no_header_tells_of_is_said(film: Path) -> None:
    for joined in (False, True):
        with open_film(film, deinterlace=joined) as opened:
            said = [notice.text for notice in film_notices(opened, deinterlace=joined)]
        assert [text for text in said if "as if the upper one came first" in text] == said
        assert len(said) == joined


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


def test_a_range_of_frames_means_frames_whatever_numbers_pictures_bear(
    weights: Path, tmp_path: Path, textured: Callable[..., np.ndarray]
) -> None:
    """What the editor hands over counts from 0; a typed range means the pictures' own numbers."""
    scans = tmp_path / "scans"
    scans.mkdir()
    for number, picture in enumerate(textured(6, 64, 80), 1):
        cv2.imwrite(str(scans / f"s_{number:04d}.png"), np.rint(picture * 255).astype(np.uint8))
    written = []
    for span in (FrameRange(2, 4), "2:4"):
        output = tmp_path / f"out {len(written)}"
        settings = Settings(edge=64, colorization=False, luminance="source")
        run(RenderRequest(
            scans, output, weights=weights, preset="png16", settings=settings, device="cpu", span=span,
            shots=(FrameRange(0, 6),),
        ))  # fmt: skip
        written.append([path.name[-10:] for path in sorted(output.iterdir())])
    assert written == [["000003.png", "000004.png"], ["000002.png", "000003.png"]]
    with pytest.raises(SettingsError, match=r"4:7 lies outside the film, which has 6 frames"):
        run(RenderRequest(scans, tmp_path / "more", weights=weights, preset="png16", span=FrameRange(4, 7)))


def test_pictures_run_at_the_rate_that_is_given(
    weights: Path, tmp_path: Path, textured: Callable[..., np.ndarray]
) -> None:
    (tmp_path / "scans").mkdir()
    for index, luma in enumerate(textured(4, 64, 96)):
        cv2.imwrite(str(tmp_path / "scans" / f"{index:04d}.png"), (luma * 255).astype(np.uint8))
    output = tmp_path / "out.mkv"
    more = ["--size", "64", "--device", "cpu", "--no-colorization", "--weights", str(weights)]
    assert main(["render", str(tmp_path / "scans"), "--rate", "23.976", "--output", str(output), *more]) == 0
    with open_film(output) as film:
        assert film.info.rate == Fraction(24000, 1001)
    assert main(["render", str(output), "--rate", "18", "--output", str(tmp_path / "b.mkv"), *more]) == 2


def test_parts_that_are_there_need_no_room_again(
    film: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that filled up is asked for what is still missing, not for the whole film."""
    output = tmp_path / "out.mkv"
    needed = PRESETS["ffv1-16"].room_bytes(128, 96, FRAMES)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=needed - 1000))
    request = RenderRequest(
        film, output, weights=weights, preset="ffv1-16", settings=Settings(edge=64), device="cpu"
    )
    with pytest.raises(StorageError, match="free"):
        run(request)
    folder = tmp_path / ".out.mkv.remaster"
    folder.mkdir()
    (folder / "0000000-0000006.mkv").write_bytes(bytes(1000))
    run(request)
    assert output.is_file() and not folder.exists()


def test_the_search_for_cuts_tells_how_far_it_is_and_can_be_stopped(
    film: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(film: Film, digest: str, cancel: Event) -> Generator[Progress, None, list[FrameRange]]:
        for frame in range(2000):
            if cancel.is_set():
                break
            yield Progress(frame, 2000)
        return [FrameRange(0, FRAMES)]

    monkeypatch.setattr("remaster_gui.engine.render_plan.shots_of", search)
    cancel, notes = Event(), []
    request = RenderRequest(
        film, tmp_path / "out.mkv", weights=weights, settings=Settings(edge=64), device="cpu"
    )
    with pytest.raises(CancelledError):
        for step in render(request, cancel):
            if isinstance(step, Progress) and step.doing.startswith("Looking for cuts"):
                notes.append(step.doing)
                if step.doing.endswith(" 50\N{NO-BREAK SPACE}%"):
                    cancel.set()
    assert notes == [f"Looking for cuts: {share}\N{NO-BREAK SPACE}%" for share in range(51)], (
        "each percent, not each frame"
    )
    assert {path.name for path in tmp_path.iterdir()} == {"film.mkv"}


def test_the_authors_numbers_come_of_float32_whatever_the_device_prefers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("remaster_gui.engine.schemes.best_precision", lambda _: MIXED)
    device = torch.device("cpu")
    assert scheme_of(Settings(authors_scheme=True)).precision(device) == FULL
    assert scheme_of(Settings()).precision(device) == MIXED
