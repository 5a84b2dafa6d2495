"""Rendering from the command line: what comes out, what a stopped run leaves, and what a rerun makes of it."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from remaster_gui.base.timebase import FrameRange
from remaster_gui.cli import main
from remaster_gui.engine.messages import Settings
from remaster_gui.engine.render import render
from remaster_gui.engine.render_request import RenderRequest
from remaster_gui.engine.stages import STAGES
from remaster_gui.media import open_film

FILM = "a-bomb_blast_effects_part.mp4"
SHOTS = 3
FRAMES_PER_SHOT = 6


STOPPED = """
import os, sys
from pathlib import Path
from remaster_gui.cli import main

how, folder, *command = sys.argv[1:]
sent = []

def stop(event, arguments):
    # Whatever is written next gets its name only when it is whole: a step that always comes after the first part.
    if event == "os.rename" and not sent and any(Path(folder).glob("[0-9]*")):
        sent.append(how)
        os.kill(os.getpid(), int(how))

sys.addaudithook(stop)
sys.exit(main(command))
"""


@pytest.fixture
def film(
    tmp_path: Path,
    two_shots: Callable[[int, int, int], NDArray[np.float32]],
    write_film: Callable[[Path, NDArray[np.float32]], Path],
) -> Path:
    """A film of three shots."""
    luma = two_shots(2 * FRAMES_PER_SHOT, 64, 80)
    luma = np.concatenate([luma, luma[:FRAMES_PER_SHOT, :, ::-1] ** 2])
    return write_film(tmp_path / "film.mkv", luma)


@pytest.fixture
def command(film: Path, weights: Path, references: Path) -> list[str]:
    """Render the film; the output is to be appended."""
    return ["render", str(film), "--references", str(references), "--weights", str(weights),
            "--size", "64", "--device", "cpu", "--output"]  # fmt: skip


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _report(output: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(Path(f"{output}.report.json").read_text())
    return content


def _reused_frames(output: Path) -> int:
    return int(_report(output)["timing"]["frames_taken_from_an_earlier_run"])


def _finished_parts(output: Path) -> list[Path]:
    folder = output.with_name(f".{output.name}.remaster")
    return sorted(p for p in folder.glob("[0-9]*")) if folder.is_dir() else []


def _stopped(command: list[str], output: Path, how: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Render in a process of its own that gets a signal once, right after its first part was finished."""
    return subprocess.run(
        [sys.executable, "-c", STOPPED, f"{how:d}", output.with_name(f".{output.name}.remaster"), *command, output],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_real_film_keeps_its_frames_rate_size_and_range(
    shared: Path, full_weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, output = shared / "data" / "vintage" / FILM, tmp_path / "film.mp4"
    arguments = [
        source,
        "--references",
        shared / "data" / "vintage" / "refs_a-bomb",
        "--weights",
        full_weights,
    ]
    settings = ["--range", "42:46", "--size", "96", "--luminance", "working", "--device", "cpu"]
    assert main(["render", *map(str, arguments), *settings, "--output", str(output)]) == 0
    with open_film(source) as before, open_film(output) as after:
        assert after.info.frame_count == 4
        assert (after.info.width, after.info.height) == (before.info.width, before.info.height)
        assert after.info.rate == before.info.rate
        assert after.info.has_audio == before.info.has_audio
        # Restoration by random weights changes tones, but a cut stays where it was.
        for index in range(4):
            frame = after.read(index, "luma")
            assert float(frame.time) == pytest.approx(index / float(before.info.rate), abs=1e-3)
    report = _report(output)
    assert report["output"]["frames"] == 4
    assert "44:134" in report["shots"]
    assert str(output) in capsys.readouterr().out


def test_frames_are_in_step(film: Path, weights: Path, tmp_path: Path) -> None:
    """With the source's own luminance and no colour, every frame is the source's."""
    output = tmp_path / "same.mkv"
    settings = ["--no-colorization", "--luminance", "source", "--preset", "ffv1-16", "--size", "64"]
    assert main(["render", str(film), "--output", str(output), "--weights", str(weights), *settings]) == 0
    span = FrameRange(0, SHOTS * FRAMES_PER_SHOT)
    with open_film(film) as before, open_film(output) as after:
        assert after.info.frame_count == len(span)
        for ours, theirs in zip(after.frames(span), before.frames(span), strict=True):
            assert np.abs(ours.pixels.astype(np.int32) - theirs.pixels).max() < 66
            assert ours.time == theirs.time


def test_the_report_tells_what_made_the_output(command: list[str], tmp_path: Path, film: Path) -> None:
    output = tmp_path / "out.mkv"
    assert main([*command, str(output)]) == 0
    report = _report(output)
    assert report["output"]["frames"] == SHOTS * FRAMES_PER_SHOT
    assert Fraction(report["film"]["rate"]) == 24
    names = {reference["name"]: reference["frame"] for reference in report["references"]}
    assert names == {"ref_000007.png": 7, "b.jpg": None, "0000874_out.png": None}
    assert report["libraries"]["torch"]
    assert report["timing"]["seconds"] > 0
    assert report["shots"] == ["0:6", "6:12", "12:18"]
    rates = report["timing"]["rates"]
    assert list(rates) == list(STAGES)
    frames = {stage: rates[stage]["frames"] for stage in STAGES}
    # The motion around frame 7, which a reference shows, is followed through frames that are decoded once more.
    assert frames.pop("decode") > SHOTS * FRAMES_PER_SHOT
    assert set(frames.values()) == {SHOTS * FRAMES_PER_SHOT}
    assert all(rate["frames_a_second"] > 0 and rate["share"] >= 0 for rate in rates.values())
    assert max(rate["share"] for rate in rates.values()) > 0


def test_a_killed_run_goes_on_to_the_same_bytes(command: list[str], tmp_path: Path) -> None:
    undisturbed, output = tmp_path / "whole" / "out.mkv", tmp_path / "killed" / "out.mkv"
    undisturbed.parent.mkdir()
    output.parent.mkdir()
    assert main([*command, str(undisturbed)]) == 0

    assert _stopped(command, output, signal.SIGKILL).returncode == -signal.SIGKILL
    assert not output.exists()
    kept = {path: path.stat().st_mtime_ns for path in _finished_parts(output)}
    assert kept

    assert main([*command, str(output)]) == 0
    assert _hash(output) == _hash(undisturbed)
    assert _reused_frames(output) == FRAMES_PER_SHOT * len(kept)
    assert sorted(p.name for p in output.parent.iterdir()) == ["out.mkv", "out.mkv.report.json"]


def test_ctrl_c_stops_cleanly_and_keeps_finished_shots(command: list[str], tmp_path: Path) -> None:
    output = tmp_path / "out.mkv"
    process = _stopped(command, output, signal.SIGINT)
    assert process.returncode == 130
    assert "Traceback" not in process.stderr
    assert not output.exists()
    assert _finished_parts(output)


def test_other_settings_start_over(
    command: list[str], film: Path, weights: Path, references: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out.mkv"
    settings = Settings(edge=64)
    request = RenderRequest(
        film, output, references=references, weights=weights, device="cpu", settings=settings
    )
    with closing(render(request, Event())) as work:
        while not _finished_parts(output):
            next(work)
    assert main([*command, str(output), "--luminance", "working"]) == 0
    assert _reused_frames(output) == 0
