"""Markers go out with cut lists, and come back as they were."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from remaster_gui.cutlists import (
    FilmClock,
    Marker,
    PlacedCuts,
    ShotList,
    listed_shots,
    place,
    read_cut_list,
    write_cut_list,
)
from remaster_gui.project import edits
from remaster_gui.project.cut_imports import markers_of, with_placed
from remaster_gui.project.schema import FilmIdentity, FrameMarker, Project

RATE = Fraction(24)
MARKERS = (
    FrameMarker(0, "Leader", "green"),
    FrameMarker(20, "Coat", "red", "too green\nask again"),
    FrameMarker(47, "", "cyan", "last frame"),
)


@pytest.fixture
def project() -> Project:
    return edits.with_cuts(Project(FilmIdentity(Path("/f.mkv"), 1, "", RATE, 48, 80, 64)), (0, 24))


def test_markers_of_a_list_become_markers(project: Project) -> None:
    placed = PlacedCuts(
        (0, 24), markers=(Marker(20, "look", "pink"), Marker(3, "y" * 300, "white"), Marker(9, ""))
    )
    after = with_placed(edits.with_markers(project, [FrameMarker(20, "own", "red"), FrameMarker(40)]), placed)
    assert after.markers == (
        FrameMarker(3, note="y" * 300),
        FrameMarker(9),
        FrameMarker(20, "look", "magenta"),
        FrameMarker(40),
    )
    assert not after.shot_records, "they are no notes of shots as well"


@pytest.mark.parametrize("suffix", [".edl", ".otio"])
def test_own_markers_come_back_from_a_list_as_they_went(
    project: Project, suffix: str, tmp_path: Path
) -> None:
    before = edits.with_markers(project, MARKERS)
    shots = listed_shots(before.cuts or (), 48, markers=markers_of(before))
    path = tmp_path / f"a{suffix}"
    write_cut_list(path, ShotList("f.mkv", "A", RATE, shots))
    placed = place(read_cut_list(path, RATE), FilmClock(RATE, 48))
    assert with_placed(before, placed) == before, "nothing new is said, so nothing changes"
    there = with_placed(project, placed).markers
    assert [(each.frame, each.color) for each in there] == [(each.frame, each.color) for each in MARKERS]
    assert [each.name for each in there] == ["Leader", "Coat: too green ask again", "last frame"]


def test_a_marker_that_says_something_else_stands_in_place_of_ones_own(project: Project) -> None:
    before = edits.with_markers(project, MARKERS)
    after = with_placed(before, PlacedCuts((0, 24), markers=(Marker(20, "Coat is right", "green"),)))
    assert after.marker(20) == FrameMarker(20, "Coat is right", "green")
    assert after == replace(
        before, markers=(MARKERS[0], FrameMarker(20, "Coat is right", "green"), MARKERS[2])
    )
