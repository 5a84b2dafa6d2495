"""A render for a studio's own scheduler: planned, made part by part, joined, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remaster_gui.cli import main


@pytest.fixture
def command(
    tmp_path: Path, weights: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]
) -> list[str]:
    """Options of a render of two shots; the output is to be appended."""
    film = write_film(tmp_path / "film.mkv", two_shots(16, 64, 80))
    return [
        str(film),
        "--weights",
        str(weights),
        "--size",
        "64",
        "--device",
        "cpu",
        "--no-colorization",
        "--output",
    ]


def test_an_open_job_description_gives_the_bytes_of_a_render(command: list[str], tmp_path: Path) -> None:
    whole, output, template = tmp_path / "whole.mkv", tmp_path / "out.mkv", tmp_path / "job.yaml"
    assert main(["render", *command, str(whole)]) == 0
    assert main(["job", *command, str(output), "--openjd", str(template)]) == 0
    folder = tmp_path / ".out.mkv.remaster"
    assert not output.exists() and list(folder.glob("[0-9]*")) == []
    program = tmp_path / "remaster"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m remaster_gui "$@"\n')
    program.chmod(0o755)
    openjd = [str(Path(sys.executable).with_name("openjd")), "run", str(template)]
    done = subprocess.run(
        [*openjd, "-p", f"Folder={folder}", "-p", f"Program={program}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert output.read_bytes() == whole.read_bytes()
    assert not folder.exists()


def test_parts_and_their_joining_by_hand(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, folder = tmp_path / "out.mkv", tmp_path / ".out.mkv.remaster"
    assert main(["part", str(folder), "0"]) == 2
    assert "There is no job in" in capsys.readouterr().err
    assert main(["job", *command, str(output)]) == 0
    said = capsys.readouterr()
    assert f"Parts to be made: 2, in {folder}" in said.out
    assert main(["part", str(folder), "2"]) == 2
    assert main(["bench", "--farm", str(folder)]) == 2
    assert "No part of the job" in capsys.readouterr().err
    assert main(["part", str(folder), "1"]) == 0
    assert main(["assemble", str(folder)]) == 2
    assert "Part 0 of out.mkv is missing" in capsys.readouterr().err
    assert main(["part", str(folder), "0"]) == 0
    assert main(["assemble", str(folder), "--sign", str(output), str(output)]) == 2
    assert "Only .mp4 and .mov films are signed" in capsys.readouterr().err
    assert main(["assemble", str(folder), "--archive"]) == 0
    for name in ("out.mkv.report.html", "out.mkv.framemd5", "out.mkv.source.framemd5"):
        assert (tmp_path / name).is_file()
    assert output.exists() and not folder.exists()
