"""A project is rendered from the command line as the editor exports it: each shot by its own settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from remaster_gui import api
from remaster_gui.base.choices import ShotSettings
from remaster_gui.cli import main
from remaster_gui.project.schema import ProjectSettings

FRAMES = 12


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable[..., np.ndarray], write_film: Callable[..., Path]) -> Path:
    return write_film(tmp_path / "film.mkv", two_shots(FRAMES, 64, 80))


@pytest.fixture
def project(film: Path) -> Path:
    path = film.with_suffix(".remaster")
    with api.ProjectFile.create(path, film) as file:
        made = api.edits.with_settings(file.project, ProjectSettings(edge=64, colorization=False))
        made = api.edits.with_segment(api.edits.with_cuts(made, [6]), 2, None)
        file.edit(api.edits.with_shot_settings(made, 6, ShotSettings(restoration_strength=0.25)))
    return path


def command(project: Path, weights: Path, *more: str) -> list[str]:
    output = project.with_name("out.mkv")
    return ["render", str(project), "-o", str(output), "--weights", str(weights), "--device", "cpu", *more]


def test_a_project_is_rendered_as_the_editor_exports_it(project: Path, weights: Path) -> None:
    assert main(command(project, weights, "--preset", "ffv1-16")) == 0
    with api.ProjectFile.open(project, read_only=True) as file:
        request = file.request(project.with_name("same.mkv"), weights=weights, preset="ffv1-16", device="cpu")
        report = api.remaster(request)
    assert (report.frames, [(str(shot), s.restoration_strength) for shot, s in report.own.items()]) == (
        10,
        [("6:12", 0.25)],
    )
    assert project.with_name("out.mkv").read_bytes() == project.with_name("same.mkv").read_bytes()


@pytest.mark.parametrize(
    "more",
    [
        ["--references", "colours"], ["--size", "320"], ["--luminance", "restored"], ["--saturation", "1"],
        ["--no-colorization"], ["--rate", "18"], ["--cuts", "edit.edl"], ["--vividness", "0"],
        ["--follow-motion"], ["--no-follow-motion"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_a_project_says_itself_is_not_said_again(
    project: Path, weights: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command(project, weights, *more)) == 2
    assert f"film.remaster says itself what {more[0]} would say" in capsys.readouterr().err
    assert not project.with_name("out.mkv").exists()


def test_weights_that_a_project_names_are_not_loaded_unasked(
    project: Path, weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with api.ProjectFile.open(project) as file:
        file.edit(api.edits.with_settings(file.project, ProjectSettings(edge=64, weights=weights)))
    assert main(["render", str(project), "-o", str(project.with_name("out.mkv"))]) == 2
    assert "names weights of its own; allow them with --weights" in capsys.readouterr().err


def test_a_film_of_another_length_is_not_taken_for_the_projects(
    project: Path, film: Path, weights: Path, two_shots: Callable[..., np.ndarray],
    write_film: Callable[..., Path], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    film.unlink()
    write_film(film, two_shots(FRAMES - 2, 64, 80))
    assert main(command(project, weights)) == 2
    assert "film.mkv has 10 frames, and film.remaster is about a film of 12" in capsys.readouterr().err
