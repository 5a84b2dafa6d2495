from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.api import ProjectFile, edits
from remaster_gui.base.errors import SettingsError
from remaster_gui.cli import cuts
from remaster_gui.cutlists import ListError


@pytest.fixture
def film(tmp_path: Path, two_shots: Callable, write_film: Callable) -> Path:
    """A film of 12 frames at 24 a second, with a cut at 6."""
    return write_film(tmp_path / "film.mkv", two_shots(12, 64, 80))


def run(*words: object) -> int:
    parser = argparse.ArgumentParser()
    cuts.add_parser(parser.add_subparsers())
    args = parser.parse_args(["cuts", *map(str, words)])
    status: int = args.func(args)
    return status


def test_cuts_that_are_found_are_shown(film: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(film) == 0
    assert capsys.readouterr().out.splitlines() == ["       0  00:00:00:00", "       6  00:00:00:06"]


def test_a_project_takes_over_a_list_and_its_notes(
    film: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = tmp_path / "film.remaster"
    with ProjectFile.create(project, film) as file:
        file.edit(edits.with_cuts(file.project, [6]))
    (tmp_path / "a.csv").write_text("first_frame,last_frame,note\n0,6,\n7,9,too red\n10,11,\n")
    assert run(project, "--import", tmp_path / "a.csv", "--dry-run") == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [
        "       7  00:00:00:07  moved 1 frame later",
        "      10  00:00:00:10  added",
        "3 shots; as before: 1, different: 2.",
    ]
    with ProjectFile.open(project, read_only=True) as file:
        assert file.project.cuts == (0, 6)
    for _ in range(2):
        assert run(project, "--import", tmp_path / "a.csv", "--export", tmp_path / "b.csv") == 0
    with ProjectFile.open(project, read_only=True) as file:
        assert file.project.cuts == (0, 7, 10)
        assert file.project.shot_record(7).notes == "too red"
    assert (tmp_path / "b.csv").read_text().splitlines()[2] == "2,7,9,3,00:00:00:07,,too red,"


def test_a_film_without_a_project_is_only_looked_at(film: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("0\n4\n")
    report = {"origin_of_colors": [{"shot": "0:4", "guessed": 0.2}, {"shot": "4:12", "guessed": 0.75}]}
    (tmp_path / "report.json").write_text(json.dumps(report))
    words = ("--export", tmp_path / "b.edl", "--reel", "R7", "--report", tmp_path / "report.json")
    assert run(film, "--import", tmp_path / "a.txt", *words[:2], *words[4:]) == 0
    assert run(film, *words) == 0
    text = (tmp_path / "b.edl").read_text()
    assert "001  R7       V     C        00:00:00:00 00:00:00:06" in text
    assert "* LOC: 00:00:00:04 MAGENTA 75 % of the colour is guessed" in text


def test_what_cannot_be_is_said(film: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(SettingsError, match="is no report of a render"):
        run(film, "--report", tmp_path / "bad.json")
    with pytest.raises(SettingsError, match="There is no report"):
        run(film, "--report", tmp_path / "gone.json")
    with pytest.raises(ListError, match="There is no cut list"):
        run(film, "--import", tmp_path / "gone.edl")


def test_a_render_takes_its_shots_from_a_list(film: Path, tmp_path: Path, weights: Path) -> None:
    from remaster_gui.cli import main

    (tmp_path / "a.csv").write_text("0\n4\n9\n")
    words = [
        "render",
        film,
        "-o",
        tmp_path / "o.mkv",
        "--no-colorization",
        "--luminance",
        "working",
        "--size",
        "64",
    ]
    words += ["--weights", weights, "--device", "cpu", "--preset", "ffv1-10"]
    assert main([*map(str, words), "--cuts", str(tmp_path / "a.csv")]) == 0
    report = json.loads((tmp_path / "o.mkv.report.json").read_text())
    assert report["shots"] == ["0:4", "4:9", "9:12"]
    assert main([*map(str, words), "--by", "source"]) == 2
    assert main([*map(str, words), "--cuts", str(tmp_path / "gone.edl")]) == 2


def test_marks_become_notes_of_the_shots_that_they_are_of(tmp_path: Path) -> None:
    from remaster_gui.cutlists import FilmClock, place, read_cut_list
    from remaster_gui.project.cut_imports import notes_of

    text = (
        "001  A1  V  C      01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n"
        "002  A1  V  D 006  01:00:02:00 01:00:03:00 00:00:01:00 00:00:02:00\n"
        "M2   A1     -024.0  01:00:02:00\n* COMMENT: look\n"
    )
    (tmp_path / "a.edl").write_text(text)
    placed = place(read_cut_list(tmp_path / "a.edl", Fraction(24)), FilmClock(Fraction(24), 48))
    assert placed.cuts == (0, 27)
    assert notes_of(placed) == {
        27: "look\nDissolve of 6 frames from the shot before\n100 % speed, backwards",
    }
